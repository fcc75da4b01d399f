"""Refusals. Each is a sentence for a person, and a status for a machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Refusal(Exception):
    """Something a person asked for cannot be done; nothing was changed."""

    status = 400
    title = "That could not be done"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Invalid(Refusal):
    """422: what was typed cannot be used. `errors` maps each field to a sentence saying what to do."""

    status = 422
    title = "There is a problem with what was entered"

    def __init__(self, errors: Mapping[str, str] | str) -> None:
        self.errors: dict[str, str] = {"": errors} if isinstance(errors, str) else dict(errors)
        super().__init__(" ".join(self.errors.values()))


class NotSignedIn(Refusal):
    """401: nobody is signed in."""

    status = 401
    title = "Sign in first"


class NotAllowed(Refusal):
    """403: a role without this function."""

    status = 403
    title = "Your role does not allow this"


class NotFoundForViewer(Refusal):
    """404: no such thing, or somebody else's; the two look the same."""

    status = 404
    title = "Page not found"

    def __init__(self, sentence: str = "There is nothing here that you can see.") -> None:
        super().__init__(sentence)


class LinkGone(NotFoundForViewer):
    """404: a link that was sent to somebody and cannot be used, whatever the reason. `sentence` says the way on."""

    title = "This link does not work"


class Conflict(Refusal):
    """409: a lost race, a closed state or a stale version. Nothing typed is lost."""

    status = 409
    title = "This has changed since you opened it"


class TooMany(Refusal):
    """429: too often; wait and try again after `retry_after` seconds."""

    status = 429
    title = "Too many tries"

    def __init__(self, sentence: str, retry_after: int = 60) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """503: a part that this needs does not answer now."""

    status = 503
    title = "Homeward cannot do this at the moment"


MOST_REASON = 500


def reason_given(text: str, field: str = "because", *, what: str = "Say why", most: int = MOST_REASON) -> str:
    """A reason without the spaces around it; raises Invalid at its field when it is empty or longer than `most`."""
    reason = text.strip()
    if not reason or len(reason) > most:
        raise Invalid({field: f"{what}, in at most {most} characters."})
    return reason


class Reading:
    """Reads typed values one by one and keeps every refusal, so that all are shown at once."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def value(self, field: str, parse: Callable[[Any], T], typed: Any) -> T | None:
        """The value, or None with the reason noted at the field."""
        try:
            return parse(typed)
        except ValueError as wrong:
            self.errors[field] = str(wrong)
            return None

    def finish(self) -> None:
        """Raises Invalid when anything was refused."""
        if self.errors:
            raise Invalid(self.errors)
