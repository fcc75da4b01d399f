"""The terms an answer is judged by: what was frozen with the offer, and what stops this provider from saying yes now."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from marketplace.offers.models import OfferLine
from marketplace.offers.response_rules import DEFAULT_DECLINE_REASONS, DeclineReason, ResponseTerms
from marketplace.offers.rules import OfferState, RoundState
from marketplace.schemes.queries import decline_codes
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Membership, Pause, Suspension


def decline_reasons(authority_id: UUID) -> tuple[DeclineReason, ...]:
    """The authority's own list of reasons to decline, in its order; the default list where it has none."""
    own = tuple(DeclineReason(row.code, row.label, row.text_required) for row in decline_codes(authority_id))
    return own or DEFAULT_DECLINE_REASONS


def terms_of(line: OfferLine, reasons: tuple[DeclineReason, ...]) -> ResponseTerms:
    """What an answer about this package is judged against: the limits it was offered under, never today's."""
    one, issue = line.round, line.offer.issue
    return ResponseTerms(
        floor_pence=one.floor_pence,
        ceiling_pence=one.ceiling_pence,
        unit=issue.lot.unit.value,
        deadline=issue.deadline,
        deadline_text=local_text(issue.deadline),
        issued_on=issue.issued_at.astimezone(clock.LONDON).date(),
        wanted_start=one.package.planned_start,
        round_state=RoundState.WITHDRAWN if issue.state is OfferState.WITHDRAWN else one.state,
        decline_reasons=reasons,
    )


def reason_against_yes(line: OfferLine) -> str | None:
    """Why this provider cannot say yes now: no longer a member, suspended, or paused. A no is always taken."""
    issue, provider_id = line.offer.issue, line.offer.provider_id
    zone_id = line.round.package.zone_id
    if not _is_member(issue.lot_id, provider_id):
        return f"You are no longer a member for {issue.lot.name}, so you cannot say yes. You can still decline."
    if stop := _suspension(issue.scheme_id, issue.lot_id, zone_id, provider_id):
        ends = f"{stop.ends_on.day} {stop.ends_on:%B %Y}"
        return f"You are suspended here until the end of {ends}, so you cannot say yes. You can still decline."
    if _is_paused(issue.scheme_id, zone_id, provider_id):
        return "You have paused new packages here. End the pause to say yes, or decline."
    return None


def _is_member(lot_id: UUID, provider_id: UUID) -> bool:
    query = select(Membership.id).where(
        Membership.lot_id == lot_id, Membership.provider_id == provider_id, Membership.state.in_(MEMBER_STATES)
    )
    return db.session.scalars(query).one_or_none() is not None


def _suspension(scheme_id: UUID, lot_id: UUID, zone_id: UUID | None, provider_id: UUID) -> Suspension | None:
    """The suspension that reaches this lot and zone today; it ends by itself after its last day."""
    today = clock.today()
    query = select(Suspension).where(
        Suspension.scheme_id == scheme_id,
        Suspension.provider_id == provider_id,
        or_(Suspension.lot_id.is_(None), Suspension.lot_id == lot_id),
        or_(Suspension.zone_id.is_(None), Suspension.zone_id == zone_id),
        Suspension.starts_on <= today,
        Suspension.ends_on >= today,
        Suspension.lifted_at.is_(None),
    )
    return db.session.scalars(query.order_by(Suspension.ends_on.desc()).limit(1)).one_or_none()


def _is_paused(scheme_id: UUID, zone_id: UUID | None, provider_id: UUID) -> bool:
    query = select(Pause.id).where(
        Pause.scheme_id == scheme_id,
        Pause.provider_id == provider_id,
        or_(Pause.zone_id.is_(None), Pause.zone_id == zone_id),
        Pause.ended_at.is_(None),
    )
    return db.session.scalars(query.limit(1)).one_or_none() is not None
