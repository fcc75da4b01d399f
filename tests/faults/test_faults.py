"""The short forms of the proofs of failure and recovery; the long ones are `make faults`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.places import cleared
from faults.registry import load
from faults.report import Outcome, Row, all_held, judged

KILLS = 3


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database that is asked for; whatever was started is ended after the last test."""
    with cleared():
        yield request.config.getoption("--database")


def held(rows: list[Row]) -> None:
    """Every row held, however long it took; else what was found is said."""
    assert all_held(rows, unhurried=True), "\n".join(row.line for row in rows)


@pytest.mark.database
def test_killed_in_the_middle_of_everything_it_loses_nothing_and_leaves_nothing_half_done(database):
    held(list(load()["kills"].run(database, KILLS)))


@pytest.mark.database
def test_a_request_whose_answer_was_lost_is_done_once(database):
    held(list(load()["retry"].run(database, 1)))


def test_a_finding_is_said_and_fails_the_run():
    good = judged("disk", "full", "sqlite", 1, 2.0, [], "reads went on")
    bad = judged("disk", "full", "sqlite", 1, 2.0, ["one", "two", "three", "four"], "reads went on")
    assert (good.outcome, bad.outcome) == (Outcome.HELD, Outcome.FINDING)
    assert bad.detail == "one; two; three (and 1 more)"
    late = judged("disk", "full", "sqlite", 1, 2.0, [], "reads went on", late=["back in 11 s"])
    assert (late.outcome, late.detail) == (Outcome.LATE, "back in 11 s")
    assert all_held([good])
    assert not all_held([good, late])
    assert all_held([good, late], unhurried=True)
    assert not all_held([good, late, bad], unhurried=True)
    assert not all_held([good, bad])
    assert not all_held([])
