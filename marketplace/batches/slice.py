"""What the slice `batches` brings to the house."""

from __future__ import annotations

from flask import url_for

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice, WorkItem, panel_of
from app.pages.context import day_text
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from marketplace.batches import api, models, queries, routes, steps
from marketplace.batches.models import Batch
from marketplace.batches.proposing import PROPOSAL
from marketplace.batches.rules import BatchState

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)
WRITERS = (Role.NAVIGATOR, Role.BROKER)

TAGS = (
    Tag("batch:proposed", "Batches were proposed", council=("batches", "packages", "left_out", "sources")),
    Tag("batch:drafted", "The batch was drafted", council=("packages", "title")),
    Tag("batch:package_added", "A package was added", council=("package",)),
    Tag("batch:package_lifted", "A package was lifted out", council=("package",)),
    Tag("batch:start_given", "A new earliest start was given to packages of it", council=("packages", "becomes")),
    Tag("batch:package_left", "A package left the batch because its own state changed", council=("package",)),
    Tag("batch:merged", "Another batch was merged into this one", council=("merged", "packages")),
    Tag("batch:split", "Packages were split off into a batch of their own", council=("into", "packages")),
    Tag("batch:sealed", "The batch was sealed", council=("packages", "weekly_minutes")),
    Tag("batch:unsealed", "The batch was unsealed", council=()),
    Tag("batch:discarded", "The batch was discarded and its packages released", council=("packages",)),
    Tag("batch:offered", "The batch was offered to providers", council=("packages",)),
    Tag("batch:package_settled", "A package's offer came to its end", council=("package", "status")),
    Tag("batch:settled", "The batch was settled", council=()),
)


def _work_item(batch: Batch) -> WorkItem:
    sealed = batch.state is BatchState.SEALED
    since = day_text(batch.sealed_at or batch.created_at)
    return WorkItem(
        sentence=f"{'Offer' if sealed else 'Check and seal'} {batch.reference}: {batch.title}",
        why=f"Sealed and not offered since {since}." if sealed else f"A draft since {since}.",
        due=None,
        url=url_for("batches.show", batch_id=batch.id),
    )


def _find(viewer: Viewer, text: str) -> str | None:
    """The address of the batch with this reference, if the viewer may see it."""
    reference = parse_reference(text, "BAT")
    batch_id = queries.batch_named(viewer, reference) if reference else None
    return url_for("batches.show", batch_id=batch_id) if batch_id else None


BATCHES = Slice(
    name="batches",
    models=models,
    permissions=(
        Permission("batches:read", "Reading batches", READERS),
        Permission("batches:write", "Proposing, changing and sealing batches", WRITERS),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Batches", "batches.index", "batches:read"),),
    panels=(panel_of("Batches to seal or offer", "batches:write", queries.to_seal_or_offer, _work_item),),
    finders=(_find,),
    task_kinds=(PROPOSAL,),
)
