"""Pages of invitations: made and looked after by administrators, accepted by whoever holds the link and the address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import invitation_services, queries
from app.accounts.form_routes import answered, form_page, words_asked
from app.accounts.forms import AcceptForm, InviteForm
from app.accounts.terms import TAKES_TWO
from app.auth import allows, anyone, current_viewer, viewer_or_none
from app.errors import Conflict

bp = Blueprint("invitations", __name__)

HOW = "The link that is sent can be used once, within 48 hours, by whoever knows the address it was sent to."
SOMEBODY_ELSE = "You are signed in. Sign out first, then open the link in the email again."


@bp.get("/users/invite")
@allows("users:manage")
def ask() -> str:
    """The form of an invitation."""
    return _invite_page(InviteForm().of(current_viewer()))


@bp.post("/users/invite")
@allows("users:manage")
def invite() -> AnyResponse:
    """Invites somebody into the viewer's own organisation."""
    viewer = current_viewer()
    form = InviteForm().of(viewer)
    waits = bool(form.named_roles & TAKES_TWO)
    return answered(
        form,
        lambda: invitation_services.invite(
            viewer, form.email.data or "", form.named_roles, form.team_ids, reason=form.why
        ),
        lambda: _invite_page(form),
        lambda: url_for("invitations.index"),
        "It is sent once a second administrator has agreed to the roles." if waits else "The invitation is on its way.",
    )


def _invite_page(form: InviteForm) -> str:
    return form_page(form, "Invite somebody", "Send the invitation", url_for("users.index"), HOW)


@bp.get("/users/invitations")
@allows("users:manage")
def index() -> str:
    """Invitations that have not been accepted."""
    return render_template("accounts/invited.html", page=queries.invitations_page(current_viewer()))


@bp.post("/users/invitations/<uuid:invitation_id>/send-again")
@allows("users:manage")
def send_again(invitation_id: UUID) -> AnyResponse:
    """Sends a new link; the one before is dead."""
    viewer = current_viewer()
    invitation_services.send_again(queries.invitation_for(viewer, invitation_id), by=viewer.actor)
    return _done("A new link is on its way; the one before can no longer be used.")


@bp.post("/users/invitations/<uuid:invitation_id>/withdraw")
@allows("users:manage")
def withdraw(invitation_id: UUID) -> AnyResponse:
    """Withdraws it."""
    viewer = current_viewer()
    invitation_services.withdraw(queries.invitation_for(viewer, invitation_id), by=viewer.actor)
    return _done("The invitation is withdrawn.")


def _done(said: str) -> AnyResponse:
    flash(said, "success")
    return redirect(url_for("invitations.index"))


@bp.get("/users/of-providers")
@allows("users:invite-providers")
def providers() -> str:
    """Users that came with a list of providers and have never been invited."""
    words = words_asked()
    page = queries.waiting_providers_page(current_viewer(), words)
    return render_template("accounts/providers.html", page=page, words=words)


@bp.post("/users/of-providers/<uuid:user_id>/invite")
@allows("users:invite-providers")
def invite_provider(user_id: UUID) -> AnyResponse:
    """Invites one of them at the address that came with the list."""
    viewer = current_viewer()
    invitation_services.invite_waiting_user(viewer, queries.waiting_user_for(viewer, user_id))
    flash("The invitation is on its way.", "success")
    return redirect(url_for("invitations.providers"))


@bp.get("/invitations/<token>")
@anyone
def show(token: str) -> str:
    """What the link opens: a form. Looking changes nothing, so that mail scanners may look."""
    _refuse_signed_in()
    return _accept_page(token, AcceptForm())


@bp.post("/invitations/<token>")
@anyone
def accept(token: str) -> AnyResponse:
    """Spends the link; then the person signs in."""
    _refuse_signed_in()
    queries.invitation_with(token)
    form = AcceptForm()
    return answered(
        form,
        lambda: invitation_services.accept(
            token, form.email.data or "", form.name.data or "", form.password.data or ""
        ),
        lambda: _accept_page(token, form),
        lambda: url_for("auth.sign_in"),
        "Your account is ready. Sign in with your email address and the password you chose.",
    )


def _accept_page(token: str, form: AcceptForm) -> str:
    organisation = queries.invitation_with(token).organisation.name
    return render_template("accounts/accept.html", form=form, organisation=organisation)


def _refuse_signed_in() -> None:
    if viewer_or_none() is not None:
        raise Conflict(SOMEBODY_ELSE)
