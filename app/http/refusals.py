"""How refusals look: a plain page for people, problem+json for machines. Never a stack, never somebody's data."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from apiflask import HTTPError
from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from app.database import db
from app.database.saving import UNOPENED, trouble_with
from app.errors import Conflict, Invalid, NotSignedIn, Refusal, TooMany, Unavailable
from app.http.bodies import UPLOADS, too_large_sentence
from app.http.viewer import viewer_or_none

log = logging.getLogger(__name__)

LOST_RACES = frozenset({"40P01", "40001"})
"""PostgreSQL's codes of a deadlock and of transactions that cannot be put in a row: one of them was stopped."""
MEANWHILE = "Somebody else changed this at the same moment. Reload the page to see where it stands."
AT_ONCE = "Somebody else was changing the same thing at the same moment. Nothing of yours was done; try again."
RETRY_SECONDS = "30"
NO_ANSWER = "The database does not answer just now. Try again in a minute."
TOOK_LONG = "This took longer than one page may take, so it was stopped and nothing was changed. Try again in a minute."
HELD = "Other work is being saved just now and holds what this needs. Nothing was changed; try again in a minute."
FULL = "Homeward has more to do just now than it can at once. Try again in a minute."
OUR_DOING = {"57014": TOOK_LONG, "55P03": HELD}
"""PostgreSQL's codes of what the database does because we ask it to: it answers, and the page says what is so."""
CANNOT_SAVE = "Homeward cannot save just now. You can read, and try again in some minutes."
SENTENCES = {
    400: "The page was not sent in a way Homeward understands. Go back, reload the page and try again.",
    404: "There is nothing here that you can see. Check the address, or go to your home page.",
    405: "That cannot be done at this address.",
    415: "Homeward cannot read this kind of content. Send JSON, or a file in a form.",
}


def prepare_refusals(app: Flask, ask_to_sign_in: Callable[[], AnyResponse]) -> None:
    """Installs the handlers; `ask_to_sign_in` answers on pages where nobody is signed in."""
    app.extensions["ask_to_sign_in"] = ask_to_sign_in
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(HTTPError, _wrong_shape)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _no_database)
    app.register_error_handler(Exception, _unexpected)


def refuse(refusal: Refusal) -> AnyResponse:
    """Answers with the refusal's status and sentence; the transaction is rolled back."""
    _roll_back()
    if isinstance(refusal, NotSignedIn) and not wants_json():
        answer: AnyResponse = current_app.extensions["ask_to_sign_in"]()
        return answer
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    response = _answer(refusal.status, refusal.title, refusal.sentence, errors)
    if isinstance(refusal, Unavailable):
        response.headers["Retry-After"] = RETRY_SECONDS
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _roll_back() -> None:
    """Takes back what was begun. A database that died has done so itself, and must not spoil the answer."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()


def wants_json() -> bool:
    return request.path.startswith("/api/")


def _answer(status: int, title: str, sentence: str, errors: dict[str, str] | None = None) -> Response:
    if wants_json():
        problem: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
        if errors and set(errors) != {""}:
            problem["errors"] = [{"field": field, "detail": text} for field, text in errors.items()]
        return Response(json.dumps(problem), status=status, content_type="application/problem+json")
    _learn_who_asks()
    typed = typed_again() if status == Unavailable.status else None
    page = render_template("pages/refusal.html", status=status, title=title, sentence=sentence, typed=typed)
    return Response(page, status=status, content_type="text/html; charset=utf-8")


def _learn_who_asks() -> None:
    """Before the page is drawn: where the database cannot say, the page is drawn for nobody, and does not ask again."""
    try:
        viewer_or_none()
    except (DBAPIError, PoolTimeout):
        _roll_back()


def _wrong_shape(error: HTTPError) -> AnyResponse:
    """What was sent to the API has not the form that its description asks for: each wrong field with its sentence."""
    _roll_back()
    places = error.detail.values() if isinstance(error.detail, dict) else ()
    errors = {field: " ".join(texts) for place in places for field, texts in place.items()}
    sentence = "What was sent has not the form that is described for this address."
    return _answer(error.status_code, Invalid.title, sentence, errors)


def _stale_form(_error: CSRFError) -> AnyResponse:
    _roll_back()
    return _answer(400, "This page was open too long", "Go back, reload the page and send it again.")


def _http(error: HTTPException) -> AnyResponse:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _late(error.original_exception)
    _roll_back()
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status == 413:
        return _answer(status, "Too large", too_large_sentence(is_upload=request.mimetype == UPLOADS))
    return _answer(status, error.name, SENTENCES.get(status, "That could not be done."))


def _late(error: Exception) -> AnyResponse:
    if isinstance(error, DBAPIError):
        return _database(error)
    return _no_database(error) if isinstance(error, PoolTimeout) else _unexpected(error)


def _database(error: DBAPIError) -> AnyResponse:
    """A lost race is a conflict; a database that cannot save, does not answer or is late is 503; the rest is ours."""
    if isinstance(error, IntegrityError):
        log.warning("constraint refused", extra={"statement": type(error.orig).__name__})
        return refuse(Conflict(MEANWHILE))
    if getattr(error.orig, "sqlstate", None) in LOST_RACES:
        log.warning("lost race", extra={"kind": type(error.orig).__name__})
        return refuse(Conflict(AT_ONCE))
    if trouble := trouble_with(error.orig):
        log.error("the database cannot save", extra={"trouble": trouble})
        return _unavailable(NO_ANSWER if trouble == UNOPENED else CANNOT_SAVE)
    if told := _our_doing(error):
        log.error("stopped or kept waiting by ourselves", extra={"kind": type(error.orig).__name__})
        return _unavailable(told)
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return _no_database(error)
    return _unexpected(error)


def _our_doing(error: DBAPIError) -> str | None:
    """What is said where the database answers and we are what is slow, or in our own way."""
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return HELD
    return OUR_DOING.get(getattr(error.orig, "sqlstate", None) or "")


def _no_database(error: DBAPIError | PoolTimeout) -> AnyResponse:
    log.error("database unavailable", extra={"kind": type(getattr(error, "orig", error)).__name__})
    return _unavailable(FULL if isinstance(error, PoolTimeout) else NO_ANSWER)


def _unavailable(sentence: str) -> AnyResponse:
    """Who is signed in stays unknown if it is not known yet: the page that says so asks the database nothing."""
    if "viewer" not in g:
        g.viewer = None
    return refuse(Unavailable(sentence))


def _unexpected(error: Exception) -> AnyResponse:
    """A fault of ours: a plain page with the request's id; the log has the rest under that id, once."""
    _roll_back()
    log.error("unexpected fault", exc_info=error)
    sentence = (
        "Something went wrong on our side. Nothing was changed. "
        f"If it happens again, report it with the id {g.get('request_id', 'none')}."
    )
    return _answer(500, "Sorry, there is a problem", sentence)


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
