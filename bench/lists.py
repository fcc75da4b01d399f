"""Signed-in list pages of 50 rows, beside rendering the same templates from prepared data; and how many queries they ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, template_rendered
from flask_login import current_user
from sqlalchemy import event, insert, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import clock
from app.auth.login import SignedIn
from app.database import db, new_id, patience
from app.house import House
from app.http.viewer import viewer_or_none
from bench.answers import answer_the_county
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.issuing import issue
from bench.places import Place
from bench.signing_in import SignedInUser, sign_in_all, users_of
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.rules import BatchState
from marketplace.packages.models import Package

PAGES = ("/packages", "/providers", "/batches", "/board")
BATCHES, EACH = 60, 12
REPEATS = 20


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """Requests a second of the whole page, and renderings a second of its template with what the page was made of."""
    place.back_to("county")
    with place.house.app_context():
        _settled_batches(county)
        issue(county)
        answer_the_county()
        (officer, *_) = sign_in_all(place.house, users_of([county.authority_id]))
        _upkeep()
    return [_page(place, officer, path, rounds) for path in PAGES]


def _upkeep() -> None:
    """What PostgreSQL's autovacuum does within a minute of so many new rows. SQLite does nothing of the kind."""
    if db.engine.dialect.name == "postgresql":
        db.session.remove()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, patience(None):
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _settled_batches(county: County) -> None:
    """So many batches of the past that their list fills a page, each of as many packages as a real one."""
    packages = db.session.scalars(select(Package.id).order_by(Package.id).limit(BATCHES * EACH)).all()
    owned, now = {"authority_id": county.authority_id}, clock.now()
    known = {"scheme_id": county.scheme_id, "lot_id": county.lot_id, "state": BatchState.SETTLED}
    known |= {"title": "Preston", "created_by_label": "Benchmark", "sealed_at": now, "settled_at": now, **owned}
    batches = [{"id": new_id(), "reference": f"BAT-{n:05d}", **known} for n in range(2, BATCHES + 2)]
    places = [
        {**owned, "batch_id": batches[n % BATCHES]["id"], "package_id": one, "position": n, "settled_at": now}
        for n, one in enumerate(packages)
    ]
    for model, rows in ((Batch, batches), (BatchPackage, places)):
        db.session.execute(insert(model), rows)
    db.session.commit()


def _page(place: Place, officer: SignedInUser, path: str, rounds: int) -> Figure:
    with _rendered(place.house) as seen:
        answer = _get(place.house, officer, path)
    if answer.status_code != 200 or not seen:
        raise RuntimeError(f"{path} answered {answer.status_code}: a page that does not work is not measured")
    template, context = seen[-1]

    asked = _environ(path, officer)
    with place.house.request_context(dict(asked)):
        viewer_or_none()
        signed_in: SignedIn = current_user._get_current_object()

    def whole() -> float:
        return REPEATS / seconds(
            lambda: [run_wsgi_app(place.house, dict(asked), buffered=True) for _ in range(REPEATS)]
        )

    def bare() -> float:
        return REPEATS / seconds(
            lambda: [_render(place.house, asked, signed_in, template, context) for _ in range(REPEATS)]
        )

    figure, baseline = medians(rounds, whole, bare)
    note = f"{_queries(place, officer, path)} queries"
    return Figure(f"list page {path}", place.name, figure, baseline, "/s", rounds, note=note)


def _queries(place: Place, officer: SignedInUser, path: str) -> int:
    """How many statements one page asks."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    with place.house.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    _get(place.house, officer, path)
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def _render(house: House, asked: dict[str, Any], signed_in: SignedIn, template: Any, context: dict[str, Any]) -> str:
    """A rendering in a request of its own, as every page has one nonce and one token; the database is not asked."""
    with house.request_context(dict(asked)):
        g.viewer, g._login_user = signed_in.viewer, signed_in  # where Flask-Login looks first
        return str(template.render(context))


def _get(house: House, officer: SignedInUser, path: str) -> Any:
    return house.test_client(use_cookies=False).get(path, environ_overrides={"HTTP_COOKIE": officer.cookie})


def _environ(path: str, officer: SignedInUser) -> dict[str, Any]:
    return EnvironBuilder(path, environ_overrides={"HTTP_COOKIE": officer.cookie}).get_environ()


@contextmanager
def _rendered(house: House) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """The templates that are rendered inside, with what they were given."""
    seen: list[tuple[Any, dict[str, Any]]] = []

    def note(_sender: object, template: Any, context: dict[str, Any], **_: object) -> None:
        seen.append((template, context))

    with template_rendered.connected_to(note, house):
        yield seen
