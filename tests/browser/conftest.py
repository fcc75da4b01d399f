"""Fixtures of the browser tests: the application behind a real server, and Chromium in front of it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from waitress import wasyncore

from app.house import House
from tests.browser.hands import Hands
from tests.browser.visitor import Visitor
from tests.waiting import LONGEST

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests."""
    place = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert place, "The browser tests need Chromium: run `make browser`."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=FLAGS, timeout=LONGEST * 1000)
        expect.set_options(timeout=LONGEST * 1000)
        yield browser
        browser.close()


def opened(chromium: Browser, address: str, width: int = 1280, **settings: Any) -> BrowserContext:
    """A browser of somebody in England at a screen of this width, who waits for a slow machine."""
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": 800},
        locale="en-GB",
        timezone_id="Europe/London",
        **settings,
    )
    context.set_default_timeout(LONGEST * 1000)
    return context


@pytest.fixture
def live_server(house: House) -> Iterator[str]:
    """The address of the application, served by the same server as in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sockets: dict[int, object] = {}
    server = waitress.create_server(
        house, sockets, host="127.0.0.1", port=port, threads=4, clear_untrusted_proxy_headers=True
    )
    stopping = threading.Event()

    def serve() -> None:
        """Watches the sockets and, once told to stop, closes them: in one thread, or the watcher finds them gone."""
        while not stopping.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    stopping.set()
    thread.join(LONGEST)
    assert not thread.is_alive(), "The server of the browser tests does not stop."


@pytest.fixture(params=["desktop", "phone", "no script"])
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_server: str) -> Iterator[Visitor]:
    """Somebody in front of Chromium: at 1280 px, at 320 px, and at 1280 px without JavaScript."""
    width, has_script = 320 if request.param == "phone" else 1280, request.param != "no script"
    context = opened(chromium, live_server, width, java_script_enabled=has_script)
    yield Visitor(context.new_page(), has_script=has_script)
    context.close()


@pytest.fixture
def hands(chromium: Browser, live_server: str) -> Iterator[Hands]:
    """Somebody who uses the keyboard only."""
    context = opened(chromium, live_server)
    yield Hands(context.new_page())
    context.close()
