"""The one transaction of a request: begun with its first question, kept here once when it is answered, or taken back.

    begin ─► act ─► audit and messages ─► the answer kept for a repetition ─► COMMIT ─► the answer leaves

Routes and services never commit. What is answered with a refusal (400 and above) is taken back whole; what is answered
otherwise is kept, and the answer with it, so that no crash can come between a change and the answer to its repetition.
A GET changes nothing and keeps nothing.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, make_response, request, session
from sqlalchemy.exc import SQLAlchemyError

from app.database import db
from app.errors import Refusal
from app.http.repeat import answer_again, keep_answer
from app.http.viewer import SAFE


def prepare_transactions(app: Flask) -> None:
    """Installs the beginning and the end of the transaction of every request that may change something."""
    app.before_request(answer_again)
    app.after_request(_end)


def keep_though_refused() -> None:
    """What this request has done so far stays, though its answer is a refusal: that somebody tried, say."""
    g.keeps = True


def _end(response: Response) -> Response:
    """Keeps or takes back what the request did. If it cannot be kept, what was answered is not true, and a refusal is."""
    if request.method in SAFE:
        return response
    if response.status_code >= 400 and not g.pop("keeps", False):
        db.session.rollback()
        return response
    try:
        keep_answer(response)
        db.session.commit()
    except (SQLAlchemyError, Refusal) as error:
        return _not_kept(error)
    return response


def _not_kept(error: SQLAlchemyError | Refusal) -> Response:
    """The refusal in place of the answer; the browser's cookie stays as it was, and nobody is told that it was done."""
    session.pop("_flashes", None)
    response = make_response(current_app.handle_user_exception(error))
    session.modified = False
    return response
