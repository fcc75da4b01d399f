"""The export of agreements: amounts and days, without anything that says for whom."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.database import db
from app.exports import Table
from app.files.writing import Cell
from app.parties.viewer import Viewer
from app.values.hours import hours_number
from contracts.agreements.models import Agreement
from contracts.agreements.queries import scope, version_shown
from contracts.agreements.rules import AgreementState

COLUMNS = (
    "reference",
    "package",
    "provider",
    "state",
    "starts_on",
    "ends_on",
    "weekly_hours",
    "unit",
    "price",
    "weekly_cost",
)
ROWS_AT_ONCE = 500


def agreements_table(viewer: Viewer, state: AgreementState | None) -> Table:
    """The agreements that the viewer's own organisation holds, the oldest first."""
    own = scope(viewer) if viewer.is_provider else scope(viewer) & (Agreement.authority_id == viewer.authority_id)
    query = select(Agreement).where(own).options(selectinload(Agreement.versions))
    if state is not None:
        query = query.where(Agreement.state == state)
    ordered = query.order_by(Agreement.contract_from, Agreement.id).execution_options(yield_per=ROWS_AT_ONCE)
    return Table("agreements", COLUMNS, (_row(one) for one in db.session.scalars(ordered)))


def _row(agreement: Agreement) -> list[Cell]:
    version = version_shown(agreement)
    return [
        agreement.reference,
        agreement.package.reference,
        agreement.provider.name,
        agreement.state.value,
        agreement.starts_on.isoformat(),
        agreement.ends_on.isoformat() if agreement.ends_on else "",
        hours_number(version.weekly_minutes),
        version.unit.value,
        _pounds(version.price_pence),
        _pounds(version.weekly_cost_pence),
    ]


def _pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"
