"""The letters of awards. None says who the person is, who else answered, or what anybody asked."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from app.database import db
from app.messages import Address, Letter, LetterTemplate, Recipient, Topic, send, send_many
from app.parties.models import User
from brokerage.allocation.models import Award
from contracts.agreements.models import Agreement
from marketplace.providers.queries import recipient_of, recipients_of
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
AWARDS_MADE = _letter("awards_made", "award:made", topic=AWARDS, about="issue", link="/agreements")
AWARD_CANCELLED = _letter("award_cancelled", "award:cancelled", topic=AWARDS)
AWARD_REFUSED = _letter("award_refused", "award:proposal_ended", topic=OWN_AWARDS)
AWARD_LAPSED = _letter("award_lapsed", "award:proposal_ended", topic=OWN_AWARDS)
AWARD_PULLED_OUT = _letter("award_pulled_out", "award:pulled_out", topic=OWN_AWARDS)
LETTERS = (AWARD_MADE, AWARDS_MADE, AWARD_CANCELLED, AWARD_REFUSED, AWARD_LAPSED, AWARD_PULLED_OUT)


def tell_winners(made: Sequence[tuple[Award, Agreement]]) -> None:
    """The one message that tells a provider of its awards: of all that its council made together."""
    by_provider: defaultdict[UUID, list[tuple[Award, Agreement]]] = defaultdict(list)
    for award, agreement in made:
        by_provider[award.provider_id].append((award, agreement))
    authority_id = made[0][0].authority_id
    recipients, council = recipients_of(authority_id, by_provider), authority_name(authority_id)
    send_many((recipients[provider_id], _won(own, council)) for provider_id, own in by_provider.items())


def _won(own: Sequence[tuple[Award, Agreement]], council: str) -> Letter:
    award, agreement = own[0]
    awards = [_facts_of_award(*each) for each in own]
    if len(own) == 1:
        return AWARD_MADE.write(agreement.id, award.authority_id, council=council, **awards[0])
    facts = {"council": council, "count": len(own), "awards": awards}
    return AWARDS_MADE.write(award.round.issue_id, award.authority_id, **facts)


def _facts_of_award(award: Award, agreement: Agreement) -> dict[str, object]:
    facts = {"agreement": agreement.reference, "starts_on": agreement.starts_on}
    return {"package": award.round.package.reference, **facts}


def tell_cancelled(award: Award) -> None:
    """The package was withdrawn after the award."""
    council, package = authority_name(award.authority_id), award.round.package.reference
    letter = AWARD_CANCELLED.write(award.id, award.authority_id, council=council, package=package)
    send(recipient_of(award.authority_id, award.provider), letter)


def tell_awarder(award: Award, template: LetterTemplate) -> None:
    """Whoever made or proposed an award reads what became of it; by email too, while they can sign in."""
    if award.made_by is None:
        return
    user = db.session.get_one(User, award.made_by)
    addresses = () if user.disabled_at else (Address(user.email),)
    facts = {"award": award.reference, "package": award.round.package.reference, "provider": award.provider.name}
    letter = template.write(award.id, award.authority_id, **facts)
    send(Recipient(award.authority_id, user.id, addresses), letter)
