"""The id of a request: in its answer, on its error page and in every line of the log about it."""

from __future__ import annotations

import re
import secrets

ID = re.compile(r"[0-9a-f-]{8,64}")


def id_of_request(given: str | None, *, trusted: bool) -> str:
    """The id that a trusted proxy gave, if it looks like one; else a new one."""
    if trusted and given and ID.fullmatch(given):
        return given
    return secrets.token_hex(8)
