"""The edge of every request: one instant, text that can be kept, read-only GETs, the access log, security headers."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from flask import Flask, Response, g, make_response, request
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.audit import access
from app.auth.current import viewer_or_none
from app.database import db, reading_only
from app.errors import Unavailable
from app.web.context import csp_nonce
from app.web.odd_text import refuse_odd_text
from app.web.refusals import refuse

log = logging.getLogger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def prepare_edge(app: Flask) -> None:
    """Installs the edge; called first, so that it is outermost."""
    app.before_request(_open)
    app.before_request(refuse_odd_text)
    app.after_request(_headers)
    app.after_request(_write_reads)
    app.teardown_request(_close)


def _open() -> None:
    stack = g.edge = ExitStack()
    stack.enter_context(clock.moment())
    if request.method in SAFE:
        stack.enter_context(reading_only())
    access.begin()


def _close(_error: BaseException | None) -> None:
    db.session.remove()
    if stack := g.pop("edge", None):
        stack.close()


def _write_reads(response: Response) -> Response:
    """Identity reads are written before the page leaves; if that fails, the page does not leave."""
    viewer = viewer_or_none()
    if viewer is None or response.status_code >= 400:
        return response
    db.session.rollback()
    try:
        access.write_reads(viewer.actor, request.endpoint or "")
    except SQLAlchemyError:
        # Refused by hand: what is raised after the view has answered would become a 500.
        log.exception("an identity was read and could not be logged")
        refusal = refuse(Unavailable("The page could not be logged, so it cannot be shown. Try again in a minute."))
        return make_response(refusal)
    return response


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Vary"] = "Cookie, Authorization"
    return response
