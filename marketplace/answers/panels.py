"""The provider's work with offers on its home page, offers found by their reference, and what was answered in lists."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import url_for

from app.house import WorkItem
from app.parties.viewer import Viewer
from app.values.words import counted
from marketplace.answers.queries import offer_referred_to, unanswered_offers
from marketplace.answers.views import counts_of_reasons, newest_of_packages
from marketplace.rounds.models import Round


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


def what_was_answered(viewer: Viewer, package_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What was answered in the newest round of each of these packages of the own authority, counted by the reason."""
    if not viewer.is_commissioner or not package_ids:
        return {}
    newest = Round.authority_id == viewer.authority_id, newest_of_packages(package_ids)
    return {key: counts.sentence for key, counts in counts_of_reasons(Round.package_id, *newest).items()}
