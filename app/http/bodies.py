"""How large and how slow a request may be, whatever server takes it in.

The size is kept by Flask before anything is read. The time is kept here: a watch that runs beside the workers closes
the reading side of a connection whose request has not come in after some seconds (BODY_SECONDS), so that its worker goes on to others.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

MOST_FILE_BYTES = 20_000_000
MOST_BODY_BYTES = 20 * 1024 * 1024
"""What a form may bring in all: a file of 20 MB and the fields beside it."""
MOST_TEXT_BYTES = 2_000_000
"""JSON and plain forms: no page and no caller needs more, and as Python values they are many times as large."""
UPLOADS = "multipart/form-data"

Environ = dict[str, Any]


def too_large_sentence(*, is_upload: bool = True) -> str:
    """What a page says about a request that is too large."""
    if is_upload:
        return f"The file is too large. Send a file of at most {MOST_FILE_BYTES // 1_000_000} MB, or split it."
    return f"What was sent is too large. Send at most {MOST_TEXT_BYTES // 1_000_000} MB at once."


def plain_page(status: int, sentence: str) -> str:
    """A page for what never reached the application, so without its frame."""
    titles = {413: "Too large", 408: "Too slow"}
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{titles[status]}</title></head>'
        f"<body><main><h1>{titles[status]}</h1><p>{sentence}</p><p>Nothing was taken in.</p></main></body></html>"
    )


class BoundedRequest(Request):
    """Only files may be large."""

    @property
    def max_content_length(self) -> int | None:
        """The most bytes of this request's body; more is answered with 413 before any of it is read."""
        return MOST_BODY_BYTES if self.mimetype == UPLOADS else MOST_TEXT_BYTES

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        raise AttributeError(f"The limits of bodies stand in {__name__}, not {value}.")

    def get_data(self, *how: Any, **named: Any) -> Any:
        """The body. One that came in pieces and reached the limit is refused, not cut short."""
        data = super().get_data(*how, **named)
        if self.content_length is None and len(data) >= (self.max_content_length or 0):
            raise RequestEntityTooLarge
        return data


def prepare_bodies(app: Flask, seconds: int) -> None:
    """Installs both limits."""
    app.request_class = BoundedRequest
    app.wsgi_app = Timed(app.wsgi_app, seconds)  # type: ignore[method-assign]


class Timed:
    """WSGI: watches each request whose body is still to come over a socket that the server lends."""

    def __init__(self, application: Callable[..., Iterable[bytes]], seconds: int) -> None:
        self._application = application
        self._watch = Watch(seconds)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        if connection is None or not _has_body(environ):
            return self._application(environ, start_response)
        stream = environ["wsgi.input"] = _Watched(environ["wsgi.input"], connection, self._watch)
        try:
            return self._application(environ, start_response)
        finally:
            stream.release()


def _has_body(environ: Environ) -> bool:
    return environ.get("CONTENT_LENGTH", "") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ


class _Watched:
    """The body. Its time runs from the first read until the application has answered."""

    def __init__(self, stream: Any, connection: socket.socket, watch: Watch) -> None:
        self._stream = stream
        self._connection = connection
        self._watch = watch
        self._ticket: _Ticket | None = None

    def read(self, size: int = -1) -> bytes:
        """Some bytes; fewer when the sender has gone or was cut off."""
        return self._received(self._stream.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._received(self._stream.readline, size)

    def _received(self, receive: Callable[[int], bytes], size: int) -> bytes:
        self._ticket = self._ticket or self._watch.begin(self._connection)
        try:
            return receive(size)
        except Exception as broken:
            # Whatever a server raises over a body that breaks off, or whose pieces are none, it is not our fault.
            raise ClientDisconnected from broken

    def release(self) -> None:
        if self._ticket is not None:
            self._watch.end(self._ticket)


@dataclass(slots=True, eq=False)
class _Ticket:
    """One connection that is watched until its time is over or somebody takes it off."""

    until: float
    connection: socket.socket | None


class Watch:
    """One thread of this process that ends what takes too long."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._changed = threading.Condition()
        self._tickets: deque[_Ticket] = deque()
        self._process = 0

    def begin(self, connection: socket.socket) -> _Ticket:
        """Watches a connection from now."""
        ticket = _Ticket(time.monotonic() + self._seconds, connection)
        with self._changed:
            if self._process != os.getpid():
                # A worker that was forked has no thread of its parent's.
                self._process, self._tickets = os.getpid(), deque()
                threading.Thread(target=self._run, name="slow uploads", daemon=True).start()
            self._tickets.append(ticket)
            if len(self._tickets) == 1:
                self._changed.notify()
        return ticket

    def end(self, ticket: _Ticket) -> None:
        with self._changed:
            ticket.connection = None

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._tickets:
                    self._changed.wait()
                left = self._look()
            time.sleep(max(0.0, min(left, 1.0)))

    def _look(self) -> float:
        """Closes what is due, forgets what has ended; the seconds until the next one is due."""
        while self._tickets:
            first = self._tickets[0]
            left = first.until - time.monotonic()
            if first.connection is not None and left > 0:
                return left
            self._tickets.popleft()
            if first.connection is not None:
                with suppress(OSError):
                    first.connection.shutdown(socket.SHUT_RD)
        return 0.0
