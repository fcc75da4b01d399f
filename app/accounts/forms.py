"""What is typed on the pages of accounts."""

from __future__ import annotations

from typing import NamedTuple, Self
from uuid import UUID

from wtforms.validators import Email, InputRequired, Length

from app.accounts.queries import teams_of
from app.accounts.terms import OF_TEAMS, TAKES_TWO
from app.auth.passwords import HINT
from app.auth.tokens import MOST_DAYS, SENTENCES, USUAL_DAYS, Scope
from app.errors import Invalid
from app.parties.models import User
from app.parties.roles import ROLES_OF_KIND, Role
from app.parties.viewer import Viewer
from app.ui.fields import CountedTextField, EmailField, PasswordField, TextField, TicksField, choice, looks
from app.ui.forms import HomewardForm

ADDRESS = Email("Enter an email address like name@example.org.")
WHY = "Only for the roles that a second administrator must give; they read it."
TEAMS = (
    "Referrers, social workers and team managers see only what these teams ask for."
    " Without a team they see the whole authority."
)
BY_TWO = "Takes a second administrator."


class RolesTyped(NamedTuple):
    """Roles, the teams they are for, and why; in an invitation also for whom."""

    roles: frozenset[Role]
    team_ids: list[UUID]
    reason: str
    email: str = ""


class TokenTyped(NamedTuple):
    """What a token is for, what it may do, and for how many days."""

    name: str
    scopes: frozenset[Scope]
    days: int


EMAIL = EmailField("Email address", validators=[InputRequired("Enter an email address."), ADDRESS, Length(max=254)])
"""Made before the other fields of an invitation, and so the first of them."""


class RolesForm(HomewardForm):
    """The roles of a user, the teams they are for, and why."""

    roles = TicksField("Roles")
    teams = TicksField("Teams", description=TEAMS)
    reason = CountedTextField("Why (optional)", description=WHY, validators=[Length(max=500)])

    def of(self, viewer: Viewer) -> Self:
        own = ROLES_OF_KIND[viewer.organisation_kind]
        self.roles.choices = [
            choice(role.value, role.label, BY_TWO if role in TAKES_TWO else "") for role in Role if role in own
        ]
        self.teams.choices = [choice(str(team.id), team.name) for team in teams_of(viewer.organisation_id)]
        if not own & TAKES_TWO:
            del self.reason
        if not (own & OF_TEAMS and self.teams.choices):
            del self.teams
        return self

    def showing(self, user: User) -> Self:
        self.roles.data = sorted({held.role.value for held in user.roles})
        if "teams" in self:
            self.teams.data = sorted({str(held.team_id) for held in user.roles if held.team_id})
        return self

    def typed(self) -> RolesTyped:
        """What was ticked, and why; what is no role is refused by the form."""
        roles = frozenset(Role(value) for value in self.roles.data or () if value in set(Role))
        team_ids = [UUID(value) for value in self.teams.data or ()] if "teams" in self else []
        return RolesTyped(roles, team_ids, (self.reason.data or "") if "reason" in self else "")


class InviteForm(RolesForm):
    """Somebody new, by address."""

    email = EMAIL

    def typed(self) -> RolesTyped:
        return super().typed()._replace(email=self.email.data or "")


def _new_password(label: str) -> PasswordField:
    autocomplete = {"params": {"autocomplete": "new-password"}}
    required = [InputRequired("Choose a password."), Length(max=200)]
    return PasswordField(label, description=HINT, validators=required, render_kw=autocomplete)


class AcceptForm(HomewardForm):
    """What an invited person types."""

    email = EmailField(
        "Email address",
        description="The one to which the invitation was sent.",
        validators=[InputRequired("Enter your email address."), Length(max=254)],
        render_kw=looks(autocomplete="email"),
    )
    name = TextField(
        "Full name",
        validators=[InputRequired("Enter your full name."), Length(max=200)],
        render_kw=looks(autocomplete="name"),
    )
    password = _new_password("Password")


class ForgottenPasswordForm(HomewardForm):
    """Whose password was lost."""

    email = EmailField(
        "Email address",
        validators=[InputRequired("Enter your email address."), ADDRESS, Length(max=254)],
        render_kw=looks(autocomplete="email"),
    )


class NewPasswordForm(HomewardForm):
    """The new password."""

    password = _new_password("New password")


class TokenForm(HomewardForm):
    """A token of one's own."""

    name = TextField(
        "What it is for",
        description="Such as the system that will use it.",
        validators=[InputRequired("Say what the token is for."), Length(max=100)],
    )
    scopes = TicksField(
        "What it may be used for",
        choices=[choice(scope.value, said) for scope, said in SENTENCES.items()],
        default=["read"],
    )
    days = TextField(
        "Days it lasts",
        description=f"From 1 to {MOST_DAYS}.",
        default=str(USUAL_DAYS),
        render_kw=looks(width=3, inputmode="numeric"),
    )

    def typed(self) -> TokenTyped:
        """The token; raises Invalid when the days are no number."""
        text = self.days.data or ""
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise Invalid({"days": f"Enter a whole number of days, from 1 to {MOST_DAYS}."})
        return TokenTyped(self.name.data or "", frozenset(Scope(value) for value in self.scopes.data or ()), int(text))
