"""Batches on the home page, and found by their reference."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from app.house import Panel, WorkItem
from app.pages.context import day_text
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from marketplace.batches.models import Batch
from marketplace.batches.queries import batch_named, work_waiting, work_waiting_count
from marketplace.batches.states import BatchState

WHY = {BatchState.DRAFT: "A draft since {}.", BatchState.SEALED: "Sealed and not offered since {}."}


def panel() -> Panel:
    """Drafts to seal and sealed batches to offer."""
    return Panel("Batches to seal or offer", "batches:write", work_waiting_count, _items)


def find(viewer: Viewer, text: str) -> str | None:
    """The address of the batch with this reference, if the viewer may see it."""
    try:
        batch_id = batch_named(viewer, parse_reference(text, "BAT"))
    except ValueError:
        return None
    return url_for("batches.show", batch_id=batch_id) if batch_id else None


def _items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    return [_item(batch) for batch in work_waiting(viewer, limit)]


def _item(batch: Batch) -> WorkItem:
    verb = "Offer" if batch.state is BatchState.SEALED else "Check and seal"
    return WorkItem(
        sentence=f"{verb} {batch.reference}: {batch.title}",
        why=WHY[batch.state].format(day_text(batch.sealed_at or batch.created_at)),
        due=None,
        url=url_for("batches.show", batch_id=batch.id),
    )
