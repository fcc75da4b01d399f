"""The sign-in form."""

from __future__ import annotations

from wtforms.validators import InputRequired, Length

from app.web.fields import EmailField, PasswordField
from app.web.forms import HomewardForm


class SignInForm(HomewardForm):
    """E-mail address and password."""

    email = EmailField("Email address", validators=[InputRequired("Enter your email address."), Length(max=254)])
    password = PasswordField("Password", validators=[InputRequired("Enter your password."), Length(max=200)])
