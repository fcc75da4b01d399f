"""The terms an answer is judged by: what was frozen with the offer, and what stops this provider from saying yes now."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BindParameter, Date, Select, Uuid, bindparam, func, or_, select

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from marketplace.offers.models import OfferLine
from marketplace.offers.response_rules import DEFAULT_DECLINE_REASONS, DeclineReason, ResponseTerms
from marketplace.offers.rules import OfferState, RoundState
from marketplace.schemes.models import DeclineCode
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Membership, Pause, Suspension


def decline_reasons(authority_id: UUID) -> tuple[DeclineReason, ...]:
    """The authority's own list of reasons to decline, in its order; the default list where it has none."""
    rows = db.session.execute(_DECLINE_REASONS, {"authority_id": authority_id})
    return tuple(DeclineReason(*row) for row in rows) or DEFAULT_DECLINE_REASONS


_DECLINE_REASONS = (
    select(DeclineCode.code, DeclineCode.label, DeclineCode.text_required)
    .where(DeclineCode.authority_id == bindparam("authority_id"))
    .order_by(DeclineCode.position, DeclineCode.code)
)


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
    issue = line.offer.issue
    asked = {
        "lot": issue.lot_id,
        "scheme": issue.scheme_id,
        "zone": line.round.package.zone_id,
        "provider": line.offer.provider_id,
        "today": clock.today(),
    }
    is_member, ends, is_paused = db.session.execute(_STANDING, asked).one()
    if not is_member:
        return f"You are no longer a member for {issue.lot.name}, so you cannot say yes. You can still decline."
    if ends is not None:
        day = f"{ends.day} {ends:%B %Y}"
        return f"You are suspended here until the end of {day}, so you cannot say yes. You can still decline."
    if is_paused:
        return "You have paused new packages here. End the pause to say yes, or decline."
    return None


def _of(name: str) -> BindParameter[UUID]:
    return bindparam(name, type_=Uuid())


def _standing() -> Select[bool, date | None, bool]:
    """Whether the provider is a member, until when a suspension reaches this lot and zone today, whether it has paused.

    A suspension ends by itself after its last day.
    """
    lot, scheme, zone, provider, today = (
        _of("lot"),
        _of("scheme"),
        _of("zone"),
        _of("provider"),
        bindparam("today", type_=Date()),
    )
    member = select(Membership.id).where(
        Membership.lot_id == lot, Membership.provider_id == provider, Membership.state.in_(sorted(MEMBER_STATES))
    )
    suspended = select(func.max(Suspension.ends_on)).where(
        Suspension.scheme_id == scheme,
        Suspension.provider_id == provider,
        or_(Suspension.lot_id.is_(None), Suspension.lot_id == lot),
        or_(Suspension.zone_id.is_(None), Suspension.zone_id == zone),
        Suspension.starts_on <= today,
        Suspension.ends_on >= today,
        Suspension.lifted_at.is_(None),
    )
    paused = select(Pause.id).where(
        Pause.scheme_id == scheme,
        Pause.provider_id == provider,
        or_(Pause.zone_id.is_(None), Pause.zone_id == zone),
        Pause.ended_at.is_(None),
    )
    return select(member.exists(), suspended.scalar_subquery(), paused.exists())


_STANDING = _standing()
"""Made once, asked with every yes."""
