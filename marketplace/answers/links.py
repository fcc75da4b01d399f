"""Answering with the link in an email: one offer, one contact, once, without signing in.

The link says yes only at the member's standing price and from the start that is asked for. It never replaces an answer
that somebody of the provider has sent: signed-in people outrank a link that may have been passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, update

from app import audit, clock
from app.audit import Actor, ActorKind
from app.database import db
from app.database.many import rows_changed
from app.errors import Conflict, Invalid
from marketplace.answers.lines import locked_lines
from marketplace.answers.queries import open_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import InvalidAnswer, LineAnswer, Manner, record
from marketplace.membership.models import Membership
from marketplace.rounds import letters
from marketplace.rounds.letters import holders_of
from marketplace.rounds.models import Offer, OfferLine, OfferLink
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState


def answer_by_link(link: OfferLink, drafts: Mapping[UUID, ResponseDraft]) -> None:
    """Spends the link and sends the answers, by line; everybody at the provider is told.

    Raises Conflict when the link was spent before, when somebody has answered meanwhile, or too late; Invalid with
    fields named `line:field`. The versions seen are named, so that an answer sent meanwhile is not replaced.
    """
    offer, by = link.offer, link_actor(link)
    seen = {line.id: line.response.version if line.response else 0 for line in answerable(offer)}
    _spend(link)
    if not drafts:
        raise Invalid({"": "Answer at least one package."})
    if not drafts.keys() <= seen.keys():
        raise Conflict("Somebody has answered a package of this offer meanwhile. Sign in to change that answer.")
    lines = locked_lines([offer.id], drafts.keys())
    try:
        record([LineAnswer(line, drafts[line.id], seen[line.id]) for line in lines], Manner(by, "link"))
    except InvalidAnswer as refusal:
        raise Invalid({f"{refusal.line.id}:{name}": text for name, text in refusal.errors.items()}) from refusal
    audit.record("offer:link_spent", offer, by=by, packages=len(lines))
    _tell_of_answers(offer, list(drafts.values()))


def _tell_of_answers(offer: Offer, sent: Sequence[ResponseDraft]) -> None:
    """One message to the provider and all its contacts: how many packages were accepted and declined. No price."""
    accepted = sum(draft.kind is ResponseKind.ACCEPT for draft in sent)
    told = {"accepted": accepted, "declined": len(sent) - accepted, "deadline": offer.issue.deadline}
    letters.tell(holders_of([offer.id]), letters.ANSWERED, offer.authority_id, **told)


def link_actor(link: OfferLink) -> Actor:
    """Who answers through a link, as the audit writes it down."""
    organisation = link.offer.provider.organisation
    return Actor(ActorKind.LINK, link.id, f"Link in an email, {organisation.name}", organisation.id)


def answerable(offer: Offer) -> list[OfferLine]:
    """The packages that a link may still answer: open, and without an answer that was sent."""
    waiting = [line for line in open_lines(offer) if line.round.state is RoundState.OPEN]
    return [line for line in waiting if not line.response or line.response.state is not ResponseState.SUBMITTED]


def standing_price(offer: Offer) -> int | None:
    """The price in pence at which the member says yes without signing in; None when it has named none."""
    query = select(Membership.standing_price_pence).where(
        Membership.lot_id == offer.issue.lot_id, Membership.provider_id == offer.provider_id
    )
    return db.session.scalars(query).one_or_none()


def is_within(line: OfferLine, price: int | None) -> bool:
    """Whether the standing price lies within the limits of the package."""
    return price is not None and line.round.floor_pence <= price <= line.round.ceiling_pence


def standing_yes(line: OfferLine, price_pence: int) -> ResponseDraft:
    """A yes at the standing price, from the wanted start (today, where that has passed)."""
    start = max(line.round.package.planned_start, clock.today())
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=price_pence, earliest_start=start)


def _spend(link: OfferLink) -> None:
    unspent = update(OfferLink).where(OfferLink.id == link.id, OfferLink.spent_at.is_(None))
    if rows_changed(unspent.values(spent_at=clock.now())) != 1:
        raise Conflict("This link has been used. To change the answer, sign in.")
