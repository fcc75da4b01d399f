"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.auth import limits, services, sessions
from app.auth.arrival import arrival
from app.auth.door import half_signed_in, let_in, refused_page
from app.auth.forms import SignInForm
from app.auth.idle import seconds_left, unattended
from app.auth.permissions import anyone, signed_in
from app.auth.rules import Counted
from app.database import db
from app.errors import Invalid, Refusal
from app.http.transaction import keep_though_refused
from app.http.viewer import viewer_or_none
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind
from app.parties.viewer import viewer_of

bp = Blueprint("auth", __name__)


@bp.get("/sign-in")
@anyone
def sign_in() -> str:
    """The sign-in page; in demo mode it lists the accounts."""
    return _page(SignInForm())


@bp.post("/sign-in")
@anyone
def start_session() -> AnyResponse:
    """Starts a session under a new cookie and goes on to where the person was heading."""
    form = SignInForm()
    if not form.validate_on_submit():
        return Response(_page(form), status=422)
    try:
        started = services.sign_in(form.email.data or "", form.password.data or "", arrival())
    except Invalid as refusal:
        return _refused(form, refusal)
    except limits.TooManyTries as refusal:
        if refusal.over is Counted.ALL and limits.sound_alarm():
            keep_though_refused()
        return _refused(form, refusal)
    return let_in(started, request.args.get("next", ""))


@bp.post("/sign-out")
@anyone
def end_session() -> AnyResponse:
    """Ends the session on the server, not only in this browser; a half-signed-in one too."""
    if viewer := viewer_or_none():
        sessions.end_session(viewer.user_id, current_user.session.session_id, by=viewer.actor)
    elif half := half_signed_in():
        sessions.end(half, by=viewer_of(half.user).actor)
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


@bp.get("/session")
@anyone
@unattended
def left() -> dict[str, int]:
    """How many seconds the session still has: asked by the page that warns before it ends, and not counted as use."""
    return {"left": seconds_left() or 0}


@bp.post("/session/stay")
@signed_in
def stay() -> dict[str, int]:
    return {"left": seconds_left() or 0}


def _refused(form: SignInForm, refusal: Refusal) -> AnyResponse:
    """The page again, with why; after too many tries with how long to wait."""
    form.take(refusal)
    return refused_page(_page(form), refusal)


def _page(form: SignInForm) -> str:
    demo = current_app.extensions["config"].demo
    return render_template(
        "auth/sign_in.html", form=form, accounts=demo_accounts() if demo else [], kept=request.args.get("kept") == "yes"
    )


PROVIDERS_SHOWN = 8


def demo_accounts() -> list[User]:
    """Everybody of the council and the ICB, and the first few provider coordinators."""
    users, of_provider = select(User).join(Organisation), Organisation.kind == OrganisationKind.PROVIDER
    officers = users.where(~of_provider).order_by(User.created_at)
    coordinators = users.where(of_provider).order_by(User.email).limit(PROVIDERS_SHOWN)
    return [*db.session.scalars(officers), *db.session.scalars(coordinators)]
