"""Signed-in list pages of 50 rows, beside rendering the same templates from prepared data; and how many queries they ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import template_rendered

from app.auth.current import viewer_or_none
from app.house import House
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.places import Place
from bench.signing_in import SignedInUser, sign_in_all, users_of

PAGES = ("/packages", "/providers", "/batches")
REPEATS = 20


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """Requests a second of the whole page, and renderings a second of its template with what the page was made of."""
    place.back_to("county")
    with place.house.app_context():
        (officer, *_) = sign_in_all(place.house, users_of([county.authority_id]))
    return [figure for path in PAGES if (figure := _page(place, officer, path, rounds))]


def _page(place: Place, officer: SignedInUser, path: str, rounds: int) -> Figure | None:
    with _rendered(place.house) as seen:
        answer = _get(place.house, officer, path)
    if answer.status_code != 200 or not seen:
        return None
    template, context = seen[-1]

    def whole() -> float:
        return REPEATS / seconds(lambda: [_get(place.house, officer, path) for _ in range(REPEATS)])

    def bare() -> float:
        with place.house.test_request_context(path, environ_overrides={"HTTP_COOKIE": officer.cookie}):
            viewer_or_none()
            return REPEATS / seconds(lambda: [template.render(context) for _ in range(REPEATS)])

    figure, baseline = medians(rounds, whole, bare)
    return Figure(f"list page {path}", place.name, figure, baseline, "/s", 0.6, None, rounds, most=False)


def _get(house: House, officer: SignedInUser, path: str) -> Any:
    return house.test_client(use_cookies=False).get(path, environ_overrides={"HTTP_COOKIE": officer.cookie})


@contextmanager
def _rendered(house: House) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """The templates that are rendered inside, with what they were given."""
    seen: list[tuple[Any, dict[str, Any]]] = []

    def note(_sender: object, template: Any, context: dict[str, Any], **_: object) -> None:
        seen.append((template, context))

    with template_rendered.connected_to(note, house):
        yield seen
