"""Questions about awards outside the system, on behalf of a viewer of the council; and the share of awards on the system."""

from collections.abc import Sequence
from datetime import date, time
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from app import clock
from app.calendar.deadlines import parse_local
from app.database import db, only_one
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardState
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import OutsideState, SystemShare, reasons_for_clearance
from contracts.agreements.models import Agreement
from marketplace.applications.rules import GateResult, gate
from marketplace.membership.queries import known_providers, overrides_on, suspensions_on
from marketplace.providers.known import known_to
from marketplace.providers.models import Provider
from marketplace.schemes.queries import policy_on
from marketplace.vocabulary import Rating

MONTHS = 12


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Those of the viewer's own authority."""
    return OutsideAward.authority_id == viewer.authority_id


def outside_award_for(viewer: Viewer, award_id: UUID) -> OutsideAward:
    """One of the viewer's authority; raises NotFoundForViewer."""
    return only_one(select(OutsideAward).where(OutsideAward.id == award_id, scope(viewer)))


def outside_page(viewer: Viewer, *, number: int | None = None) -> Page[OutsideAward]:
    """Those of the authority, newest first; page `number`, or the address's."""
    query = select(OutsideAward).where(scope(viewer))
    return paged(query.order_by(OutsideAward.asked_at.desc(), OutsideAward.id), number=number)


def to_second(viewer: Viewer) -> Select[OutsideAward]:
    """What colleagues asked for and waits for a second person."""
    return _waiting(viewer, OutsideState.ASKED)


def to_clear(viewer: Viewer) -> Select[OutsideAward]:
    """What waits for a contract manager who neither asked for it nor agreed as the second person."""
    return _waiting(viewer, OutsideState.SECONDED).where(OutsideAward.seconded_by != viewer.user_id)


def _waiting(viewer: Viewer, state: OutsideState) -> Select[OutsideAward]:
    others = OutsideAward.state == state, OutsideAward.asked_by != viewer.user_id
    return select(OutsideAward).where(scope(viewer), *others).order_by(OutsideAward.asked_at, OutsideAward.id)


def agreement_of(award: OutsideAward) -> Agreement | None:
    """The agreement that it made, if it was made."""
    return db.session.scalars(select(Agreement).where(Agreement.award_id == award.id)).unique().one_or_none()


def sellers_known_to(viewer: Viewer) -> Select[Any]:
    """The providers from which a council chooses: those of its schemes, and those it has bought from before."""
    bought = select(OutsideAward.provider_id).where(scope(viewer), OutsideAward.provider_id.is_not(None))
    of_schemes = known_providers(viewer.authority_id).with_only_columns(Provider.id).order_by(None)
    either = or_(Provider.id.in_(of_schemes), Provider.id.in_(bought))
    return select(Provider).where(either).order_by(Provider.name_key, Provider.id)


def standing_of(award: OutsideAward) -> tuple[str, ...]:
    """Why a contract manager must decide too: what the scheme's gate, suspensions and CQC's list say of the provider today."""
    package, provider, today = award.package, award.provider, clock.today()
    policy = policy_on(package.scheme_id, today)
    known = known_to(award.authority_id, [provider])[provider.id] if provider else None
    answer = gate(known.rating if known else Rating.UNRATED, policy.min_cqc_rating, policy.unrated_policy)
    ids = [provider.id] if provider else []
    overridden = provider is not None and provider.id in overrides_on(package.scheme_id, today, ids)
    stopped = [
        suspension.ends_on
        for suspension in (suspensions_on(package.scheme_id, today, ids) if ids else [])
        if suspension.lot_id in {None, package.lot_id} and suspension.zone_id in {None, package.zone_id}
    ]
    passes = answer.result is GateResult.PASS or overridden
    vanished = known is not None and known.vanished_at is not None
    return reasons_for_clearance(None if passes else answer.reason, max(stopped, default=None), vanished)


def shares_by_month(viewer: Viewer) -> list[SystemShare]:
    """The last twelve months, this one included and the earliest first: awards that stand, by the month they were made in."""
    firsts = _firsts(clock.today())
    on_system = _counted(Award.awarded_at, firsts, Award.authority_id == viewer.authority_id, _STANDS)
    outside = _counted(OutsideAward.awarded_at, firsts, scope(viewer), OutsideAward.state == OutsideState.AWARDED)
    return [SystemShare(*month) for month in zip(firsts, on_system, outside, strict=False)]


_STANDS = Award.state == AwardState.AWARDED


def _firsts(today: date) -> list[date]:
    """The first days of the months, and of the month after them."""
    last = today.year * 12 + today.month
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - MONTHS, last + 1)]


def _counted(at: Any, firsts: Sequence[date], *which: ColumnElement[bool]) -> Sequence[int]:
    instants = [parse_local(first, time(0)) for first in firsts]
    months = [(at >= begin) & (at < end) for begin, end in pairwise(instants)]
    return tuple(db.session.execute(select(*(func.count().filter(month) for month in months)).where(*which)).one())


def of_agreement(viewer: Viewer, agreement_id: UUID) -> Select[UUID]:
    """The id of the award outside the system on which an agreement of the authority rests."""
    query = select(OutsideAward.id).join(Agreement, Agreement.award_id == OutsideAward.id)
    return query.where(Agreement.id == agreement_id, scope(viewer))
