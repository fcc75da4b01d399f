"""The second factor: the code at the second step of signing in, setting up what shows it, and new recovery codes.

Half-signed-in sessions get no further than here.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.auth import second_factor_services as services
from app.auth.arrival import arrival
from app.auth.door import half_signed_in, let_in, put_codes_aside, take_codes
from app.auth.forms import CodeForm, SetUpForm
from app.auth.keys import closed, opened
from app.auth.models import UserSession
from app.auth.permissions import ANYONE, SIGNED_IN, signed_in
from app.auth.second_factor import address_for_app, codes_left, has_second_factor, new_shared_secret, qr_code
from app.auth.sessions import Started, complete_session
from app.database import db
from app.errors import Invalid, NotSignedIn
from app.parties.models import User
from app.parties.viewer import viewer_of
from app.steps import ButtonStep, PageStep, Step, at
from app.ui.forms import HomewardForm
from app.values.words import counted
from config import Config

bp = Blueprint("second_factor", __name__)
PENDING = "pending"


def _half() -> UserSession:
    """The half-signed-in session; without one, sign in first."""
    half = half_signed_in()
    if half is None:
        raise NotSignedIn("Sign in first.")
    return half


@at(bp, "/sign-in/code")
class Code(PageStep[UserSession, str]):
    """Lets the session in, under a new cookie, if the code is right."""

    permission = ANYONE
    form_class = CodeForm

    def load(self, **ids: Any) -> UserSession:
        return _half()

    def act(self, half: UserSession, typed: str) -> Started:
        return services.pass_second_factor(half, typed, arrival())

    def done(self, half: UserSession, outcome: Started) -> Response:
        left, onwards = codes_left(outcome.user.id), let_in(outcome)
        if left < services.FEW_CODES:
            flash(f"You have {counted(left, 'recovery code')} left. Make new ones on the page of your account.")
        return onwards

    def page(self, form: HomewardForm, half: UserSession) -> str:
        return render_template("auth/code.html", form=form)


class _SetUpStep(PageStep[User, str]):
    """Takes a telephone whose app has the key; the outcome is the recovery codes.

    The key stays the same while the page is tried again: it waits, encrypted, in the browser's cookie.
    """

    form_class = SetUpForm

    @property
    def key(self) -> str | None:
        """The key that the page has shown."""
        return opened(PENDING, str(session.get(PENDING, "")))

    def act(self, user: User, typed: str) -> list[str]:
        if self.key is None:
            raise Invalid({"code": "The key on this page is out of date. Scan the new one and type its code."})
        return services.set_up(user, self.key, typed, by=viewer_of(user).actor)

    def page(self, form: HomewardForm, user: User) -> str:
        key = self.key
        if key is None:
            key = new_shared_secret()
            session[PENDING] = closed(PENDING, key)
        config: Config = current_app.extensions["config"]
        return render_template(
            "auth/set_up.html",
            form=form,
            action=request.path,
            drawing=qr_code(address_for_app(key, user.email, config.site_name)),
            replaces=has_second_factor(user.id),
            key=[key[place : place + 4] for place in range(0, len(key), 4)],
        )


@at(bp, "/sign-in/set-up")
class SetUp(_SetUpStep):
    """Somebody who must have a second factor sets it up, and is let in; whoever has one cannot set up another here."""

    permission = ANYONE

    def load(self, **ids: Any) -> User:
        user = _half().user
        if has_second_factor(user.id):
            raise NotSignedIn("Enter the code first.")
        return user

    def done(self, user: User, outcome: list[str]) -> Response:
        onwards = let_in(complete_session(_half()))
        put_codes_aside(outcome)
        session["after_codes"] = onwards.location
        onwards.location = url_for("second_factor.codes")
        return onwards


class _OwnStep(Step[User]):
    permission = SIGNED_IN
    needs_password = True

    def load(self, **ids: Any) -> User:
        return db.session.get_one(User, self.viewer.user_id)


@at(bp, "/account/second-factor")
class Change(_OwnStep, _SetUpStep):
    """Sets up a second factor, or another telephone in place of the one there is."""

    def done(self, user: User, outcome: list[str]) -> Response:
        session.pop(PENDING, None)
        put_codes_aside(outcome)
        return redirect(url_for("second_factor.codes"))


@at(bp, "/account/recovery-codes")
class RenewCodes(_OwnStep, ButtonStep[User]):
    """Makes ten new recovery codes and leads to the page that shows them."""

    leads_to = "second_factor.codes"

    def act(self, user: User) -> None:
        if not has_second_factor(user.id):
            raise Invalid("Set up a second factor first: recovery codes stand in for it.")
        put_codes_aside(services.renew_recovery_codes(user, by=self.viewer.actor))


@bp.get("/account/recovery-codes")
@signed_in
def codes() -> str:
    """Shows the recovery codes, once."""
    onwards = session.pop("after_codes", None) or url_for("account.show")
    return render_template("auth/recovery_codes.html", codes=take_codes(), onwards=onwards)
