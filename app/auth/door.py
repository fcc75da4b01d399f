"""From a proved password to a signed-in browser: cookies, the half-way house of the second factor, and where it leads.

The half-signed-in session has a place of its own in the cookie that nothing but the pages of the second factor looks
at. To everything else nobody is signed in.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Response as Answer
from flask import redirect, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from app.auth.arrival import remember_browser
from app.auth.kept import has_kept, keep_typed
from app.auth.keys import closed, opened
from app.auth.login import SignedIn
from app.auth.models import UserSession
from app.auth.second_factor import has_second_factor
from app.auth.sessions import SessionInUse, Started, half_session
from app.errors import Refusal, TooMany
from app.parties.viewer import viewer_of

HALF = "half"
NEXT = "next"
CODES = "codes"


def let_in(started: Started, target: str = "") -> Response:
    """Gives the browser its cookies and leads on: to the second factor, to what was kept, or to `target`.

    Call it after the commit. Everything that was in the browser's cookie before is dropped.
    """
    target = safe_path(target) or safe_path(str(session.get(NEXT, ""))) or url_for("pages.home")
    session.clear()
    if started.is_half:
        session[HALF], session[NEXT] = started.secret, target
        return redirect(_second_step(started.session))
    login_user(SignedIn(viewer_of(started.user), started.secret, session=SessionInUse.of(started.session)))
    answer = redirect(url_for("account.kept") if has_kept(started.user.id) else target)
    remember_browser(answer, started.user.email)
    return answer


def half_signed_in() -> UserSession | None:
    """The half-signed-in session of this browser, if there is one."""
    secret = session.get(HALF)
    return half_session(secret) if isinstance(secret, str) else None


def _second_step(half: UserSession) -> str:
    return url_for("second_factor.code" if has_second_factor(half.user_id) else "second_factor.set_up")


def ask_to_sign_in() -> Response:
    """Where somebody goes who is not signed in: on to the second factor, or to sign in and then back here.

    What a form of a session that has run out had sent is kept for its owner.
    """
    if half := half_signed_in():
        return redirect(_second_step(half))
    if request.method == "GET":
        return redirect(url_for("auth.sign_in", next=request.full_path))
    return redirect(url_for("auth.sign_in", kept="yes" if keep_typed() else None))


def refused_page(page: str, refusal: Refusal) -> Response:
    """A page that says why it was refused; after too many tries also how long to wait."""
    answer = Answer(page, status=refusal.status)
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def change_cookie(secret: str) -> None:
    """Gives the browser the new secret of its session."""
    session["_user_id"] = secret


def put_codes_aside(codes: list[str]) -> None:
    """Recovery codes on their way to the page that shows them once: encrypted, in the browser's cookie alone."""
    session[CODES] = closed(CODES, json.dumps(codes))


def take_codes() -> list[str]:
    """The codes put aside; none the second time."""
    box = opened(CODES, str(session.pop(CODES, "")))
    return [str(code) for code in json.loads(box)] if box else []


def safe_path(target: str) -> str | None:
    """A path of this site, or None: never another host, never a scheme."""
    plain = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable() and "\\" not in target
    )
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return target if plain and not parts.scheme and not parts.netloc else None
