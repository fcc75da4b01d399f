"""The letters about accounts. Links stand in the address of one email alone and are forgotten once it has left."""

from __future__ import annotations

from collections.abc import Iterable

from app.accounts.models import Invitation, PasswordReset, RoleProposal
from app.messages import Address, Letter, Recipient, send, send_many
from app.parties.models import User


def tell_invited(invitation: Invitation, secret: str | None) -> None:
    """To the invited address; without a secret, because it has an account elsewhere, the link leads to the sign-in.

    A copy without the link lies in the inbox of whoever invited, so the words are the same in both cases: the inviter
    learns nothing of an account.
    """
    body = (
        f"{invitation.organisation.name} invites you to use Homeward, where care at home is arranged.\n\n"
        "Open the link, type the email address to which this was sent, and choose a name and a password. The link can "
        "be used once, within 48 hours. If you did not expect this, do nothing.\n\n"
        "If you have an account in Homeward at this address already, the link leads to the page where you sign in. One "
        "address has one account: ask to be invited at another address."
    )
    path = f"/invitations/{secret}" if secret else "/sign-in"
    subject = "Your invitation to Homeward"
    letter = Letter("invitation", subject, body, "/users/invitations", invitation.__tablename__, invitation.id)
    address = Address(invitation.email, path=path)
    send(Recipient(invitation.organisation_id, invitation.invited_by, (address,)), letter)


def tell_way_to_new_password(reset: PasswordReset, secret: str) -> None:
    """The link to a new password."""
    body = (
        "Somebody, most likely you, asked for a new password for this account. Open the link and choose one. The link "
        "can be used once, within 60 minutes, and only while nobody signs in.\n\n"
        "If it was not you, do nothing: your password stays as it is."
    )
    letter = Letter("password_link", "A new password", body, "/", reset.__tablename__, reset.id)
    send(_to(reset.user, f"/new-password/{secret}"), letter)


def tell_proposed(proposal: RoleProposal, administrators: Iterable[User]) -> None:
    """To the administrators who can give what was proposed."""
    body = (
        f"{proposal.proposed_by_label} proposes to give somebody these roles: {_roles(proposal)}. That takes a second "
        "administrator. Open it to give or to refuse them."
    )
    letter = _letter(proposal, "Roles wait for a second person", body)
    send_many((_to(user), letter) for user in administrators)


def tell_decided(proposal: RoleProposal, proposer: User) -> None:
    """To whoever proposed."""
    outcome = f"were refused: {proposal.decision_note}" if proposal.decision_note else "were given."
    letter = _letter(proposal, "Proposed roles were decided", f"The roles that you proposed {outcome}")
    send(_to(proposer), letter)


def tell_roles_changed(user: User) -> None:
    """To the user whose roles are others now."""
    titles = ", ".join(sorted(held.role.label for held in user.roles)) or "none"
    body = f"An administrator has changed your roles. They are now: {titles}."
    send(_to(user), Letter("roles_changed", "Your roles were changed", body, "/", user.__tablename__, user.id))


def _letter(proposal: RoleProposal, subject: str, body: str) -> Letter:
    path = f"/role-proposals/{proposal.id}"
    return Letter("role_proposal", subject, body, path, proposal.__tablename__, proposal.id)


def _roles(proposal: RoleProposal) -> str:
    return ", ".join(sorted(role.label for role in proposal.named_roles))


def _to(user: User, path: str | None = None) -> Recipient:
    return Recipient(user.organisation_id, user.id, (Address(user.email, path=path),))
