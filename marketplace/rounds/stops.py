"""What a suspension does to offers that are already out: they stay, flagged, and no yes is taken or awarded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, true

from app import audit, clock
from app.audit import SYSTEM
from app.database import db
from marketplace.invitations.facts import lot_names, suspension_as_value, zone_names
from marketplace.invitations.rules import ReasonCode
from marketplace.membership.models import Suspension
from marketplace.membership.queries import overrides_on
from marketplace.membership.rules import holds_on, suspension_sentence
from marketplace.packages.models import Package
from marketplace.rounds import letters
from marketplace.rounds.addressees import holders_of
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.queries import reasons_by_line
from marketplace.rounds.rules import OfferState, RoundState

STOPPING = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED, ReasonCode.BELOW_GATE})


def stop_offers_of(suspension: Suspension) -> None:
    """Notes on every open offer in the scope of a suspension that it is stopped, and tells the provider.

    For the hook `membership.suspended`. Nothing is taken away: an answer is judged when it comes and when it is
    awarded, so an offer goes on by itself when the suspension ends or is lifted.
    """
    value = suspension_as_value(suspension, lot_names(suspension.scheme_id), zone_names(suspension.scheme_id))
    offers = _open_offers_in(suspension) if holds_on(value, clock.today()) else []
    if not offers:
        return
    sentence = suspension_sentence(value)
    audit.record_each("offer:stopped", offers, by=SYSTEM, reason=sentence)
    holders = holders_of([offer.id for offer in offers])
    letters.tell(holders, letters.STOPPED, suspension.authority_id, sentence=sentence)


def stops_of(lines: Sequence[OfferLine]) -> dict[UUID, tuple[str, ...]]:
    """The stop flag: per offer the sentences that say why its provider may not say yes to some of it now."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    reasons = reasons_by_line(lines)
    for line in lines:
        found[line.offer_id] |= {reason.sentence for reason in reasons[line.id] if reason.code in STOPPING}
    return {offer_id: tuple(sorted(sentences)) for offer_id, sentences in found.items() if sentences}


def overrides_of(issue: Issue) -> dict[UUID, str]:
    """The override flag: by offer, why its provider is asked although CQC rates it below the scheme's gate."""
    providers = {offer.provider_id: offer.id for offer in issue.offers}
    held = overrides_on(issue.scheme_id, clock.today(), providers)
    return {providers[provider_id]: override.sentence for provider_id, override in held.items()}


def _open_offers_in(suspension: Suspension) -> list[Offer]:
    """The provider's open offers that hold at least one package in the suspension's lot and zone."""
    query = (
        select(Offer)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .where(
            Offer.provider_id == suspension.provider_id,
            Issue.scheme_id == suspension.scheme_id,
            Issue.state == OfferState.OPEN,
            Round.state == RoundState.OPEN,
            true() if suspension.lot_id is None else Issue.lot_id == suspension.lot_id,
            true() if suspension.zone_id is None else Package.zone_id == suspension.zone_id,
        )
        .order_by(Offer.reference)
    )
    return list(db.session.scalars(query).unique())
