"""The export of a provider's own offers and answers, one package a row; nothing of any other provider is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.database import db
from app.exports import ExportTable
from app.files.writing import Cell
from app.parties.viewer import Viewer
from app.values.hours import hours_number
from marketplace.answers.queries import own_offers
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.schemes.models import Lot

COLUMNS = (
    "offer",
    "branch",
    "issued_at",
    "deadline",
    "lot",
    "package",
    "district",
    "weekly_hours",
    "planned_start",
    "answer",
    "state",
    "price",
    "earliest_start",
    "decline_code",
    "submitted_at",
)
ROWS_AT_ONCE = 500


def offers_table(viewer: Viewer) -> ExportTable:
    """Every package that was offered to the viewer's organisation, with its own answer, the oldest first."""
    return ExportTable("offers", COLUMNS, _rows(viewer))


def _rows(viewer: Viewer) -> Iterator[list[Cell]]:
    whole: Any = (
        select(Offer, Provider.name, Lot.name, Package, Response)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(Lot, Lot.id == Issue.lot_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .outerjoin(Response, Response.line_id == OfferLine.id)
    )
    query = own_offers(whole, viewer).order_by(Offer.issued_at, Offer.id, Package.reference)
    for offer, branch, lot, package, response in db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        yield [offer.reference, branch, *_when(offer), lot, *_what(package), *_answer(response)]


def _when(offer: Offer) -> list[Cell]:
    return [offer.issued_at.isoformat(), offer.issue.deadline.isoformat()]


def _what(package: Package) -> list[Cell]:
    return [package.reference, package.outcode, hours_number(package.weekly_minutes), package.planned_start.isoformat()]


def _answer(response: Response | None) -> list[Cell]:
    if response is None:
        return ["", "", "", "", "", ""]
    pence = response.price_pence
    return [
        response.kind.value if response.kind else "",
        response.state.value,
        "" if pence is None else f"{pence // 100}.{pence % 100:02d}",
        _text(response.earliest_start),
        response.decline_code,
        _text(response.submitted_at),
    ]


def _text(moment: Any) -> str:
    return moment.isoformat() if moment else ""
