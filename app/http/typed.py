"""What was typed into a form that could not be taken, to be sent again by one press of a button.

The fields go back as they came, with the page's own CSRF token and idempotency key: a form that another site sent has
no good token and is refused again, and a form that was taken after all is not taken twice. Secrets do not go back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import HTTPException

MOST_FIELDS = 500
MOST_CHARACTERS = 100_000
SECRET = re.compile(r"password|secret|code|token", re.IGNORECASE)
KEY = "idempotency_key"
"""Only with it is a form safe to be sent twice."""
NOT_SECRET = frozenset({"csrf_token"})


@dataclass(frozen=True, slots=True)
class Typed:
    """Where the form goes, and its fields in their order."""

    address: str
    fields: tuple[tuple[str, str], ...]


def typed_again() -> Typed | None:
    """The form of this request, if it is one of moderate size without files and secrets."""
    if request.method != "POST" or request.path.startswith("//"):
        return None
    try:
        fields = tuple(request.form.items(multi=True))
        has_files = any(upload.filename for upload in request.files.values())
    except HTTPException:
        return None
    size = sum(len(name) + len(value) for name, value in fields)
    if has_files or KEY not in dict(fields) or len(fields) > MOST_FIELDS or size > MOST_CHARACTERS:
        return None
    if any(SECRET.search(name) for name, _ in fields if name not in NOT_SECRET):
        return None
    query = request.query_string.decode("latin-1")
    return Typed(f"{request.path}?{query}" if query else request.path, fields)
