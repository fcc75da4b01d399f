"""The edge of every request: its id, one instant, read-only GETs, the access log, security headers, one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
from contextlib import ExitStack
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, request
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.audit import access
from app.database import db, patience_in_all, reading_only
from app.database.patience import WEB_SECONDS
from app.database.saving import saving, trouble_with
from app.errors import Refusal, Unavailable
from app.http.measures import begin_measuring, finish_measuring
from app.http.odd_text import refuse_odd_text
from app.http.refusals import CANNOT_SAVE, refuse
from app.http.viewer import SAFE, viewer_or_none
from app.tasks.probe import can_write
from config import Config

log = logging.getLogger(__name__)

FOR_MACHINES = frozenset({"health.alive", "health.ready", "metrics.show"})
"""Asked by machines that know an address and no name; nobody signs in there."""
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
    "object-src 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SHOWN_AGAIN = frozenset({409, 422})
"""Refusals under which a page is drawn again, with all that it shows."""
NOT_LOGGED = "The page could not be logged, so it cannot be shown. Try again in a minute."


def prepare_edge(app: Flask, config: Config) -> None:
    """Installs the edge; called first, so that it is outermost."""
    hosts, trusts_proxy = known_hosts(config), config.proxy_count > 0
    headers, policy = _settled_headers(config)

    @app.before_request
    def on_open() -> None:
        _open(trusts_proxy)
        if request.endpoint in FOR_MACHINES:
            g.viewer = None
        elif not is_ours(request.host, hosts):
            g.viewer = None
            raise Refusal("Homeward does not answer under this name. Use the address that you were given.")

    @app.after_request
    def on_leave(response: Response) -> Response:
        return _leave(response, headers, policy)

    app.before_request(refuse_odd_text)
    app.teardown_request(_close)


def _settled_headers(config: Config) -> tuple[dict[str, str], str]:
    """What does not change between answers. Where cookies travel over https only, everything does."""
    if not config.secure_cookies:
        return HEADERS, POLICY
    strict = {"Strict-Transport-Security": "max-age=63072000"}
    return HEADERS | strict, f"{POLICY}; upgrade-insecure-requests"


def _open(trusts_proxy: bool) -> None:
    g.request_id = id_of_request(request.headers.get("X-Request-Id"), trusted=trusts_proxy)
    begin_measuring()
    stack = g.edge = ExitStack()
    stack.enter_context(clock.moment())
    stack.enter_context(patience_in_all(WEB_SECONDS))
    if request.method in SAFE:
        stack.enter_context(reading_only())
    access.begin()
    saving(db.engine).look_again(can_write)


def _close(_error: BaseException | None) -> None:
    try:
        db.session.remove()
    except SQLAlchemyError:  # the connection is dead, and has been thrown away
        log.warning("a session could not be ended")
    if stack := g.pop("edge", None):
        stack.close()


def _leave(response: Response, headers: dict[str, str], policy: str) -> Response:
    response = _write_reads(response)
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy.format(nonce=csp_nonce()))
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Vary"] = "Cookie, Authorization"
    return finish_measuring(response)


def csp_nonce() -> str:
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _write_reads(response: Response) -> Response:
    """Identity reads are written before the page leaves; if that fails, the page does not leave."""
    if not access.has_reads() or (response.status_code >= 400 and response.status_code not in SHOWN_AGAIN):
        return response
    viewer = viewer_or_none()
    if viewer is None:
        return response
    try:
        db.session.rollback()
        access.write_reads(viewer.actor, request.endpoint or "")
    except SQLAlchemyError as error:
        # Refused by hand: what is raised after the view has answered would become a 500.
        log.error("an identity was read and could not be logged", extra={"kind": type(error).__name__})
        sentence = CANNOT_SAVE if trouble_with(getattr(error, "orig", None)) else ""
        return make_response(refuse(Unavailable(f"{NOT_LOGGED} {sentence}".strip())))
    return response


ID = re.compile(r"[0-9a-f-]{8,64}")


def id_of_request(given: str | None, *, trusted: bool) -> str:
    """The id that a trusted proxy gave, if it looks like one; else a new one."""
    if trusted and given and ID.fullmatch(given):
        return given
    return secrets.token_hex(8)


ANY = "*"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


def known_hosts(config: Config) -> frozenset[str]:
    """The names, without ports. An installation whose own address is this machine answers to all names of it."""
    own = host_name(urlsplit(config.base_url).netloc)
    named = {host_name(name.strip()) for name in config.trusted_hosts.split(",") if name.strip()}
    loopback = THIS_MACHINE if is_loopback(own.strip("[]")) else frozenset()
    return frozenset({own}) | named | loopback


def is_ours(host: str, known: frozenset[str]) -> bool:
    """Whether a request was meant for us."""
    return ANY in known or host_name(host) in known


def host_name(host: str) -> str:
    """The name without the port, in small letters."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return address == "localhost"
