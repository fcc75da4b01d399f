"""Fixtures for the tests of sign-in: settings that a test changes for itself, and a clock that it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.auth.login import Pace
from app.house import House
from tests.abuse.world import Attacker


@pytest.fixture
def settings(house: House) -> Iterator[Callable[..., None]]:
    """Changes settings of the installation until the test is over."""
    before = house.extensions["config"]

    def change(**values: Any) -> None:
        house.extensions["config"] = replace(house.extensions["config"], **values)

    yield change
    house.extensions["config"] = before
    house.extensions["pace"] = Pace()


@pytest.fixture
def client(house: House) -> Attacker:
    """A browser that looks at no more than what it came for: these tests send many requests."""
    house.test_client_class = Attacker
    plain = house.test_client()
    assert isinstance(plain, Attacker)
    return plain
