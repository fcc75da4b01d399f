"""The letters about whole organisations: to the administrators who can decide, and to whoever proposed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from app.messages import LetterTemplate, send, send_many
from app.organisations.models import OrganisationProposal
from app.parties.models import User
from app.parties.queries import to_user

LINK = "/organisation-proposals/{id}"
_letter = partial(
    LetterTemplate, kind="organisation_proposal", folder=__name__, about="organisation_proposal", link=LINK
)
ORGANISATION_PROPOSED = _letter("organisation_proposed")
ORGANISATION_DECIDED = _letter("organisation_decided")
LETTERS = (ORGANISATION_PROPOSED, ORGANISATION_DECIDED)


def tell_proposed(proposal: OrganisationProposal, administrators: Iterable[User]) -> None:
    """To the administrators who can decide."""
    letter = ORGANISATION_PROPOSED.write(proposal.id, proposed_by=proposal.proposed_by_label, act=proposal.act.sentence)
    send_many((to_user(user), letter) for user in administrators)


def tell_decided(proposal: OrganisationProposal, proposer: User) -> None:
    """To whoever proposed."""
    send(to_user(proposer), ORGANISATION_DECIDED.write(proposal.id, refused_because=proposal.decision_note))
