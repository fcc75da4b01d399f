"""The letters of awards outside the system. None says who the person is, or why it was bought outside."""

from functools import partial

from app.database import db
from app.messages import Address, Letter, LetterTemplate, Recipient, Topic, send, send_many
from app.parties.models import User
from app.parties.queries import to_role
from app.parties.roles import Role
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import OutsideState
from contracts.agreements.models import Agreement
from marketplace.providers.queries import recipient_of
from marketplace.rounds.letters import authority_name

OUTSIDE = Topic(
    "outside_awards",
    "Awards outside the system",
    "Packages bought outside the system: asked for, agreed to, awarded or refused.",
    frozenset({"council", "icb", "provider"}),
)

_letter = partial(LetterTemplate, folder=__name__, about="outside_award", link="/outside-awards/{id}", topic=OUTSIDE)
OUTSIDE_ASKED = _letter("outside_asked", "outside:asked")
OUTSIDE_DECIDED = _letter("outside_decided", "outside:decided")
OUTSIDE_MADE = _letter("outside_made", "outside:awarded", about="agreement", link="/agreements/{id}")
LETTERS = (OUTSIDE_ASKED, OUTSIDE_DECIDED, OUTSIDE_MADE)


def tell_deciders(award: OutsideAward) -> None:
    """Those whose decision it waits for: a second person, then a contract manager."""
    role = Role.TEAM_MANAGER if award.state is OutsideState.ASKED else Role.CONTRACT_MANAGER
    letter = _about(OUTSIDE_ASKED, award)
    send_many((recipient, letter) for recipient in to_role(award.authority_id, role))


def tell_asker(award: OutsideAward) -> None:
    """Whoever asked for it reads what became of it; by email too, while they can sign in."""
    user = db.session.get_one(User, award.asked_by)
    addresses = () if user.disabled_at else (Address(user.email),)
    send(Recipient(award.authority_id, user.id, addresses), _about(OUTSIDE_DECIDED, award))


def tell_winner(award: OutsideAward, agreement: Agreement) -> None:
    """The provider of the agreement."""
    facts = {"package": award.package.reference, "agreement": agreement.reference, "starts_on": agreement.starts_on}
    letter = OUTSIDE_MADE.write(agreement.id, award.authority_id, council=authority_name(award.authority_id), **facts)
    send(recipient_of(award.authority_id, agreement.provider), letter)


def _about(template: LetterTemplate, award: OutsideAward) -> Letter:
    what = {"award": award.reference, "package": award.package.reference, "state": award.state.label.lower()}
    return template.write(award.id, award.authority_id, **what)
