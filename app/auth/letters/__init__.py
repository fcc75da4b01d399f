"""The letters about how one signs in: nobody can choose not to get them, so that an owner who did not do it notices."""

from __future__ import annotations

from functools import partial
from typing import Any

from app import clock
from app.messages import LetterTemplate, send
from app.messages.templates import EXAMPLE_TIME
from app.parties.models import User
from app.parties.queries import to_user

EXAMPLE = {"at": EXAMPLE_TIME, "days": 90, "scopes": ["offers:read", "packages:read"]}
_letter = partial(
    LetterTemplate, folder=__name__, about="user_account", link="/account", sent_to="The user", example=EXAMPLE
)

PASSWORD_CHANGED = _letter(
    name="password_changed", kind="password_changed", sent_when="they changed their password while signed in"
)
PASSWORD_RESET = _letter(
    name="password_reset", kind="password_changed", sent_when="a new password was set through a link in an email"
)
SECOND_FACTOR_REPLACED = _letter(
    name="second_factor_replaced", kind="second_factor_changed", sent_when="another telephone shows their codes"
)
SECOND_FACTOR_TAKEN_AWAY = _letter(
    name="second_factor_taken_away",
    kind="second_factor_changed",
    sent_when="an administrator took their second factor away",
)
TOKEN_MADE = _letter(
    name="token_made", kind="token_made", sent_when="a token of theirs was made", link="/account/tokens"
)
LETTERS = (PASSWORD_CHANGED, PASSWORD_RESET, SECOND_FACTOR_REPLACED, SECOND_FACTOR_TAKEN_AWAY, TOKEN_MADE)


def tell(user: User, template: LetterTemplate, **values: Any) -> None:
    """Writes to the owner of an account that something about it is different now."""
    send(to_user(user), template.write(user.id, at=clock.now(), **values))
