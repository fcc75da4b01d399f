"""What an answer about one package is judged against: plain values, read behind the lock that decides."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, or_, select, text

from app import clock
from app.audit.services import RowSubject
from app.calendar.deadlines import local_text
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.answers.rules import DeclineReason, ResponseTerms
from marketplace.membership.models import Membership, Pause, Suspension
from marketplace.membership.rules import MEMBER_STATES
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import DeclineCode, Lot
from marketplace.vocabulary import LotUnit


class LineFacts(NamedTuple):
    """One package in one offer, as an answer about it is judged. The fields are the columns of `_all_lines`, in order.

    Whether it is answered is known as it stood before the lock. The last three may stop a provider from saying yes: no
    membership, a suspension until that day, a pause.
    """

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
    is_answered: bool
    is_member: bool
    suspended_until: date | None
    is_paused: bool

    @property
    def offer(self) -> RowSubject:
        """Its offer, as the audit names it."""
        return RowSubject(self.offer_id, "offer", self.authority_id)


def own_line(viewer: Viewer, offer_id: UUID, line_id: UUID, *, lock: bool) -> LineFacts:
    """One package in an offer of the viewer's own provider; raises NotFoundForViewer. Who answers it locks it."""
    if not viewer.is_provider:
        raise NotFoundForViewer
    ids = {"offer_id": offer_id, "line_id": line_id, "organisation_id": viewer.organisation_id}
    query = _OWN_LOCKED if lock else _OWN
    row = db.session.connection().execute(query, ids | {"today": clock.today()}).one_or_none()
    if row is None:
        raise NotFoundForViewer
    return LineFacts._make(row)


def locked_lines(offer_ids: Collection[UUID], line_ids: Collection[UUID]) -> list[LineFacts]:
    """These packages of these offers, locked."""
    return _read(_SOME_LOCKED, {"offer_ids": list(offer_ids), "line_ids": list(line_ids)})


def locked_open_lines(offer_id: UUID) -> list[LineFacts]:
    """The packages of an offer that can still be answered, locked; when none can, one that says why."""
    return _read(_OPEN_LOCKED, {"offer_id": offer_id}) or _read(_ALL, {"offer_id": offer_id})[:1]


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
    if not line.is_member:
        return f"You are no longer a member for {line.lot_name}, so you cannot say yes. You can still decline."
    if (ends := line.suspended_until) is not None:
        day = f"{ends.day} {ends:%B %Y}"
        return f"You are suspended here until the end of {day}, so you cannot say yes. You can still decline."
    if line.is_paused:
        return "You have paused new packages here. End the pause to say yes, or decline."
    return None


def decline_reasons(authority_id: UUID) -> tuple[DeclineReason, ...]:
    """The authority's own list of reasons to decline, in its order."""
    rows = db.session.connection().execute(_DECLINE_REASONS, {"authority_id": authority_id})
    return tuple(DeclineReason(*row) for row in rows)


def _read(query: Select[Any], parameters: dict[str, Any]) -> list[LineFacts]:
    """The earliest start first."""
    rows = db.session.connection().execute(query, parameters | {"today": clock.today()})
    return sorted(map(LineFacts._make, rows), key=lambda line: (line.planned_start, line.package))


# The questions are made once and asked with every answer: to make one costs as much as to answer it.


def _all_lines() -> Select[Any]:
    """A row of facts per line of an offer."""
    line, offer, issue = OfferLine.__table__.c, Offer.__table__.c, Issue.__table__.c
    round_, package, lot = Round.__table__.c, Package.__table__.c, Lot.__table__.c
    response = Response.__table__.c
    return (
        select(
            *(line.id, line.authority_id, line.offer_id, offer.provider_id, offer.opened_at),
            *(issue.state, issue.issued_at, issue.deadline, issue.seed, issue.scheme_id, issue.lot_id),
            *(lot.name, lot.unit, round_.state, round_.floor_pence, round_.ceiling_pence),
            *(package.reference, package.planned_start, package.zone_id),
            select(response.id).where(response.line_id == line.id).exists(),
            *_what_stops(issue.lot_id, issue.scheme_id, package.zone_id, offer.provider_id),
        )
        .select_from(OfferLine.__table__)
        .join(Offer.__table__, offer.id == line.offer_id)
        .join(Issue.__table__, issue.id == offer.issue_id)
        .join(Lot.__table__, lot.id == issue.lot_id)
        .join(Round.__table__, round_.id == line.round_id)
        .join(Package.__table__, package.id == round_.package_id)
    )


def _locked(query: Select[Any]) -> Select[Any]:
    """The issue and the round are locked for sharing, the offer for this answer alone.

    Answers do not wait for each other, but closing waits for those that have arrived. A double click makes one response,
    and two people who answer the same packages in another sequence cannot wait for each other for ever. On SQLite the
    transaction of a writer is alone from its first statement, so what it has read stands.
    """
    return query.suffix_with(text("FOR SHARE OF issue, round FOR UPDATE OF offer"), dialect="postgresql")


def _what_stops(lot: Any, scheme: Any, zone: Any, provider: Any) -> tuple[ColumnElement[Any], ...]:
    """Whether a provider is a member, until when it is suspended, whether it has paused.

    A suspension ends by itself after its last day.
    """
    member, suspension, pause = Membership.__table__.c, Suspension.__table__.c, Pause.__table__.c
    today = bindparam("today", type_=Date())
    is_member = select(member.id).where(
        member.lot_id == lot, member.provider_id == provider, member.state.in_(sorted(MEMBER_STATES))
    )
    suspended = select(func.max(suspension.ends_on)).where(
        suspension.scheme_id == scheme,
        suspension.provider_id == provider,
        or_(suspension.lot_id.is_(None), suspension.lot_id == lot),
        or_(suspension.zone_id.is_(None), suspension.zone_id == zone),
        suspension.starts_on <= today,
        suspension.ends_on >= today,
        suspension.lifted_at.is_(None),
    )
    paused = select(pause.id).where(
        pause.scheme_id == scheme,
        pause.provider_id == provider,
        or_(pause.zone_id.is_(None), pause.zone_id == zone),
        pause.ended_at.is_(None),
    )
    return is_member.exists(), suspended.scalar_subquery(), paused.exists()


_LINE, _PROVIDER = OfferLine.__table__.c, Provider.__table__.c
_LINES = _all_lines()
_ALL = _LINES.where(_LINE.offer_id == bindparam("offer_id"))
_OPEN_LOCKED = _locked(_ALL.where(Round.__table__.c.state == RoundState.OPEN))
_SOME = _LINES.where(_LINE.offer_id.in_(bindparam("offer_ids", expanding=True)))
_SOME_LOCKED = _locked(_SOME.where(_LINE.id.in_(bindparam("line_ids", expanding=True))).order_by(_LINE.offer_id))
_OWN = (
    _ALL.join(Provider.__table__, _PROVIDER.id == Offer.__table__.c.provider_id)
    .where(_LINE.id == bindparam("line_id"))
    .where(_PROVIDER.organisation_id == bindparam("organisation_id"))
)
_OWN_LOCKED = _locked(_OWN)
_DECLINE_REASONS = (
    select(DeclineCode.code, DeclineCode.label, DeclineCode.text_required)
    .where(DeclineCode.authority_id == bindparam("authority_id"))
    .order_by(DeclineCode.position, DeclineCode.code)
)
