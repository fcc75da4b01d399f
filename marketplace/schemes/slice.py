"""What the slice `schemes` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice
from app.parties.roles import COMMISSIONER_ROLES, PROVIDER_ROLES, Role
from marketplace.schemes import api, models, panels, routes, steps
from marketplace.schemes.commands import import_scheme_command
from marketplace.schemes.services import SCHEME_FILE

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
    Tag(
        "scheme:end_changed", "The end of the scheme was changed", council=("ends_on", "before"), provider=("ends_on",)
    ),
    Tag("scheme:icb_changed", "The default ICB was set", council=("icb",)),
    Tag("scheme:decline_reasons_listed", "The list of reasons for declining was begun", council=("reasons",)),
)

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
    panels=(panels.panel(),),
    task_kinds=(SCHEME_FILE.task_kind,),
    commands=(import_scheme_command,),
)
