"""The house with topics of the tests' own; a mail server on a free port, and the house using it."""

from __future__ import annotations

import pytest

from app.house import House
from tests.app.messages.makers import TOPICS, Sink, connected, free_port, serving


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    for kind, topic in TOPICS.items():
        monkeypatch.setitem(house.extensions["message_topics"], kind, topic)
    return house


@pytest.fixture
def sink(house):
    port = free_port()
    with serving(Sink(), port) as handler, connected(house, port):
        yield handler
