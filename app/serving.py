"""The web server of one machine: waitress, with an honest page for what is too large, and an end to slow uploads.

Waitress takes whole requests in before a thread works on them, so a slow sender holds up nobody; here it is also cut.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask
from waitress.utilities import Error, RequestEntityTooLarge

from app.house import House
from app.http.bodies import MOST_BODY_BYTES, plain_page, too_large_sentence
from config import Config

IDLE_SECONDS = 30
LOOKS_AFTER_SECONDS = 5
LINGER_SECONDS = 2.0
MOST_LINGER_BYTES = 200_000_000
THREADS = 8


class RequestTimeout(Error):  # type: ignore[misc]
    """408: the request did not come in within its time."""

    code = 408
    reason = "Request Timeout"


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Remembers when the request began, and takes nothing that follows a refused body for another request."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        return len(data) if isinstance(self.error, RequestEntityTooLarge) else taken


class _RefusalTask(ErrorTask):  # type: ignore[misc]
    """Answers what never reached the application: a page that says what is wrong."""

    def execute(self) -> None:
        sentences = {413: too_large_sentence(), 408: "It took too long to send. Try again over a faster connection."}
        error = self.request.error
        if error.code not in sentences:
            super().execute()
            return
        page = plain_page(error.code, sentences[error.code]).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "private, no-store")]
        self.content_length = len(page)
        if error.code == 413:
            # The channel stays open a moment, see `_Channel`; the sender is told all the same.
            self.response_headers.append(("Connection", "close"))
        else:
            self.set_close_on_finish()
        self.write(page)


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection. After a refused body it listens a little longer, so that the sender can read the answer."""

    error_task_class = _RefusalTask
    body_seconds = 0
    _latest: _Parser | None = None
    _refused_at = 0.0
    _let_go = 0

    def parser_class(self, adj: Any) -> _Parser:
        self._latest = _Parser(adj)
        return self._latest

    def received(self, data: bytes) -> bool:
        if self._refused_at:
            self._let_go += len(data)
            late = time.monotonic() - self._refused_at > LINGER_SECONDS
            if late or self._let_go > MOST_LINGER_BYTES:
                self.will_close = True
            return False
        taken = bool(super().received(data))
        latest = self._latest
        if latest is not None and isinstance(latest.error, RequestEntityTooLarge):
            self._refused_at = time.monotonic()
        elif latest is not None and not latest.completed and time.monotonic() - latest.began > self.body_seconds:
            self._cut(latest)
        return taken

    def service(self) -> None:
        super().service()
        if self._refused_at and not self.total_outbufs_len:
            # Nothing more is said; whoever waits for the end of the answer has it now.
            with suppress(OSError, AttributeError):
                self.socket.shutdown(socket.SHUT_WR)

    @property
    def last_activity(self) -> float:
        """When something last happened; a refused sender is let go soon, not only when it counts as idle."""
        return self._last_activity - (IDLE_SECONDS - LINGER_SECONDS if self._refused_at else 0)

    @last_activity.setter
    def last_activity(self, at: float) -> None:
        self._last_activity = at

    def _cut(self, request: _Parser) -> None:
        request.error, request.completed = RequestTimeout(""), True
        with self.requests_lock:
            self.request = None
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)


def serve(house: House, *, host: str, port: int, threads: int = THREADS) -> None:
    """Serves until it is stopped."""
    config: Config = house.extensions["config"]
    channel = type("Channel", (_Channel,), {"body_seconds": config.body_seconds})
    server = waitress.create_server(
        house,
        host=host,
        port=port,
        threads=threads,
        ident=None,
        max_request_body_size=MOST_BODY_BYTES + 1,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=LOOKS_AFTER_SECONDS,
    )
    # A host's name may stand for several addresses; then there is one server for each.
    for one in [server, *getattr(server, "map", {}).values()]:
        if hasattr(one, "channel_class"):
            one.channel_class = channel
    server.run()
