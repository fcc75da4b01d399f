"""Two schedulers in processes of their own, and the leader killed: the short form; `make faults` has the long one."""

from __future__ import annotations

import pytest

from app.database import db
from faults.schedulers import Pair
from tests.app.messages.makers import Sink, free_port, serving
from tests.marketplace.makers import a_member, a_package, a_scheme


@pytest.fixture
def pair(house, people, database_url):
    """Two of them on the tests' database, with packages to offer; leases are aged, so that nobody waits."""
    scheme = a_scheme(people)
    for _ in range(2):
        a_member(scheme)
    for _ in range(4):
        a_package(scheme)
    db.session.commit()
    with serving(Sink(), free_port()) as sink:
        pair = Pair(house, database_url, sink, hurry=True)
        yield pair
        pair.end()


def test_a_killed_leader_is_followed_and_every_timed_effect_happens_once(pair):
    assert pair.try_once(0.5) == []
