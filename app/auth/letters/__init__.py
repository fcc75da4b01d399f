"""The letters about how one signs in: nobody can choose not to get them, so that an owner who did not do it notices."""

from __future__ import annotations

from functools import partial
from typing import Any

from app import clock
from app.messages import LetterTemplate, send
from app.parties.models import User
from app.parties.queries import to_user

_letter = partial(LetterTemplate, folder=__name__, about="user_account", link="/account")
PASSWORD_CHANGED = _letter("password_changed", "password_changed")
PASSWORD_RESET = _letter("password_reset", "password_changed")
SECOND_FACTOR_REPLACED = _letter("second_factor_replaced", "second_factor_changed")
SECOND_FACTOR_TAKEN_AWAY = _letter("second_factor_taken_away", "second_factor_changed")
TOKEN_MADE = _letter("token_made", "token_made", link="/account/tokens")
LETTERS = (PASSWORD_CHANGED, PASSWORD_RESET, SECOND_FACTOR_REPLACED, SECOND_FACTOR_TAKEN_AWAY, TOKEN_MADE)


def tell(user: User, template: LetterTemplate, **values: Any) -> None:
    """Writes to the owner of an account that something about it is different now."""
    send(to_user(user), template.write(user.id, at=clock.now(), **values))
