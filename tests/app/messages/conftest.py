"""A mail server on a free port, and the house using it."""

from __future__ import annotations

import pytest

from tests.app.messages.makers import Sink, connected, free_port, serving


@pytest.fixture
def sink(house):
    port = free_port()
    with serving(Sink(), port) as handler, connected(house, port):
        yield handler
