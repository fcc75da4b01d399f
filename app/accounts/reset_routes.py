"""Pages for a lost password: asking for a new one, and choosing it behind the link. Looking changes nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import reset_services
from app.accounts.form_routes import answered, form_page
from app.accounts.forms import AskForm, NewPasswordForm
from app.accounts.resets import reset_with
from app.auth import anyone
from app.auth.arrival import arrival

bp = Blueprint("resets", __name__)

HOW = "If there is an account with this address, an email with a link is sent to it within a minute."
ENDS = "You are signed out everywhere, and all your API tokens end. Your second factor stays as it is."


@bp.get("/forgotten-password")
@anyone
def ask() -> str:
    """Whose password was lost."""
    return _ask_page(AskForm())


@bp.post("/forgotten-password")
@anyone
def send() -> AnyResponse:
    """Writes the request down; the answer is the same for every address."""
    form = AskForm()
    return answered(
        form,
        lambda: reset_services.ask(form.email.data or "", arrival().address),
        lambda: _ask_page(form),
        lambda: url_for("resets.asked"),
    )


@bp.get("/forgotten-password/asked")
@anyone
def asked() -> str:
    """What happens next, whatever the address."""
    return render_template("accounts/asked.html")


def _ask_page(form: AskForm) -> str:
    return form_page(form, "Ask for a new password", "Send me a link", url_for("auth.sign_in"), HOW)


@bp.get("/new-password/<token>")
@anyone
def show(token: str) -> str:
    """What the link opens: a form."""
    reset_with(token)
    return _new_page(NewPasswordForm())


@bp.post("/new-password/<token>")
@anyone
def set_new(token: str) -> AnyResponse:
    """Spends the link; then the person signs in."""
    reset_with(token)
    form = NewPasswordForm()
    return answered(
        form,
        lambda: reset_services.set_new_password(token, form.password.data or ""),
        lambda: _new_page(form),
        lambda: url_for("auth.sign_in"),
        "Your new password is set. Sign in with it.",
    )


def _new_page(form: NewPasswordForm) -> str:
    return form_page(form, "Choose a new password", "Set the password", url_for("auth.sign_in"), ENDS)
