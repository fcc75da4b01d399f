"""Each step with an account: inviting and being invited, roles, closing and opening, passwords, API tokens."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from flask import Blueprint, render_template, session
from flask_login import current_user

from app.accounts import forms, invitation_services, queries, reset_services, role_services
from app.accounts.models import Invitation, PasswordReset, RoleProposal
from app.auth import tokens, viewer_or_none
from app.auth.arrival import arrival
from app.auth.door import change_cookie
from app.auth.forms import PasswordForm
from app.auth.models import UserSession
from app.auth.permissions import ANYONE, SIGNED_IN
from app.auth.second_factor_services import forget_second_factor
from app.auth.services import change_password
from app.database import db
from app.errors import Conflict
from app.parties.models import User
from app.parties.roles import Role, titles
from app.steps import ButtonStep, PageStep, Step, at
from app.ui.forms import HomewardForm, ReasonForm

bp = Blueprint("account_steps", __name__)

SHOWN_ONCE = "new_token"
SOMEBODY_ELSE = "You are signed in. Sign out first, then open the link in the email again."


# ------------------------------------------------------------------------------------------------- invitations


@at(bp, "/users/invite")
class Invite(PageStep[None, forms.RolesTyped]):
    permission = "users:manage"
    leads_to, back_to = "accounts.invitations", "accounts.users"
    heading, button = "Invite somebody", "Send the invitation"
    told = "The link that is sent can be used once, within 48 hours, by whoever knows the address it was sent to."

    def form(self, thing: None) -> HomewardForm:
        return forms.InviteForm().of(self.viewer)

    def act(self, thing: None, typed: forms.RolesTyped) -> Invitation:
        return invitation_services.invite(self.viewer, typed.email, typed.roles, typed.team_ids, reason=typed.reason)

    def says(self, thing: None, outcome: Invitation) -> str:
        if outcome.secret_hash is None:
            return "It is sent once a second administrator has agreed to the roles."
        return "The invitation is on its way."


class _InvitationStep(ButtonStep[Invitation]):
    permission = "users:manage"
    query = staticmethod(queries.invitation_for)
    leads_to = "accounts.invitations"


@at(bp, "/users/invitations/<uuid:invitation_id>/send-again")
class SendInvitationAgain(_InvitationStep):
    """Sends a new link; the one before is dead."""

    said = "A new link is on its way; the one before can no longer be used."

    def act(self, invitation: Invitation) -> None:
        invitation_services.send_again(invitation, by=self.viewer.actor)


@at(bp, "/users/invitations/<uuid:invitation_id>/withdraw")
class WithdrawInvitation(_InvitationStep):
    said = "The invitation is withdrawn."

    def act(self, invitation: Invitation) -> None:
        invitation_services.withdraw(invitation, by=self.viewer.actor)


@at(bp, "/users/of-providers/<uuid:user_id>/invite")
class InviteProviderUser(ButtonStep[User]):
    """Invites a user of a provider at the address that came with the list."""

    permission = "users:invite-providers"
    query = staticmethod(queries.waiting_user_for)
    said = "The invitation is on its way."
    leads_to = "accounts.provider_users"

    def act(self, user: User) -> None:
        invitation_services.invite_waiting_user(self.viewer, user)


@at(bp, "/invitations/<token>")
class AcceptInvitation(PageStep[Invitation, tuple[str, str, str]]):
    """Spends the link; then the person signs in. Looking changes nothing, so that mail scanners may look."""

    permission = ANYONE
    form_class = forms.AcceptForm
    said = "Your account is ready. Sign in with your email address and the password you chose."
    leads_to = "auth.sign_in"

    def load(self, **ids: str) -> Invitation:
        if viewer_or_none() is not None:
            raise Conflict(SOMEBODY_ELSE)
        return queries.invitation_with(ids["token"])

    def act(self, invitation: Invitation, typed: tuple[str, str, str]) -> None:
        invitation_services.accept(invitation, *typed)

    def page(self, form: HomewardForm, invitation: Invitation) -> str:
        return render_template("accounts/accept.html", form=form, organisation=invitation.organisation.name)


# ------------------------------------------------------------------------------------------------------- roles


class _ProposalStep(Step[RoleProposal]):
    permission = "roles:approve"
    query = staticmethod(queries.proposal_for)
    leads_to = "accounts.proposal"


@at(bp, "/role-proposals/<uuid:proposal_id>/approve")
class ApproveRoles(_ProposalStep, ButtonStep[RoleProposal]):
    said = "The roles are given."

    def act(self, proposal: RoleProposal) -> None:
        role_services.approve(self.viewer, proposal)


@at(bp, "/role-proposals/<uuid:proposal_id>/refuse")
class RefuseRoles(_ProposalStep, PageStep[RoleProposal, str]):
    form_class = ReasonForm
    heading, button = "Refuse the roles", "Refuse"
    told = "Whoever proposed them reads why."
    said = "The roles are refused, and whoever proposed them has been told."

    def act(self, proposal: RoleProposal, typed: str) -> None:
        role_services.refuse(self.viewer, proposal, typed)

    def caption(self, proposal: RoleProposal) -> str:
        return proposal.whose


class _UserStep(Step[User]):
    permission = "users:manage"
    query = staticmethod(queries.user_for)
    leads_to = "accounts.user"

    def caption(self, user: User) -> str:
        return user.email


@at(bp, "/users/<uuid:user_id>/roles")
class ChangeRoles(_UserStep, PageStep[User, forms.RolesTyped]):
    """Gives and takes roles; some wait for a second person."""

    heading, button = "Change roles", "Save roles"

    def form(self, user: User) -> forms.RolesForm:
        return forms.RolesForm().of(self.viewer)

    def blank(self, user: User) -> forms.RolesForm:
        return self.form(user).showing(user)

    def act(self, user: User, typed: forms.RolesTyped) -> RoleProposal | None:
        return role_services.set_roles(self.viewer, user, typed.roles, typed.team_ids, reason=typed.reason)

    def says(self, user: User, outcome: RoleProposal | None) -> str:
        if outcome is not None:
            return "A second administrator has been asked to give the roles that take two people."
        return "Roles are saved."


@at(bp, "/users/<uuid:user_id>/close")
class CloseAccount(_UserStep, PageStep[User, str]):
    form_class = ReasonForm
    heading = button = "Close the account"
    told = "All sessions and API tokens of this user end now. What they have done stays in the audit."
    hurts = True
    said = "The account is closed."

    def act(self, user: User, typed: str) -> None:
        role_services.disable(self.viewer, user, typed)


@at(bp, "/users/<uuid:user_id>/open")
class OpenAccount(_UserStep, ButtonStep[User]):
    def act(self, user: User) -> Collection[Role]:
        return role_services.enable(self.viewer, user)

    def says(self, user: User, outcome: Collection[Role]) -> str:
        if not outcome:
            return "The account is open again."
        lost = f"Roles that take two people were not given back: {titles(outcome)}."
        return f"The account is open again. {lost} Propose them anew with “Change roles”."


@at(bp, "/users/<uuid:user_id>/second-factor")
class TakeSecondFactor(_UserStep, ButtonStep[User]):
    """Takes away a lost second factor; the user sets up a new one at the next sign-in."""

    said = (
        "The second factor is taken away, and all sessions and API tokens are ended; "
        "a new one is set up at the next sign-in."
    )

    def act(self, user: User) -> None:
        role_services.refuse_oneself(self.viewer, user)
        forget_second_factor(user, by=self.viewer.actor)


# ---------------------------------------------------------------------------------------------------- passwords


@at(bp, "/forgotten-password")
class RequestPassword(PageStep[None, str]):
    """Writes the request down; the answer is the same for every address."""

    permission = ANYONE
    form_class = forms.ForgottenPasswordForm
    heading, button = "Ask for a new password", "Send me a link"
    told = "If there is an account with this address, an email with a link is sent to it within a minute."
    leads_to, back_to = "accounts.password_requested", "auth.sign_in"

    def act(self, thing: None, typed: str) -> None:
        reset_services.ask(typed, arrival().address)


@at(bp, "/new-password/<token>")
class SetNewPassword(PageStep[PasswordReset, str]):
    """Spends the link; then the person signs in."""

    permission = ANYONE
    form_class = forms.NewPasswordForm
    heading, button = "Choose a new password", "Set the password"
    told = "You are signed out everywhere, and all your API tokens end. Your second factor stays as it is."
    said = "Your new password is set. Sign in with it."
    leads_to = "auth.sign_in"

    def load(self, **ids: str) -> PasswordReset:
        return reset_services.reset_with(ids["token"])

    def act(self, reset: PasswordReset, typed: str) -> None:
        reset_services.set_new_password(reset, typed)


@at(bp, "/account/password")
class ChangePassword(PageStep[None, tuple[str, str]]):
    """Changes the password; this session goes on under a new cookie, all others end."""

    permission = SIGNED_IN
    form_class = PasswordForm
    template = "auth/password.html"
    said = "Your password is changed. You are signed out everywhere else, and your API tokens have ended."
    leads_to = "account.show"

    def act(self, thing: None, typed: tuple[str, str]) -> None:
        this = db.session.get_one(UserSession, current_user.session.session_id)
        change_cookie(change_password(this, *typed, arrival(), by=self.viewer.actor))


# --------------------------------------------------------------------------------------------------- API tokens


@at(bp, "/account/tokens")
class MakeToken(PageStep[None, forms.TokenTyped]):
    """Makes a token. Its secret goes through the cookie to the next page, once, so that no kept answer holds it."""

    permission = SIGNED_IN
    needs_password = True
    form_class = forms.TokenForm
    leads_to = "account_steps.make_token"

    def act(self, thing: None, typed: forms.TokenTyped) -> None:
        user = db.session.get_one(User, self.viewer.user_id)
        session[SHOWN_ONCE] = tokens.create_token(user, by=self.viewer.actor, **typed._asdict())

    def page(self, form: HomewardForm, thing: None) -> str:
        return render_template(
            "accounts/tokens.html",
            tokens=tokens.tokens_of(self.viewer.user_id),
            form=form,
            secret=session.pop(SHOWN_ONCE, None),
        )


@at(bp, "/account/tokens/<uuid:token_id>/end")
class EndToken(ButtonStep[UUID]):
    permission = SIGNED_IN
    said = "The token can no longer be used."
    leads_to = "account_steps.make_token"

    def load(self, **ids: UUID) -> UUID:
        return ids["token_id"]

    def act(self, token_id: UUID) -> None:
        tokens.end_token(self.viewer.user_id, token_id, by=self.viewer.actor)
