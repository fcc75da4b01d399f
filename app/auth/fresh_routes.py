"""The page that asks for the password again, and the proof that it is right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select, update
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Length

from app import clock
from app.auth import limits
from app.auth.arrival import arrival
from app.auth.door import safe_path
from app.auth.models import UserSession
from app.auth.passwords import password_matches
from app.auth.permissions import signed_in
from app.auth.tokens import NEEDS_PASSWORD
from app.database import db, reading_only
from app.http.viewer import current_viewer
from app.parties.models import User
from app.ui.fields import PasswordField
from app.ui.forms import HomewardForm

FIELD = "current_password"
KEYS = frozenset({"csrf_token", "idempotency_key", FIELD})
WRONG = "This is not your password. Try again."

bp = Blueprint("fresh", __name__)


class PasswordAgainForm(HomewardForm):
    """The password of whoever is signed in."""

    current_password = PasswordField(
        "Your password", validators=[InputRequired("Type your password."), Length(max=200)]
    )


def is_proved(password: str) -> bool:
    """Whether it is the viewer's password; if so, it counts as typed now. Wrong ones are counted. Raises TooMany.

    Ends the transaction before it. What it notes stays, whatever becomes of the rest of the request.
    """
    session_id, user_id = current_user.session.session_id, current_viewer().user_id
    counted = limits.begin(limits.session_try(session_id, arrival()))
    with reading_only():
        stored = db.session.scalar(select(User.password_hash).where(User.id == user_id))
        db.session.rollback()
    if not password_matches(stored, password):
        return False
    now_typed = update(UserSession).where(UserSession.id == session_id).values(password_at=clock.now())
    limits.write_alone(limits.taking_back(counted), now_typed)
    return True


@bp.get("/password-again")
@signed_in
def ask() -> str:
    """Asks for the password and goes on to `next`."""
    return _form_page(PasswordAgainForm())


@bp.post("/password-again")
@signed_in
def prove() -> AnyResponse:
    """Goes on where the password is right."""
    form = PasswordAgainForm()
    if not form.validate_on_submit():
        form.renew()
        return Response(_form_page(form), status=422)
    if not is_proved(form.current_password.data or ""):
        return Response(_form_page(form, WRONG), status=422)
    return redirect(safe_path(request.args.get("next", "")) or url_for("pages.home"))


def page_in_place(wrong: str) -> str:
    """The page in place of what was asked for: it sends the same again, with the password."""
    if request.method != "POST" or request.files:
        return _form_page(PasswordAgainForm(formdata=None), wrong, ask_again=bool(request.files))
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in KEYS]
    return _form_page(PasswordAgainForm(formdata=None), wrong, typed, request.full_path)


def _form_page(
    form: PasswordAgainForm,
    wrong: str = "",
    typed: list[tuple[str, str]] | None = None,
    action: str = "",
    *,
    ask_again: bool = False,
) -> str:
    """A form that goes on by itself, or, without `action`, one that comes back to the address of this page."""
    if wrong:
        form.current_password.errors = [wrong]
    form.renew()
    of_its_own = request.endpoint in {"fresh.ask", "fresh.prove"}
    path = request.full_path if request.method == "GET" else request.path
    here = request.args.get("next", "") if of_its_own else path
    action = action or url_for("fresh.prove", next=here)
    return render_template("auth/password_again.html", form=form, typed=typed or [], action=action, ask_again=ask_again)


P = ParamSpec("P")

FRESH_FOR = timedelta(minutes=10)


def password_again(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Asks for the password where it was last typed more than ten minutes ago, and then goes on as if it had not."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.path.startswith("/api/") or is_fresh():
            return view(*args, **kwargs)  # the API asks its tokens for a scope
        password = request.form.get(FIELD)
        if password is not None and is_proved(password):
            return view(*args, **kwargs)
        return Response(page_in_place(WRONG if password is not None else ""), status=403)

    setattr(checked, NEEDS_PASSWORD, True)
    return checked


def is_fresh() -> bool:
    """Whether the password was typed in this session in the last ten minutes."""
    return bool(clock.now() - current_user.session.password_at < FRESH_FOR)
