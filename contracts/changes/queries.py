"""Questions about changes, asked on behalf of a viewer: those of the agreements that the viewer may read."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select

from app.api.shell import Given
from app.database import db
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from contracts.agreements.models import Agreement
from contracts.agreements.queries import reads_why, scope
from contracts.changes.models import AgreementChange
from contracts.changes.rules import AskedBy, Cause, ChangeKind, ChangeState

AS_STORED = ("id", "agreement_id", "kind", "state", "on", "ends_on", "hold_until", "cause", "asked_by", "made_at")


class ChangeOut(Given):
    """A change. What was typed is null for those who may not know the person."""

    id: UUID
    agreement_id: UUID
    agreement: str
    kind: ChangeKind
    state: ChangeState
    on: date
    ends_on: date | None
    hold_until: date | None
    cause: Cause
    asked_by: AskedBy
    made_at: datetime
    successor_id: UUID | None
    successor: str | None
    reason: str | None
    decision_note: str | None


def line_of(viewer: Viewer, change: AgreementChange) -> ChangeOut:
    """The change as this viewer may read it; the market of a successor is nothing to the provider."""
    told, successor = reads_why(viewer, change.agreement), None if viewer.is_provider else change.successor
    return ChangeOut(
        **{name: getattr(change, name) for name in AS_STORED},
        agreement=change.agreement.reference,
        successor_id=successor.id if successor else None,
        successor=successor.reference if successor else None,
        reason=change.reason if told else None,
        decision_note=change.decision_note if told else None,
    )


def changes_of(viewer: Viewer, agreement: Agreement) -> list[ChangeOut]:
    """What has been changed in an agreement that the viewer reads, the newest first."""
    query = select(AgreementChange).where(AgreementChange.agreement_id == agreement.id)
    ordered = db.session.scalars(query.order_by(AgreementChange.made_at.desc(), AgreementChange.id)).unique()
    return [line_of(viewer, change) for change in ordered]


def change_for(viewer: Viewer, change_id: UUID) -> AgreementChange:
    """One change of an agreement that the viewer may read; raises NotFoundForViewer."""
    query = changes_in(viewer).where(AgreementChange.id == change_id)
    change = db.session.scalars(query).unique().one_or_none()
    if change is None:
        raise NotFoundForViewer
    return change


def changes_page(viewer: Viewer, state: ChangeState | None, *, number: int | None = None) -> Page[AgreementChange]:
    """The changes that the viewer may read, those in one state or all; page `number`, or the address's."""
    return paged(changes_in(viewer, state), number=number)


def to_decide(viewer: Viewer) -> Select[AgreementChange]:
    """What providers have asked for and nobody has decided."""
    return changes_in(viewer, ChangeState.ASKED)


def changes_in(viewer: Viewer, state: ChangeState | None = None) -> Select[AgreementChange]:
    """The changes that the viewer may read, the earliest day first; those in one state, or all."""
    query = select(AgreementChange).join(Agreement, Agreement.id == AgreementChange.agreement_id).where(scope(viewer))
    chosen = query if state is None else query.where(AgreementChange.state == state)
    return chosen.order_by(AgreementChange.on, AgreementChange.id)
