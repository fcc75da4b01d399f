"""What is typed on the pages of accounts."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from wtforms.validators import Email, InputRequired, Length

from app.accounts.queries import teams_of
from app.accounts.terms import OF_TEAMS, TAKES_TWO
from app.auth.passwords import HINT
from app.auth.scopes import Scope
from app.auth.tokens import MOST_DAYS, USUAL_DAYS
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


class _ChoosesRoles(HomewardForm):
    """What forms with roles share: the roles and teams of the viewer's organisation."""

    roles: TicksField
    teams: TicksField
    reason: CountedTextField

    def of(self, viewer: Viewer) -> Self:
        """The form with the roles and teams of the viewer's organisation."""
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
        """The form with what the user has now."""
        self.roles.data = sorted({held.role.value for held in user.roles})
        if "teams" in self:
            self.teams.data = sorted({str(held.team_id) for held in user.roles if held.team_id})
        return self

    @property
    def named_roles(self) -> frozenset[Role]:
        """What was ticked; what is no role is refused by the form."""
        return frozenset(Role(value) for value in self.roles.data or () if value in set(Role))

    @property
    def team_ids(self) -> list[UUID]:
        """The teams that were ticked."""
        return [UUID(value) for value in self.teams.data or ()] if "teams" in self else []

    @property
    def why(self) -> str:
        """The reason that was typed."""
        return (self.reason.data or "") if "reason" in self else ""


def _teams() -> TicksField:
    return TicksField("Teams", description=TEAMS)


def _reason() -> CountedTextField:
    return CountedTextField("Why (optional)", description=WHY, validators=[Length(max=500)])


class RolesForm(_ChoosesRoles):
    """The roles of a user, the teams they are for, and why."""

    roles = TicksField("Roles")
    teams = _teams()
    reason = _reason()


class InviteForm(_ChoosesRoles):
    """Somebody new, by address."""

    email = EmailField("Email address", validators=[InputRequired("Enter an email address."), ADDRESS, Length(max=254)])
    roles = TicksField("Roles")
    teams = _teams()
    reason = _reason()


class BecauseForm(HomewardForm):
    """A reason."""

    because = CountedTextField("Why", validators=[InputRequired("Say why."), Length(max=500)])


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
    password = PasswordField(
        "Password",
        description=HINT,
        validators=[InputRequired("Choose a password."), Length(max=200)],
        render_kw={"params": {"autocomplete": "new-password"}},
    )


class AskForm(HomewardForm):
    """Whose password was lost."""

    email = EmailField(
        "Email address",
        validators=[InputRequired("Enter your email address."), ADDRESS, Length(max=254)],
        render_kw=looks(autocomplete="email"),
    )


class NewPasswordForm(HomewardForm):
    """The new password."""

    password = PasswordField(
        "New password",
        description=HINT,
        validators=[InputRequired("Choose a password."), Length(max=200)],
        render_kw={"params": {"autocomplete": "new-password"}},
    )


class TokenForm(HomewardForm):
    """A token of one's own."""

    name = TextField(
        "What it is for",
        description="Such as the system that will use it.",
        validators=[InputRequired("Say what the token is for."), Length(max=100)],
    )
    scopes = TicksField(
        "What it may be used for", choices=[choice(scope.value, scope.sentence) for scope in Scope], default=["read"]
    )
    days = TextField(
        "Days it lasts",
        description=f"From 1 to {MOST_DAYS}.",
        default=str(USUAL_DAYS),
        render_kw=looks(width=3, inputmode="numeric"),
    )

    @property
    def named_scopes(self) -> frozenset[Scope]:
        """What was ticked."""
        return frozenset(Scope(value) for value in self.scopes.data or ())

    @property
    def lasting_days(self) -> int:
        """The days as a number; raises Invalid."""
        text = self.days.data or ""
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise Invalid({"days": f"Enter a whole number of days, from 1 to {MOST_DAYS}."})
        return int(text)
