"""The provider's work with offers on its home page, and offers found by their reference."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from app.house import WorkItem
from app.parties.viewer import Viewer
from app.values.words import counted
from marketplace.answers.queries import offer_referred_to, unanswered_offers


def unanswered(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """One item per open offer with a package that waits."""
    return [
        WorkItem(
            sentence=f"Offer {row.reference}: {row.lot}, {counted(row.packages, 'package')}",
            why=f"{row.answered} of {row.packages} answered. At the deadline it is too late.",
            due=row.deadline,
            url=url_for("provider_offers.show", offer_id=row.id),
            action="Answer",
        )
        for row in unanswered_offers(viewer, limit)
    ]


def find(viewer: Viewer, text: str) -> str | None:
    """OFF-… of the viewer's own provider; others look like none."""
    if not viewer.is_provider or not text.upper().startswith("OFF-"):
        return None
    found = offer_referred_to(viewer, text)
    return url_for("provider_offers.show", offer_id=found) if found else None
