"""Pages of the users of one's own organisation: the list, one user, roles, closing and opening."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import queries, role_services
from app.accounts.form_routes import answered, form_page, words_asked
from app.accounts.forms import BecauseForm, RolesForm
from app.accounts.terms import TAKES_TWO
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.auth.second_factor import has_second_factor
from app.auth.second_factor_services import forget_second_factor
from app.parties.models import User
from app.parties.roles import Role

bp = Blueprint("users", __name__, url_prefix="/users")


@bp.get("")
@allows("users:read")
def index() -> str:
    """The people of the viewer's organisation."""
    words = words_asked()
    page = queries.users_page(current_viewer(), words)
    return render_template("accounts/users.html", page=page, words=words)


@bp.get("/<uuid:user_id>")
@allows("users:read")
def show(user_id: UUID) -> str:
    """One user: what they may do, and what was done with the account."""
    viewer = current_viewer()
    user = queries.user_for(viewer, user_id)
    audience = Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL
    return render_template(
        "accounts/user.html",
        user=user,
        teams={team.id: team.name for team in queries.teams_of(viewer.organisation_id)},
        second_factor=has_second_factor(user.id),
        proposal=queries.open_proposal_about(user),
        oneself=user.id == viewer.user_id,
        by_two=sorted({one.role.label for one in user.roles if one.role in TAKES_TWO}) if user.disabled_at else [],
        entries=timeline(user.id, audience),
    )


@bp.get("/<uuid:user_id>/roles")
@allows("users:manage")
def roles(user_id: UUID) -> str:
    """The form of the roles."""
    viewer = current_viewer()
    user = queries.user_for(viewer, user_id)
    return _roles_page(user, RolesForm().of(viewer).showing(user))


@bp.post("/<uuid:user_id>/roles")
@allows("users:manage")
def change_roles(user_id: UUID) -> AnyResponse:
    """Gives and takes roles; some wait for a second person."""
    viewer = current_viewer()
    user, form = queries.user_for(viewer, user_id), RolesForm().of(viewer)
    waits = form.named_roles & TAKES_TWO - {held.role for held in user.roles}
    return answered(
        form,
        lambda: role_services.set_roles(viewer, user, form.named_roles, form.team_ids, reason=form.why),
        lambda: _roles_page(user, form),
        lambda: url_for("users.show", user_id=user_id),
        "A second administrator has been asked to give the roles that take two people."
        if waits
        else "Roles are saved.",
    )


def _roles_page(user: User, form: RolesForm) -> str:
    return form_page(form, "Change roles", "Save roles", url_for("users.show", user_id=user.id), caption=user.email)


CLOSING = "All sessions and API tokens of this user end now. What they have done stays in the audit."


@bp.get("/<uuid:user_id>/close")
@allows("users:manage")
def ask_to_close(user_id: UUID) -> str:
    """The form that closes an account."""
    return _closing_page(queries.user_for(current_viewer(), user_id), BecauseForm())


@bp.post("/<uuid:user_id>/close")
@allows("users:manage")
def close(user_id: UUID) -> AnyResponse:
    """Closes it."""
    viewer, form = current_viewer(), BecauseForm()
    user = queries.user_for(viewer, user_id)
    return answered(
        form,
        lambda: role_services.disable(viewer, user, form.because.data or ""),
        lambda: _closing_page(user, form),
        lambda: url_for("users.show", user_id=user_id),
        "The account is closed.",
    )


def _closing_page(user: User, form: BecauseForm) -> str:
    back = url_for("users.show", user_id=user.id)
    return form_page(form, "Close the account", "Close the account", back, CLOSING, user.email, warning=True)


@bp.post("/<uuid:user_id>/open")
@allows("users:manage")
def open_again(user_id: UUID) -> AnyResponse:
    """Opens a closed account."""
    viewer = current_viewer()
    lost = role_services.enable(viewer, queries.user_for(viewer, user_id))
    said = "The account is open again."
    if lost:
        names = ", ".join(sorted(role.label for role in lost))
        said += f" Roles that take two people were not given back: {names}. Propose them anew with “Change roles”."
    return _done(user_id, said)


@bp.post("/<uuid:user_id>/second-factor")
@allows("users:manage")
def take_second_factor(user_id: UUID) -> AnyResponse:
    """Takes away a lost second factor; the user sets up a new one at the next sign-in."""
    viewer = current_viewer()
    user = queries.user_for(viewer, user_id)
    role_services.refuse_oneself(viewer, user)
    forget_second_factor(user, by=viewer.actor)
    return _done(
        user_id,
        "The second factor is taken away, and all sessions and API tokens are ended; a new one is set up at the next sign-in.",
    )


def _done(user_id: UUID, said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("users.show", user_id=user_id))
