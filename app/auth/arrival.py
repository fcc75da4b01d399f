"""Where a request comes from: its address, its browser, and whether an account was signed in there before."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from flask import Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from app.auth.keys import keyed_digest, keyed_digests
from app.auth.rules import address_group, browser_family
from config import Config

KNOWN_FOR_DAYS = 180


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is used of a request that wants in. `known_browser` is the cookie that a sign-in leaves behind."""

    address: str
    browser: str
    known_browser: str = ""


def arrival() -> Arrival:
    """The arrival of this request. The address is the connection's, or what PROXY_COUNT proxies of ours have said."""
    return Arrival(
        address_group(request.remote_addr),
        browser_family(request.headers.get("User-Agent", "")),
        request.cookies.get(_cookie(), "")[:200],
    )


def knows_browser(email: str, came: Arrival) -> bool:
    """Whether this account was signed in before in this browser. The cookie names nobody."""
    number, _, seal = came.known_browser.partition(".")
    seals = keyed_digests("known browser", f"{email} {number}")
    return seal.isascii() and any(hmac.compare_digest(one, seal) for one in seals)


def remember_browser(response: AnyResponse | Response, email: str) -> None:
    """Leaves the cookie by which this browser has a budget of failures of its own for this account."""
    number = secrets.token_urlsafe(16)
    response.set_cookie(
        _cookie(),
        f"{number}.{keyed_digest('known browser', f'{email} {number}')}",
        max_age=KNOWN_FOR_DAYS * 24 * 3600,
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )


def _cookie() -> str:
    return "__Host-homeward-browser" if _secure() else "homeward-browser"


def _secure() -> bool:
    config: Config = current_app.extensions["config"]
    return config.secure_cookies
