"""The forms of sign-in and of one's own account."""

from __future__ import annotations

from wtforms.validators import InputRequired, Length

from app.auth.passwords import HINT, LONGEST
from app.ui.fields import EmailField, PasswordField, TextField, looks
from app.ui.forms import HomewardForm


class SignInForm(HomewardForm):
    """Email address and password."""

    email = EmailField(
        "Email address",
        validators=[InputRequired("Enter your email address."), Length(max=254)],
        render_kw=looks(autocomplete="username", spellcheck="false"),
    )
    password = PasswordField("Password", validators=[InputRequired("Enter your password."), Length(max=LONGEST)])


class CodeForm(HomewardForm):
    """The second step of signing in."""

    code = TextField(
        "Code",
        description="Six figures from the app on your telephone, or one of your recovery codes.",
        validators=[InputRequired("Enter the code that your app shows now."), Length(max=40)],
        render_kw=looks(10, autocomplete="one-time-code", spellcheck="false", autocapitalize="none"),
    )


class SetUpForm(HomewardForm):
    """The code by which an app proves that it has the key."""

    code = TextField(
        "Code that the app shows now",
        description="Six figures. A new one comes every 30 seconds.",
        validators=[InputRequired("Enter the six figures that the app shows."), Length(max=20)],
        render_kw=looks(10, autocomplete="one-time-code", inputmode="numeric", spellcheck="false"),
    )


class PasswordForm(HomewardForm):
    """A new password, and the present one to show who asks."""

    password = PasswordField(
        "Your password now", validators=[InputRequired("Enter the password that you have now."), Length(max=LONGEST)]
    )
    new_password = PasswordField(
        "New password",
        description=HINT,
        validators=[InputRequired("Enter a new password.")],
        render_kw={"params": {"autocomplete": "new-password"}},
    )
