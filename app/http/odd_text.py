"""Text that nobody types: refused at the door, before anything reads it.

PostgreSQL stores no NUL, and neither database stores half of a surrogate pair. SQLite would take the first, so the two
would behave differently; and JSON nested a thousand deep is no form of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import request

from app.errors import Refusal

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_ODD = re.compile("[\x00\ud800-\udfff]")
SENTENCE = (
    "What was sent holds characters that cannot be kept, such as empty ones (NUL). Take them out and send it again."
)
UNREADABLE = "The form that was sent is damaged or is not text in UTF-8, so nothing of it could be read."
TOO_DEEP = "The JSON that was sent is nested too deeply to be read."


def refuse_odd_text() -> None:
    """Looks at every name and value of the address, the form, the files' names, the JSON and the headers.

    Raises Refusal (400).
    """
    if _ODD.search("".join(_texts())):
        raise Refusal(SENTENCE)
    if request.mimetype in FORMS and request.content_length and not request.form and not request.files:
        raise Refusal(UNREADABLE)


def _texts() -> Iterator[str]:
    yield from request.headers.values()
    for values in (request.args, request.form):
        for name, value in values.items(multi=True):
            yield name
            yield value
    for upload in request.files.values():
        yield upload.filename or ""
    if request.is_json:
        yield from _texts_within(_json())


def _json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError as deep:
        raise Refusal(TOO_DEEP) from deep


def _texts_within(content: object) -> Iterator[str]:
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
