"""Every POST is safe to repeat: the same key and body get the first answer again; the same key, another body, 422.

The key comes in the form (`idempotency_key`) or the header `Idempotency-Key`. Its row, and the answer in it, are written
in the same transaction as the change itself: a change that was rolled back can be tried again under the same key, and
one that was kept always has its answer, also after a crash.
"""

from __future__ import annotations

import time
from hashlib import sha256

from flask import Response, g, request
from sqlalchemy import bindparam, delete, select, update

from app import clock
from app.database import db, new_id
from app.database.bulk import insert_unless_there
from app.errors import Conflict, Invalid
from app.http.models import RepeatedRequest
from app.http.viewer import viewer_or_none
from app.parties.viewer import Viewer

HEADER = "Idempotency-Key"
FIELD = "idempotency_key"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEEP_BODY = 200_000
WAIT_SECONDS = 5.0
AT_THE_SAME_TIME = "The same request is still being worked on. Reload the page in a moment to see its result."


def answer_again() -> Response | None:
    """The first answer, if this request was answered before; else notes the key and lets the request go on."""
    if request.method not in UNSAFE:
        return None
    viewer = viewer_or_none()
    key = (request.headers.get(HEADER) or request.form.get(FIELD) or "")[:100]
    if not key or viewer is None:
        return None
    digest = _digest()
    if _note_key(viewer, key, digest):
        return None
    return _first_answer(viewer, key, digest)


def _earlier(viewer: Viewer, key: str) -> RepeatedRequest | None:
    return db.session.scalars(_WITH_KEY, {"user_id": viewer.user_id, "key": key}).one_or_none()


def _note_key(viewer: Viewer, key: str, digest: str) -> bool:
    """False when there was a request with this key before; one that still runs is waited for."""
    row = {"id": new_id(), "user_id": viewer.user_id, "key": key, "digest": digest, "created_at": clock.now()}
    if not insert_unless_there(RepeatedRequest, row):
        db.session.rollback()
        return False
    g.repeat = row
    return True


_WITH_KEY = (
    select(RepeatedRequest)
    .where(RepeatedRequest.user_id == bindparam("user_id"), RepeatedRequest.key == bindparam("key"))
    .execution_options(populate_existing=True)
)
_ANSWER = (
    update(RepeatedRequest)
    .where(RepeatedRequest.id == bindparam("repeat_id"))
    .values({name: bindparam(name) for name in ("status", "location", "content_type", "body")})
)


def _first_answer(viewer: Viewer, key: str, digest: str) -> Response:
    """Waits up to 5 s for the first request's answer, then gives it."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        row = _earlier(viewer, key)
        if row and row.digest != digest:
            raise Invalid("This key was used before for something else. Reload the page and try again.")
        if row and row.status is not None:
            return _as_response(row)
        db.session.rollback()
        time.sleep(0.05)
    raise Conflict(AT_THE_SAME_TIME)


def _as_response(row: RepeatedRequest) -> Response:
    response = Response(row.body or "", status=row.status, content_type=row.content_type)
    if row.location:
        response.headers["Location"] = row.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def keep_answer(response: Response) -> None:
    """Writes the answer beside the key, into the transaction of the change. Raises Conflict.

    A step that began its transaction anew (counting a wrong password, say) has let go of its key: it is taken again,
    unless the same request came meanwhile and was done.
    """
    if "repeat" not in g:
        return
    small = not response.direct_passthrough and (response.content_length or 0) <= KEEP_BODY
    values: dict[str, object] = {
        "status": response.status_code,
        "location": response.headers.get("Location"),
        "content_type": response.content_type,
        "body": response.get_data(as_text=True) if small else "",
    }
    if db.session.connection().execute(_ANSWER, {"repeat_id": g.repeat["id"], **values}).rowcount:
        return
    if not insert_unless_there(RepeatedRequest, g.repeat | values):
        raise Conflict(AT_THE_SAME_TIME)


def forget_key() -> None:
    """For an answer that is made anew each time, such as a file: the same button again is another request."""
    if row := g.pop("repeat", None):
        db.session.execute(delete(RepeatedRequest).where(RepeatedRequest.id == row["id"]))


def _digest() -> str:
    """What makes two requests the same: method, address and everything sent, tokens and passwords apart."""
    content = sha256(f"{request.method} {request.full_path}".encode())
    if not request.form and not request.files:
        content.update(request.get_data())
    for name, values in sorted(request.form.lists()):
        if name not in {"csrf_token", FIELD} and "password" not in name:
            content.update(repr((name, values)).encode("utf-8", "surrogatepass"))
    for name, upload in sorted(request.files.items(multi=True)):
        content.update(f"{name} {upload.filename}".encode("utf-8", "surrogatepass"))
        content.update(sha256(upload.stream.read()).digest())
        upload.stream.seek(0)
    return content.hexdigest()
