"""What the slice `schemes` brings to the house."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from flask import url_for

from app import clock
from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Panel, Slice, WorkItem
from app.parties.roles import COMMISSIONER_ROLES, PROVIDER_ROLES, Role
from app.parties.viewer import Viewer
from marketplace.schemes import api, models, routes, steps
from marketplace.schemes.commands import import_scheme_command
from marketplace.schemes.importing import SCHEME_FILE
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import schemes_of
from marketplace.schemes.regime_rules import LAST_AWARD_DAY, end_warning

# Administrators look after users and settings: what a scheme pays and weighs is no business of theirs.
READERS = (*(COMMISSIONER_ROLES - {Role.ADMINISTRATOR}), *PROVIDER_ROLES)
TAGS = (
    Tag("scheme:created", "The scheme was set up", council=("name", "regime"), provider=("name",)),
    Tag("scheme:policy_added", "A new policy was entered", council=("valid_from", "changes"), provider=("valid_from",)),
    Tag(
        "scheme:policy_replaced",
        "A policy that had not begun was replaced",
        council=("valid_from", "changes"),
        provider=("valid_from",),
    ),
    Tag("scheme:lot_added", "A lot was added", council=("lot", "unit"), provider=("lot", "unit")),
    Tag(
        "scheme:price_entered",
        "A floor and ceiling were entered",
        council=("lot", "zone", "band", "floor", "ceiling", "valid_from"),
        provider=("lot", "zone", "band", "floor", "ceiling", "valid_from"),
    ),
    Tag(
        "scheme:zone_changed", "The areas of a zone were set", council=("zone", "added", "removed"), provider=("zone",)
    ),
    Tag("scheme:corrected", "The scheme was corrected before it began", council=("regime", "established_on", "was")),
    Tag(
        "scheme:end_changed", "The end of the scheme was changed", council=("ends_on", "before"), provider=("ends_on",)
    ),
    Tag("scheme:icb_changed", "The default ICB was set", council=("icb",)),
    Tag("scheme:decline_reasons_listed", "The list of reasons for declining was begun", council=("reasons",)),
)


def _count_warned(viewer: Viewer) -> int:
    return len(_warned(viewer))


def _warnings(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    due = datetime.combine(LAST_AWARD_DAY, time(23, 59), clock.LONDON).astimezone(UTC)
    return [
        WorkItem(f"Plan what follows {scheme.name}", warning, due, url_for("schemes.show", scheme_id=scheme.id), "Read")
        for scheme, warning in _warned(viewer)[:limit]
    ]


def _warned(viewer: Viewer) -> list[tuple[Scheme, str]]:
    today = clock.today()
    schemes = schemes_of(viewer.authority_id)
    return [(scheme, warning) for scheme in schemes if (warning := end_warning(scheme.regime, today))]


NEAR_THEIR_END = Panel("Schemes that near their end", "schemes:manage", _count_warned, _warnings)

SCHEMES = Slice(
    name="schemes",
    models=models,
    permissions=(
        Permission("schemes:read", "Reading schemes", READERS),
        Permission("schemes:manage", "Setting up and changing schemes", (Role.CONTRACT_MANAGER,)),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Schemes", "schemes.index", "schemes:read"),),
    panels=(NEAR_THEIR_END,),
    task_kinds=(SCHEME_FILE.task_kind,),
    commands=(import_scheme_command,),
)
