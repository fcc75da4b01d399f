"""The letters about accounts. Links stand in the address of one email alone and are forgotten once it has left."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from app.accounts.models import Invitation, PasswordReset, RoleProposal
from app.messages import Address, LetterTemplate, Recipient, send, send_many
from app.parties.models import User
from app.parties.queries import to_user
from app.parties.roles import titles

_letter = partial(LetterTemplate, folder=__name__)
INVITATION = _letter("invitation", "invitation", about="invitation", link="/users/invitations")
PASSWORD_LINK = _letter("password_link", "password_link", about="password_reset", link="/")
ROLES_PROPOSED = _letter("roles_proposed", "role_proposal", about="role_proposal", link="/role-proposals/{id}")
ROLES_DECIDED = _letter("roles_decided", "role_proposal", about="role_proposal", link="/role-proposals/{id}")
ROLES_CHANGED = _letter("roles_changed", "roles_changed", about="user_account", link="/")
LETTERS = (INVITATION, PASSWORD_LINK, ROLES_PROPOSED, ROLES_DECIDED, ROLES_CHANGED)


def tell_invited(invitation: Invitation, secret: str | None) -> None:
    """To the invited address; without a secret, because it has an account elsewhere, the link leads to the sign-in.

    A copy without the link lies in the inbox of whoever invited, so the words are the same in both cases: the inviter
    learns nothing of an account.
    """
    address = Address(invitation.email, path=f"/invitations/{secret}" if secret else "/sign-in")
    recipient = Recipient(invitation.organisation_id, invitation.invited_by, (address,))
    send(recipient, INVITATION.write(invitation.id, organisation=invitation.organisation.name))


def tell_way_to_new_password(reset: PasswordReset, secret: str) -> None:
    """The link to a new password."""
    send(to_user(reset.user, f"/new-password/{secret}"), PASSWORD_LINK.write(reset.id))


def tell_proposed(proposal: RoleProposal, administrators: Iterable[User]) -> None:
    """To the administrators who can give what was proposed."""
    roles = titles(proposal.named_roles)
    letter = ROLES_PROPOSED.write(proposal.id, proposed_by=proposal.proposed_by_label, roles=roles)
    send_many((to_user(user), letter) for user in administrators)


def tell_decided(proposal: RoleProposal, proposer: User) -> None:
    """To whoever proposed."""
    send(to_user(proposer), ROLES_DECIDED.write(proposal.id, refused_because=proposal.decision_note))


def tell_roles_changed(user: User) -> None:
    """To the user whose roles are others now."""
    send(to_user(user), ROLES_CHANGED.write(user.id, roles=titles(held.role for held in user.roles)))
