"""What the slice `changes` brings to the house."""

from __future__ import annotations

from datetime import time

from flask import url_for

from app.audit import Tag
from app.auth import Permission
from app.calendar.deadlines import parse_local
from app.house import NavigationItem, PageSection, Slice, TimedJob, WorkItem, panel_of
from app.parties.roles import PROVIDER_ROLES, Role
from contracts.agreements.queries import READERS
from contracts.changes import api, models, queries, routes, steps
from contracts.changes.jobs import let_go_of_places, take_effect_due
from contracts.changes.letters import LETTERS
from contracts.changes.models import AgreementChange

PROVIDERS = tuple(sorted(PROVIDER_ROLES))
COMMISSIONERS = (Role.NAVIGATOR, Role.BROKER, Role.SOCIAL_WORKER, Role.HEALTH_ASSESSOR)
BOTH_SIDES = (*COMMISSIONERS, *PROVIDERS)
FACTS = ("kind", "on", "cause")

TAGS = (
    Tag("change:asked", "The provider asked for a change", council=FACTS, provider=(*FACTS, "reason")),
    Tag("change:agreed", "A change was agreed", council=FACTS, provider=(*FACTS, "reason"), person=("kind", "on")),
    Tag("change:refused", "The change was refused", council=(), provider=("reason",)),
    Tag("change:taken_back", "The change was taken back", council=(), provider=("reason",), person=()),
    Tag("change:done", "The change took effect", council=(), provider=(), person=()),
)


def _work_item(change: AgreementChange) -> WorkItem:
    return WorkItem(
        f"{change.kind.label}: {change.agreement.provider.name} asks for it under {change.agreement.reference}",
        "A provider waits for your answer.",
        parse_local(change.on, time(9)),
        url_for("changes.show", change_id=change.id),
        "Decide",
    )


CHANGES = Slice(
    name="changes",
    models=models,
    permissions=(
        Permission("changes:read", "Reading changes of agreements", READERS),
        Permission("changes:want", "Ending, suspending and resuming agreements; a provider asks", BOTH_SIDES),
        Permission("changes:hand-back", "Handing a package back", (Role.BROKER, *PROVIDERS)),
        Permission(
            "changes:decide", "Deciding on changes that others asked for, and moving a first day", COMMISSIONERS
        ),
    ),
    tags=TAGS,
    letters=LETTERS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Changes", "changes.show_list", "changes:read"),),
    panels=(panel_of("Changes to decide", "changes:decide", queries.to_decide, _work_item),),
    page_sections=(PageSection("agreement", routes.section),),
    jobs=(
        TimedJob("take effect", "Agreed changes take effect on their day", take_effect_due, every=600),
        TimedJob("let go of places", "Held places are let go after their last day", let_go_of_places, daily_at="03:20"),
    ),
)
