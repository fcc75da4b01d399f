"""Documents that were seen and expire: when the provider is reminded, and what a page says of the day.

Homeward keeps what was seen and until when it holds; the documents themselves are not uploaded.
"""

from datetime import date

REMIND_DAYS = (60, 30, 7)
"""The provider is reminded when so many days are left, once each."""


def reminder_due(expires_on: date, today: date, reminded_days: int | None) -> int | None:
    """Which reminder is to be sent today, given the latest one sent; None when none is. Those missed are not sent."""
    left = (expires_on - today).days
    reached = [days for days in REMIND_DAYS if 0 <= left <= days]
    if not reached or (reminded_days is not None and reminded_days <= min(reached)):
        return None
    return min(reached)


def has_lapsed(expires_on: date, today: date) -> bool:
    """A document still holds on the day on which it expires."""
    return expires_on < today


def expiry_sentence(expires_on: date, today: date) -> str:
    """How an expiry reads on a page."""
    left = (expires_on - today).days
    if left < 0:
        return f"It lapsed {_days(-left)} ago."
    return "It expires today." if left == 0 else f"It expires in {_days(left)}."


def expiry_colour(expires_on: date, today: date) -> str:
    """The colour of its tag: red when lapsed, yellow when the first reminder is due, green before."""
    if has_lapsed(expires_on, today):
        return "red"
    return "yellow" if (expires_on - today).days <= max(REMIND_DAYS) else "green"


def reasons_against_renewal(note: str, expires_on: date, today: date) -> dict[str, str]:
    """Why a newer document cannot be noted, by field."""
    found: dict[str, str] = {}
    if not note.strip():
        found["note"] = "Say what you saw: the certificate, the date, whom you asked."
    if has_lapsed(expires_on, today):
        found["expires_on"] = "This day is over. Enter the day on which the newer document expires."
    return found


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
