"""The second step of signing in: the code, and setting up what shows it. Half-signed-in sessions get no further."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.auth import second_factor_services as services
from app.auth.arrival import arrival
from app.auth.door import half_signed_in, let_in, put_codes_aside, refused_page, take_codes
from app.auth.forms import CodeForm, SetUpForm
from app.auth.fresh_routes import password_again
from app.auth.keys import closed, opened
from app.auth.models import UserSession
from app.auth.permissions import anyone, signed_in
from app.auth.second_factor import address_for_app, codes_left, has_second_factor, new_shared_secret, qr_code
from app.auth.sessions import complete_session
from app.database import db
from app.errors import Invalid, NotSignedIn, Refusal
from app.http.viewer import current_viewer
from app.parties.models import User
from app.parties.viewer import viewer_of
from config import Config

bp = Blueprint("second_factor", __name__)
PENDING = "pending"


@bp.get("/sign-in/code")
@anyone
def code() -> str:
    _half()
    return _code_page(CodeForm())


@bp.post("/sign-in/code")
@anyone
def check_code() -> AnyResponse:
    """Lets the session in, under a new cookie, if the code is right."""
    form, half = CodeForm(), _half()
    if not form.validate_on_submit():
        return Response(_code_page(form), status=422)
    try:
        started = services.pass_second_factor(half, form.code.data or "", arrival())
    except Refusal as refusal:
        form.take(refusal)
        return refused_page(_code_page(form), refusal)
    left = codes_left(started.user.id)
    answer = let_in(started)
    if left < services.FEW_CODES:
        flash(
            f"You have {left} recovery code{'' if left == 1 else 's'} left. Make new ones on the page of your account."
        )
    return answer


@bp.get("/sign-in/set-up")
@anyone
def set_up() -> str:
    """Shows somebody who must have a second factor how to set it up."""
    return _set_up_page(SetUpForm(), _half_without().user, url_for("second_factor.finish_set_up"))


@bp.post("/sign-in/set-up")
@anyone
def finish_set_up() -> AnyResponse:
    """Takes the telephone and lets the session in; the recovery codes come next."""
    form, half = SetUpForm(), _half_without()
    try:
        codes = _taken(form, half.user)
    except Invalid as refusal:
        form.take(refusal)
        page = _set_up_page(form, half.user, url_for("second_factor.finish_set_up"))
        return refused_page(page, refusal)
    started = complete_session(half)
    onwards = let_in(started)
    put_codes_aside(codes)
    session["after_codes"] = onwards.location
    onwards.location = url_for("second_factor.codes")
    return onwards


@bp.get("/account/second-factor")
@signed_in
def change() -> str:
    """Sets up a second factor, or another telephone in place of the one there is."""
    user = db.session.get_one(User, current_viewer().user_id)
    return _set_up_page(SetUpForm(), user, url_for("second_factor.finish_change"))


@bp.post("/account/second-factor")
@signed_in
@password_again
def finish_change() -> ResponseReturnValue:
    """Takes the telephone; the recovery codes come next."""
    form, viewer = SetUpForm(), current_viewer()
    user = db.session.get_one(User, viewer.user_id)
    try:
        codes = _taken(form, user)
    except Invalid as refusal:
        form.take(refusal)
        page = _set_up_page(form, user, url_for("second_factor.finish_change"))
        return refused_page(page, refusal)
    session.pop(PENDING, None)
    put_codes_aside(codes)
    return redirect(url_for("second_factor.codes"))


@bp.post("/account/recovery-codes")
@signed_in
@password_again
def renew_codes() -> ResponseReturnValue:
    """Makes ten new recovery codes and leads to the page that shows them."""
    viewer = current_viewer()
    if not has_second_factor(viewer.user_id):
        raise Invalid("Set up a second factor first: recovery codes stand in for it.")
    user = db.session.get_one(User, viewer.user_id)
    codes = services.renew_recovery_codes(user, by=viewer.actor)
    put_codes_aside(codes)
    return redirect(url_for("second_factor.codes"))


@bp.get("/account/recovery-codes")
@signed_in
def codes() -> str:
    """Shows the recovery codes, once."""
    onwards = session.pop("after_codes", None) or url_for("account.show")
    return render_template("auth/recovery_codes.html", codes=take_codes(), onwards=onwards)


def _half() -> UserSession:
    """The half-signed-in session; without one, sign in first."""
    half = half_signed_in()
    if half is None:
        raise NotSignedIn("Sign in first.")
    return half


def _half_without() -> UserSession:
    """A half-signed-in session whose user has no second factor yet: whoever has one cannot set up another here."""
    half = _half()
    if has_second_factor(half.user_id):
        raise NotSignedIn("Enter the code first.")
    return half


def _taken(form: SetUpForm, user: User) -> list[str]:
    """The recovery codes, once the code that was typed belongs to the key that was shown."""
    secret = opened(PENDING, str(session.get(PENDING, "")))
    if not form.validate_on_submit():
        raise Invalid({})
    if secret is None:
        raise Invalid({"code": "The key on this page is out of date. Scan the new one and type its code."})
    return services.set_up(user, secret, form.code.data or "", by=viewer_of(user).actor)


def _code_page(form: CodeForm) -> str:
    return render_template("auth/code.html", form=form)


def _set_up_page(form: SetUpForm, user: User, action: str) -> str:
    """The key stays the same while the page is tried again: it waits, encrypted, in the browser's cookie."""
    secret = opened(PENDING, str(session.get(PENDING, "")))
    if secret is None:
        secret = new_shared_secret()
        session[PENDING] = closed(PENDING, secret)
    config: Config = current_app.extensions["config"]
    return render_template(
        "auth/set_up.html",
        form=form,
        action=action,
        drawing=qr_code(address_for_app(secret, user.email, config.site_name)),
        replaces=has_second_factor(user.id),
        key=[secret[place : place + 4] for place in range(0, len(secret), 4)],
    )
