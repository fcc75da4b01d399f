"""The letters about how one signs in: nobody can choose not to get them, so that an owner who did not do it notices."""

from __future__ import annotations

from collections.abc import Iterable

from app import clock
from app.calendar.deadlines import local_text
from app.messages import Address, Letter, Recipient, send
from app.parties.models import User

NOT_YOU = "If this was not you, tell your administrator at once."


def tell_password_changed(user: User, how: str) -> None:
    """After every change; `how` says where, and what became of the sessions, as whole sentences."""
    body = f"The password of your account was changed on {_now()}. {how} {NOT_YOU}"
    _tell(user, "password_changed", "Your password was changed", body)


def tell_second_factor_replaced(user: User) -> None:
    """Another telephone shows the codes from now on."""
    body = (
        f"On {_now()} another telephone was set up for the codes with which you sign in. The one before no longer works, "
        f"and neither do the recovery codes that came with it. {NOT_YOU}"
    )
    _tell(user, "second_factor_changed", "Your second factor was changed", body)


def tell_second_factor_taken_away(user: User) -> None:
    """An administrator has done it; the next sign-in sets up a new one."""
    body = (
        f"The second factor of your account was taken away on {_now()}, and all sessions and API tokens were ended. You "
        f"set up a new one when you next sign in. If you did not ask for this, tell your administrator at once."
    )
    _tell(user, "second_factor_changed", "Your second factor was taken away", body)


def tell_token_made(user: User, scopes: Iterable[str], days: int) -> None:
    """Whoever holds a token acts in the owner's name; its name is the owner's own words and stays in the house."""
    body = (
        f"An API token of your account was made on {_now()}. For {days} days whoever has it can act in "
        f"your name ({', '.join(sorted(scopes))}). If you did not make it, end it on the page of your tokens, change "
        "your password, which ends all your tokens, and tell your administrator at once."
    )
    _tell(user, "token_made", "An API token was made", body, "/account/tokens")


def _now() -> str:
    return local_text(clock.now())


def _tell(user: User, kind: str, subject: str, body: str, path: str = "/account") -> None:
    recipient = Recipient(user.organisation_id, user.id, (Address(user.email),))
    send(recipient, Letter(kind, subject, body, path, user.__tablename__, user.id))
