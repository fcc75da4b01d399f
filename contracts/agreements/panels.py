"""What agreements add to people's work lists, and agreements found by their reference."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from flask import url_for
from sqlalchemy import select

from app.calendar.deadlines import parse_local
from app.database import db
from app.house import Panel, WorkItem
from app.parties.viewer import Viewer
from app.values.days import date_text
from contracts.agreements.models import Agreement
from contracts.agreements.queries import agreement_with_reference, count_of, starting_soon, starts_not_confirmed


def _count_soon(viewer: Viewer) -> int:
    return count_of(starting_soon(viewer)) if viewer.is_provider else 0


def _items_soon(viewer: Viewer, most: int) -> Sequence[WorkItem]:
    if not viewer.is_provider:
        return []
    return [
        WorkItem(
            f"Care under {agreement.reference} begins on {date_text(agreement.starts_on)}",
            f"Package {agreement.package.reference} was awarded to you.",
            _morning(agreement),
            url_for("agreements.show", agreement_id=agreement.id),
            "Prepare",
        )
        for agreement in db.session.scalars(starting_soon(viewer).limit(most)).unique()
    ]


def _count_unconfirmed(viewer: Viewer) -> int:
    return count_of(starts_not_confirmed(viewer))


def _items_unconfirmed(viewer: Viewer, most: int) -> Sequence[WorkItem]:
    return [
        WorkItem(
            f"Ask whether package {agreement.package.reference} is still needed",
            f"Care under {agreement.reference} begins on {date_text(agreement.starts_on)}; nobody has confirmed since the award.",
            _morning(agreement) - timedelta(days=1),
            url_for("agreements.show", agreement_id=agreement.id),
            "Confirm",
        )
        for agreement in db.session.scalars(starts_not_confirmed(viewer).limit(most)).unique()
    ]


def _morning(agreement: Agreement) -> datetime:
    return parse_local(agreement.starts_on, time(7))


STARTING_SOON = Panel("Care that begins soon", "agreements:read", _count_soon, _items_soon)
"""For providers: care that begins soon."""
STARTS_TO_CONFIRM = Panel("Starts to confirm", "agreements:watch-starts", _count_unconfirmed, _items_unconfirmed)
"""For navigators and brokers: starts of this week that nobody has confirmed."""


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the agreement with this reference."""
    agreement_id = agreement_with_reference(viewer, text)
    return url_for("agreements.show", agreement_id=agreement_id) if agreement_id else None


def agreement_url(_viewer: Viewer, package_id: UUID) -> str | None:
    """The page of the newest agreement about a package."""
    newest = select(Agreement.id).where(Agreement.package_id == package_id).order_by(Agreement.contract_from.desc())
    agreement_id = db.session.scalar(newest.limit(1))
    return url_for("agreements.show", agreement_id=agreement_id) if agreement_id else None
