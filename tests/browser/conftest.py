"""Fixtures of the browser tests: the application behind a real server, and Chromium in front of it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress import wasyncore

from app.house import House
from tests.browser.visitor import Visitor

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
        browser = playwright.chromium.launch(executable_path=place, args=FLAGS)
        yield browser
        browser.close()


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
    thread.join(timeout=20)
    assert not thread.is_alive(), "The server of the browser tests does not stop."


@pytest.fixture(params=["desktop", "phone", "no script"])
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_server: str) -> Iterator[Visitor]:
    """Somebody in front of Chromium: at 1280 px, at 320 px, and at 1280 px without JavaScript."""
    width = 320 if request.param == "phone" else 1280
    context: BrowserContext = chromium.new_context(
        base_url=live_server,
        viewport={"width": width, "height": 800},
        java_script_enabled=request.param != "no script",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(10_000)
    page: Page = context.new_page()
    expect.set_options(timeout=10_000)
    yield Visitor(page, has_script=request.param != "no script")
    context.close()
