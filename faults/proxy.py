"""A stretch of network between the application and PostgreSQL that can be made bad: frozen, cut, slow, or not there."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from enum import StrEnum

from faults.places import at_the_end, free_port

CHUNK = 65_536
DELAY = 0.1
"""Seconds that each packet takes longer, in each direction, on a slow line."""


class Line(StrEnum):
    """What becomes of what is sent."""

    GOOD = "good"
    FROZEN = "frozen"
    RESET = "reset"
    REFUSED = "refused"
    SLOW = "slow"


class Proxy:
    """Listens on a port of its own and passes everything on to another, as well as its line lets it."""

    def __init__(self, to: int) -> None:
        self.port, self._to, self.line = free_port(), to, Line.GOOD
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener: socket.socket | None = None
        self._over = False
        self.turn(Line.GOOD)
        self.forget = at_the_end(self.end)

    def turn(self, line: Line) -> None:
        """Makes the line good or bad, at once and for connections that are open."""
        self.line = line
        if line is Line.RESET or line is Line.REFUSED:
            for pair in self._pairs:
                _cut(*pair)
            self._pairs = []
        if line is Line.REFUSED:
            self._close_listener()
        elif self._listener is None:
            self._listen()

    def end(self) -> None:
        """Closes everything."""
        self._over = True
        self._close_listener()
        for pair in self._pairs:
            _cut(*pair)

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _close_listener(self) -> None:
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                if self.line is Line.RESET:
                    _cut(caller)
                else:
                    threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with suppress(OSError):
            callee = socket.create_connection(("127.0.0.1", self._to))
            self._pairs.append((caller, callee))
            while not self._over and self._pass(caller, callee):
                pass
        _cut(caller)

    def _is_frozen(self) -> bool:
        return self.line is Line.FROZEN

    def _pass(self, caller: socket.socket, callee: socket.socket) -> bool:
        """Passes on what has arrived; False at the end of either side."""
        if self._is_frozen():
            time.sleep(0.02)
            return True
        ready, _, _ = select.select([caller, callee], [], [], 0.05)
        for one, other in ((caller, callee), (callee, caller)):
            if one in ready and not self._is_frozen():
                if self.line is Line.SLOW:
                    time.sleep(DELAY)
                content = one.recv(CHUNK)
                other.sendall(content)
                if not content:
                    return False
        return True


def _cut(*sockets: socket.socket) -> None:
    """Closes with a reset, as a firewall or a fallen machine would."""
    for one in sockets:
        with suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
