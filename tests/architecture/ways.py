"""The longest way from a view to its first write, in frames of the product's own code.

A plugin: `python -m pytest -p tests.architecture.ways tests/journeys` prints the ten longest ways at the end. Counted are
the frames of the product's modules from the view itself, both ends included, down to the first INSERT, UPDATE or DELETE
that a request sends from inside its view; what the edge writes before and after the view is not the view's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import unwrap
from types import CodeType, FrameType

import pytest
from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import Engine, event

from tests.architecture.test_measures import AREAS, ROOT

WRITES = ("INSERT", "UPDATE", "DELETE")
SHOWN = 10
FOLDERS = tuple(f"{ROOT / area}/" for area in AREAS)

ways: dict[tuple[str, ...], int] = {}
"""Every way that was gone, as its frames from the view on, with how often."""


@event.listens_for(Engine, "before_cursor_execute")
def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
    """Notes the way to the first write of a request."""
    is_first = has_request_context() and "way_to_write" not in g and statement.lstrip().upper().startswith(WRITES)
    if is_first and (way := way_from_view()):
        g.way_to_write = way
        ways[way] = ways.get(way, 0) + 1


def way_from_view() -> tuple[str, ...]:
    """The product's frames from the view to here; empty when the view is not under way."""
    inside: list[FrameType] = []
    for frame in frames_outwards():
        if frame.f_code is Flask.dispatch_request.__code__:
            break
        inside.append(frame)
    else:
        return ()
    ours = [frame for frame in reversed(inside) if frame.f_code.co_filename.startswith(FOLDERS)]
    view = code_of_view()
    start = next((place for place, frame in enumerate(ours) if frame.f_code is view), 0)
    return tuple(named(frame) for frame in ours[start:])


def frames_outwards() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back


def code_of_view() -> CodeType | None:
    """The code of the view itself, under what was wrapped around it; of a step, the method that answers the request."""
    view = unwrap(current_app.view_functions[request.endpoint or ""])
    step = getattr(view, "view_class", None)
    method = unwrap(getattr(step, request.method.lower())) if step else view
    return getattr(method, "__code__", None)


def named(frame: FrameType) -> str:
    path = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
    return f"{path}:{frame.f_code.co_name}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the longest ways."""
    longest = sorted(ways, key=len, reverse=True)[:SHOWN]
    terminalreporter.section("the longest ways from a view to its first write")
    for way in longest:
        terminalreporter.line(f"{len(way)} frames, {ways[way]} times: {' > '.join(way)}")
