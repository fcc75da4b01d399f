"""What is refused: a file over one bad row, hostile files, odd requests, sign-ins that fail. It may cost no more than
the honest thing beside it, measured in the same run; the four kinds of failed sign-in must cost alike.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select
from werkzeug.test import TestResponse

from app import clock
from app.audit import COMMAND
from app.auth import limits, services
from app.auth.arrival import Arrival
from app.auth.models import FailedTry
from app.database import db, new_id
from app.house import House
from app.parties.models import User
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from bench.county import County
from bench.figures import Figure, in_turn, medians, seconds
from bench.importing import file_of
from bench.places import Place
from bench.serving import serving
from bench.signing_in import sign_in_all, users_of
from marketplace.packages.importing import queue_import
from marketplace.schemes.models import Scheme
from tests.abuse.files import HOSTILE
from tests.abuse.forms import Form, forms_of
from tests.abuse.odd import ODD, ODD_QUERIES

ROWS = 5_000
TRIES = 15
HERE = Arrival("192.0.2.1", "")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """One figure after the other, each on the county as it was."""
    return [*_files(place, county, rounds), _odd_requests(place, county, rounds), *_sign_ins(place)]


# ------------------------------------------------------------------------------------------------------------ files


def _files(place: Place, county: County, rounds: int) -> list[Figure]:
    """Beside the same file without its fault, checked and applied."""
    good = file_of(ROWS)
    bad = good.replace(b",urgent,", b",some day,", 1)
    done, refused = TaskState.DONE, TaskState.REFUSED
    figure, baseline = medians(
        rounds,
        lambda: _taken_in(place, county, "a.csv", bad, refused),
        lambda: _taken_in(place, county, "a.csv", good, done),
    )
    files = [(f"a{Path(name).suffix}", content) for name, make in HOSTILE.values() if (content := make())]
    slowest = max(_taken_in(place, county, *file, refused) for file in files)
    return [
        Figure("refuse 5,000 rows over one", place.name, figure, baseline, "s", rounds, limit=1),
        Figure("refuse the worst hostile file", place.name, slowest, baseline, "s", 1, limit=1),
    ]


def _taken_in(place: Place, county: County, name: str, content: bytes, ends: TaskState) -> float:
    """The seconds of the queued work from its start to its end."""
    place.back_to("county")
    with place.house.app_context():
        queue_import(db.session.get_one(Scheme, county.scheme_id), content, name, by=COMMAND)
        db.session.commit()
        taken = seconds(run_queued)
        task = db.session.scalars(select(Task)).one()
        if task.state is not ends:
            raise RuntimeError(f"{name!r} ended as {task.state.value}: {task.sentence} {str(task.report)[:500]}")
        return taken


# --------------------------------------------------------------------------------------------------------- requests


def _odd_requests(place: Place, county: County, rounds: int) -> Figure:
    """The slowest page with odd parameters, or form with odd values, beside the slowest of the same as they stand.

    Of each request its quickest answer counts: a busy moment is nobody's fault.
    """
    place.back_to("county")
    with place.house.app_context():
        (officer, *_) = sign_in_all(place.house, users_of([county.authority_id]))
    client = place.house.test_client()
    client.set_cookie(*officer.cookie.split("=", 1))
    pages = {path: page.text for path in _paths(place.house) if (page := client.get(path)).status_code == 200}
    forms = _forms(pages)
    plain = [{"path": path} for path in pages] + [_filled(form) for form in forms]
    odd = [{"path": f"{path}?{query}"} for path in pages for query in ODD_QUERIES]
    odd += [_filled(form, value) for form in forms for value in ODD]
    best = [min(answers) for answers in in_turn(rounds, *(partial(_answered, client, sent) for sent in odd + plain))]
    slowest_odd, slowest_plain, note = max(best[: len(odd)]), max(best[len(odd) :]), f"{len(odd)} requests"
    return Figure("slowest odd request", place.name, slowest_odd, slowest_plain, "s", rounds, note, limit=3)


def _paths(house: House) -> list[str]:
    rules = [rule for rule in house.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return [rule.rule for rule in rules if not rule.rule.startswith("/api/")]


def _forms(pages: Mapping[str, str]) -> list[Form]:
    """One of every kind into which something is typed."""
    forms = {form.key: form for path, text in pages.items() for form in forms_of(path, text) if _typed(form)}
    return [form for form in forms.values() if form.method == "POST"]


def _typed(form: Form) -> set[str]:
    return {name for name, _ in form.fields} - {"csrf_token", "idempotency_key"}


def _filled(form: Form, value: str | None = None) -> dict[str, Any]:
    """The form as it stands, or with this value in every field."""
    fields = dict(form.fields) | (dict.fromkeys(_typed(form), value) if value is not None else {})
    return {"path": form.action, "method": "POST", "data": fields}


def _answered(client: FlaskClient, sent: dict[str, Any]) -> float:
    """The seconds of an answer, which may be a refusal but no fault of ours."""
    answers: list[TestResponse] = []
    once = {**sent, "data": {**sent["data"], "idempotency_key": str(uuid4())}} if "data" in sent else sent
    taken = seconds(lambda: answers.append(client.open(**once)))
    if answers[0].status_code == 500:
        raise RuntimeError(f"{sent} is a fault of ours")
    return taken


# ---------------------------------------------------------------------------------------------------------- sign-in


def _sign_ins(place: Place) -> list[Figure]:
    """Beside one hash: how far apart unknown, wrong, closed and locked accounts are, and what a full address costs."""
    place.back_to("county")
    with place.house.app_context():
        wrong, closed, locked = db.session.scalars(select(User).order_by(User.email).limit(3))
        closed.disabled_at = clock.now()
        db.session.commit()
        dear = PasswordHasher().hash("a long enough password")
        with serving("wsgi:app", place.url) as port:
            stranger = _Stranger(port, locked.email)
            kinds = ("nobody@county.example", wrong.email, closed.email, locked.email)
            one_hash, *refusals = medians(TRIES, lambda: _hashed(dear), *(stranger.kind(email) for email in kinds))
        full = median(_refused_at_a_full_address(email) for email in kinds)
    apart = max(refusals) - min(refusals)
    return [
        Figure("failed sign-ins: apart, of a hash", place.name, apart, one_hash, "s", TRIES, limit=0.5),
        Figure("failed sign-ins: address full", place.name, full, one_hash, "s", 1, limit=0.5),
    ]


def _hashed(dear: str) -> float:
    def verify() -> None:
        try:
            PasswordHasher().verify(dear, "wrong")
        except VerifyMismatchError:
            return

    return seconds(verify)


class _Stranger:
    """Somebody with a fresh browser who types wrong passwords."""

    def __init__(self, port: int, locked: str) -> None:
        self._port, self._locked = port, locked
        headers, page = self._ask("GET", {}, "")
        (token,) = TOKEN.findall(page)
        self._headers = {**FORM, "Cookie": str(headers["Set-Cookie"]).partition(";")[0]}
        self._token = token

    def kind(self, email: str) -> Callable[[], float]:
        """The seconds of one try of this account; no more than one failure stands anywhere but at the locked one."""
        sent = urlencode({"email": email, "password": "wrong", "csrf_token": self._token})

        def tries() -> float:
            _failed_before(10, self._locked, "203.0.113.9")
            return seconds(lambda: self._ask("POST", self._headers, sent))

        return tries

    def _ask(self, method: str, headers: Mapping[str, str], body: str) -> tuple[Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, "/sign-in", body, dict(headers))
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        if answer.status not in {200, 422, 429}:
            raise RuntimeError(f"{method} /sign-in: {answer.status} {page[:500]}")
        return answer.headers, page


def _refused_at_a_full_address(email: str) -> float:
    _failed_before(60, "", HERE.address)

    def try_once() -> None:
        try:
            services.sign_in(email, "wrong", HERE)
        except limits.TooManyTries:
            return
        raise RuntimeError("a full address lets somebody try")

    return seconds(try_once)


def _failed_before(times: int, email: str, address: str) -> None:
    """Forgets every failure but these."""
    one = limits.password_try(email, Arrival(address, ""))
    tried = {"kind": "password", "account": one.account, "address": one.address, "at": clock.now()}
    db.session.execute(delete(FailedTry))
    db.session.execute(insert(FailedTry), [{"id": new_id(), **tried} for _ in range(times)])
    db.session.commit()
