"""The export of a provider's own offers and answers, one package a row; nothing of any other provider is in it."""

from __future__ import annotations

from collections.abc import Iterator

from app.database import db
from app.exports import ExportTable
from app.files.writing import Cell
from app.parties.viewer import Viewer
from app.values.hours import hours_number
from marketplace.answers.queries import offers_of
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Offer, OfferLine, Response, Round
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
    query = (
        offers_of(viewer, Offer, Provider.name, Lot.name, Package, Response)
        .join(Offer.lines)
        .join(OfferLine.round)
        .join(Round.package)
        .outerjoin(OfferLine.response)
        .order_by(Offer.issued_at, Offer.id, Package.reference)
    )
    for offer, branch, lot, package, response in db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        when = [offer.issued_at.isoformat(), offer.issue.deadline.isoformat()]
        start, hours = package.planned_start.isoformat(), hours_number(package.weekly_minutes)
        what = [package.reference, package.outcode, hours, start]
        yield [offer.reference, branch, *when, lot, *what, *_answer(response)]


def _answer(response: Response | None) -> list[Cell]:
    if response is None:
        return [""] * 6
    pence = response.price_pence
    return [
        response.kind.value if response.kind else "",
        response.state.value,
        "" if pence is None else f"{pence // 100}.{pence % 100:02d}",
        response.earliest_start.isoformat() if response.earliest_start else "",
        response.decline_code,
        response.submitted_at.isoformat() if response.submitted_at else "",
    ]
