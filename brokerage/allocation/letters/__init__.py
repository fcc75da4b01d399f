"""The letters of awards. None says who the person is, who else answered, or what anybody asked."""

from __future__ import annotations

from functools import partial

from app.database import db
from app.messages import Address, LetterTemplate, Recipient, Topic, send
from app.parties.models import User
from brokerage.allocation.models import Award
from contracts.agreements.models import Agreement
from marketplace.providers.queries import recipient_of
from marketplace.rounds.letters import authority_name

AWARDS = Topic(
    "awards",
    "Awards",
    "Packages awarded to you, and awards that were cancelled.",
    frozenset({"provider"}),
    notice=True,
)
OWN_AWARDS = Topic(
    "own_awards",
    "Awards that you made",
    "A provider that withdraws before care begins, and what became of an award you proposed.",
    frozenset({"council", "icb"}),
)

_letter = partial(LetterTemplate, folder=__name__, about="award", link="/awards/{id}")
AWARD_MADE = _letter("award_made", "award:made", topic=AWARDS, about="agreement", link="/agreements/{id}")
AWARD_CANCELLED = _letter("award_cancelled", "award:cancelled", topic=AWARDS)
AWARD_REFUSED = _letter("award_refused", "award:proposal_ended", topic=OWN_AWARDS)
AWARD_LAPSED = _letter("award_lapsed", "award:proposal_ended", topic=OWN_AWARDS)
AWARD_PULLED_OUT = _letter("award_pulled_out", "award:pulled_out", topic=OWN_AWARDS)
LETTERS = (AWARD_MADE, AWARD_CANCELLED, AWARD_REFUSED, AWARD_LAPSED, AWARD_PULLED_OUT)


def tell_winner(award: Award, agreement: Agreement) -> None:
    """The one message that tells a provider of its award."""
    letter = AWARD_MADE.write(
        agreement.id,
        award.authority_id,
        council=authority_name(award.authority_id),
        package=award.round.package.reference,
        agreement=agreement.reference,
        starts_on=agreement.starts_on,
    )
    send(recipient_of(award.provider), letter)


def tell_cancelled(award: Award) -> None:
    """The package was withdrawn after the award."""
    council, package = authority_name(award.authority_id), award.round.package.reference
    letter = AWARD_CANCELLED.write(award.id, award.authority_id, council=council, package=package)
    send(recipient_of(award.provider), letter)


def tell_awarder(award: Award, template: LetterTemplate) -> None:
    """Whoever made or proposed an award reads what became of it; by email too, while they can sign in."""
    if award.made_by is None:
        return
    user = db.session.get_one(User, award.made_by)
    addresses = () if user.disabled_at else (Address(user.email),)
    facts = {"award": award.reference, "package": award.round.package.reference, "provider": award.provider.name}
    letter = template.write(award.id, award.authority_id, **facts)
    send(Recipient(award.authority_id, user.id, addresses), letter)
