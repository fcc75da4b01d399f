"""Email addresses: what copying leaves around one is taken off, and what cannot be one is refused."""

from __future__ import annotations

import re

from app.values.spelling import plain, visible

EXAMPLE = "Enter an email address like name@example.org."
MOST_CHARACTERS = 254

_AROUND = " \t\r\n\"'<>()[],;"
_NAMED = re.compile(r"[^<>@]*<\s*([^<>]+?)\s*>[\s,;]*")
_ATOM = r"[^\s@.,;:<>()\[\]\\\"]+"
_LABEL = r"[^\W_](?:[^\W_]|-(?=[^\W_]|-))*"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\.[^\W\d_]{{2,}}")


def read_email(text: str) -> str:
    """The address in small letters, without `mailto:`, a name, brackets or the comma of a list; raises ValueError."""
    typed = plain(visible(text)).strip(_AROUND)
    if named := _NAMED.fullmatch(plain(visible(text)).strip()):
        typed = named[1]
    if typed[:7].casefold() == "mailto:":
        typed = typed[7:].partition("?")[0]
    address = typed.strip(_AROUND).lower()
    if len(address) > MOST_CHARACTERS or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise ValueError(EXAMPLE)
    return address
