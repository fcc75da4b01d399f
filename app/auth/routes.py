"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from app.auth import services
from app.auth.current import current_viewer
from app.auth.demo_accounts import demo_accounts
from app.auth.forms import SignInForm
from app.auth.login import SignedIn
from app.auth.permissions import anyone, signed_in
from app.database import db
from app.errors import Invalid

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
        user, secret = services.sign_in(form.email.data or "", form.password.data or "")
    except Invalid as refusal:
        form.take(refusal)
        return Response(_page(form), status=422)
    db.session.commit()
    session.clear()
    login_user(SignedIn(user, secret))
    return redirect(safe_path(request.args.get("next", "")) or url_for("pages.home"))


@bp.post("/sign-out")
@signed_in
def end_session() -> AnyResponse:
    """Ends the session on the server, not only in this browser."""
    services.sign_out(current_user.secret, by=current_viewer().actor)
    db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"))


def safe_path(target: str) -> str | None:
    """A path of this site, or None: never another host, never a scheme."""
    parts = urlsplit(target)
    plain = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    )
    return target if plain and not parts.scheme and not parts.netloc else None


def _page(form: SignInForm) -> str:
    demo = current_app.extensions["config"].demo
    return render_template("auth/sign_in.html", form=form, accounts=demo_accounts() if demo else [])
