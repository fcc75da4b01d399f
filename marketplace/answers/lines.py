"""What an answer about one package is judged against: plain values, read behind the lock that decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text

from app import clock
from app.audit.services import RowSubject
from app.calendar.deadlines import local_text
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.answers.rules import DEFAULT_DECLINE_REASONS, DeclineReason, ResponseTerms
from marketplace.membership.models import Membership, Pause, Suspension
from marketplace.membership.rules import MEMBER_STATES
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import DeclineCode, Lot
from marketplace.vocabulary import LotUnit


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One package in one offer, as an answer about it is judged. The fields are `_COLUMNS`, in order."""

    id: UUID
    authority_id: UUID
    offer_id: UUID
    provider_id: UUID
    opened_at: datetime | None
    issue_state: OfferState
    issued_at: datetime
    deadline: datetime
    seed: str
    scheme_id: UUID
    lot_id: UUID
    lot_name: str
    unit: LotUnit
    round_state: RoundState
    floor_pence: int
    ceiling_pence: int
    package: str
    planned_start: date
    zone_id: UUID | None

    @property
    def offer(self) -> RowSubject:
        """Its offer, as the audit names it."""
        return RowSubject(self.offer_id, "offer", self.authority_id)


class _Stops(NamedTuple):
    """What may stop a provider from saying yes: no membership, a suspension until that day, a pause."""

    is_member: bool
    suspended_until: date | None
    is_paused: bool


def own_line(viewer: Viewer, offer_id: UUID, line_id: UUID, *, lock: bool) -> LineFacts:
    """One package in an offer of the viewer's own provider; raises NotFoundForViewer. Who answers it locks it."""
    if not viewer.is_provider:
        raise NotFoundForViewer
    query = _facts(lock=lock).join(Provider, Provider.id == Offer.provider_id)
    query = query.where(Provider.organisation_id == viewer.organisation_id)
    lines = _read(query.where(OfferLine.offer_id == offer_id, OfferLine.id == line_id))
    if not lines:
        raise NotFoundForViewer
    return lines[0]


def locked_lines(offer_id: UUID, line_ids: Collection[UUID]) -> list[LineFacts]:
    """These packages of an offer, locked."""
    return _read(_facts(lock=True).where(OfferLine.offer_id == offer_id, OfferLine.id.in_(line_ids)))


def locked_open_lines(offer_id: UUID) -> list[LineFacts]:
    """The packages of an offer that can still be answered, locked; when none can, one that says why."""
    own = OfferLine.offer_id == offer_id
    return (
        _read(_facts(lock=True).where(own, Round.state == RoundState.OPEN)) or _read(_facts(lock=False).where(own))[:1]
    )


def terms_of(line: LineFacts, reasons: tuple[DeclineReason, ...]) -> ResponseTerms:
    """What an answer about this package is judged against: the limits it was offered under, never today's."""
    return ResponseTerms(
        floor_pence=line.floor_pence,
        ceiling_pence=line.ceiling_pence,
        unit=line.unit.value,
        deadline=line.deadline,
        deadline_text=local_text(line.deadline),
        issued_on=line.issued_at.astimezone(clock.LONDON).date(),
        wanted_start=line.planned_start,
        round_state=RoundState.WITHDRAWN if line.issue_state is OfferState.WITHDRAWN else line.round_state,
        decline_reasons=reasons,
    )


def reason_against_yes(line: LineFacts) -> str | None:
    """Why this provider cannot say yes now: no longer a member, suspended, or paused. A no is always taken."""
    stops = _stops(line)
    if not stops.is_member:
        return f"You are no longer a member for {line.lot_name}, so you cannot say yes. You can still decline."
    if (ends := stops.suspended_until) is not None:
        day = f"{ends.day} {ends:%B %Y}"
        return f"You are suspended here until the end of {day}, so you cannot say yes. You can still decline."
    if stops.is_paused:
        return "You have paused new packages here. End the pause to say yes, or decline."
    return None


def decline_reasons(authority_id: UUID) -> tuple[DeclineReason, ...]:
    """The authority's own list of reasons to decline, in its order; the default list where it has none."""
    query = select(DeclineCode.code, DeclineCode.label, DeclineCode.text_required)
    own = query.where(DeclineCode.authority_id == authority_id).order_by(DeclineCode.position, DeclineCode.code)
    return tuple(DeclineReason(*row) for row in db.session.execute(own)) or DEFAULT_DECLINE_REASONS


_COLUMNS: tuple[Any, ...] = (
    *(OfferLine.id, OfferLine.authority_id, OfferLine.offer_id, Offer.provider_id, Offer.opened_at),
    *(Issue.state, Issue.issued_at, Issue.deadline, Issue.seed, Issue.scheme_id, Issue.lot_id),
    *(Lot.name, Lot.unit, Round.state, Round.floor_pence, Round.ceiling_pence),
    *(Package.reference, Package.planned_start, Package.zone_id),
)


def _facts(*, lock: bool) -> Select[Any]:
    """A row of facts per line.

    The issue and the round are locked for sharing: answers do not wait for each other, but closing waits for those
    that have arrived. The offer is locked for this answer alone, so a double click makes one response, and two people
    who answer the same packages in another sequence cannot wait for each other for ever. On SQLite the transaction of
    a writer is alone from its first statement, so what it has read stands.
    """
    query = (
        select(*_COLUMNS)
        .select_from(OfferLine)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(Lot, Lot.id == Issue.lot_id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
    )
    locking = text("FOR SHARE OF issue, round FOR UPDATE OF offer")
    return query.suffix_with(locking, dialect="postgresql") if lock else query


def _read(query: Select[Any]) -> list[LineFacts]:
    """The earliest start first."""
    lines = (LineFacts(*row) for row in db.session.execute(query))
    return sorted(lines, key=lambda line: (line.planned_start, line.package))


def _stops(line: LineFacts) -> _Stops:
    """What stands against a yes today. A suspension ends by itself after its last day."""
    today = clock.today()
    is_member = select(Membership.id).where(
        Membership.lot_id == line.lot_id,
        Membership.provider_id == line.provider_id,
        Membership.state.in_(sorted(MEMBER_STATES)),
    )
    suspended = select(func.max(Suspension.ends_on)).where(
        Suspension.scheme_id == line.scheme_id,
        Suspension.provider_id == line.provider_id,
        or_(Suspension.lot_id.is_(None), Suspension.lot_id == line.lot_id),
        or_(Suspension.zone_id.is_(None), Suspension.zone_id == line.zone_id),
        Suspension.starts_on <= today,
        Suspension.ends_on >= today,
        Suspension.lifted_at.is_(None),
    )
    paused = select(Pause.id).where(
        Pause.scheme_id == line.scheme_id,
        Pause.provider_id == line.provider_id,
        or_(Pause.zone_id.is_(None), Pause.zone_id == line.zone_id),
        Pause.ended_at.is_(None),
    )
    row = db.session.execute(select(is_member.exists(), suspended.scalar_subquery(), paused.exists())).one()
    return _Stops(bool(row[0]), row[1], bool(row[2]))
