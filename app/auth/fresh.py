"""The password again, before whole lists come or leave and before tokens are made: it is still the same person.

`@password_again` stands under `@allows`. Ten minutes after the password was last typed in this session the page asks for
it, keeps what was typed and goes on. Over the API the token needs the scope `export` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import Response, request
from flask.typing import ResponseReturnValue

from app import clock
from app.auth.fresh_routes import FIELD, WRONG, is_proved, page_in_place, session_in_use
from app.auth.scopes import NEEDS_PASSWORD

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
    return clock.now() - session_in_use().password_at < FRESH_FOR
