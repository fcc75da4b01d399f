"""Fixtures of the tests that do harm."""

from __future__ import annotations

import pytest

from app.house import House
from marketplace.schemes.models import Scheme
from tests.abuse.world import Attacker, World, settle
from tests.marketplace.makers import a_scheme
from tests.marketplace.packages.makers import a_team
from tests.people import People


@pytest.fixture
def world(people: People) -> World:
    """A council with something in every state."""
    return settle(people)


@pytest.fixture
def attacker(house: House) -> Attacker:
    """A client with bad intentions."""
    house.test_client_class = Attacker
    made = house.test_client()
    assert isinstance(made, Attacker)
    return made


@pytest.fixture
def scheme(people: People) -> Scheme:
    """A scheme and a team: packages can be imported into it."""
    a_team(people)
    return a_scheme(people)
