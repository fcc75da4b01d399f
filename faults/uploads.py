"""What comes in a hundred megabytes, or byte by byte: refused within seconds, cut, and nobody else waits meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from faults.places import folder
from faults.registry import proof
from faults.report import Row, judged
from faults.talk import ask
from faults.world import ground
from tests.abuse.served import served

REFUSED_WITHIN = 5.0
BODY_SECONDS = 2
CUT_WITHIN = 30.0
OTHERS_WITHIN = 2.0
SENDERS = 3
PAUSE = 0.1
HUNDRED_MEGABYTES, SMALL = 100_000_000, 100_000
HEAD = (
    "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    "Content-Length: {size}\r\n\r\n"
)


@proof("uploads", "a hundred megabytes refused within 5 s; slow senders cut, others served within 2 s")
def uploads(database: str, times: int) -> Iterator[Row]:
    """Both servers of use."""
    address = ground(database, max(times, 3)).copy()
    for kind in ("waitress", "gunicorn"):
        with folder() as place, served(kind, address, place / "log", BODY_SECONDS=str(BODY_SECONDS)) as server:
            ask(server.port, "GET", "/sign-in", None, {})
            yield _huge(database, kind, server.port)
            yield _slow(database, kind, server.port)


def _huge(database: str, kind: str, port: int) -> Row:
    began = time.monotonic()
    with _begun(port, HUNDRED_MEGABYTES) as line:
        sender = threading.Thread(target=_pour, args=(line,), daemon=True)
        sender.start()
        said = line.recv(65_536)
        seconds = time.monotonic() - began
        sender.join()
    found = [] if said.startswith(b"HTTP/1.1 413 ") else [f"it was answered {said[:60]!r}"]
    late = [f"the answer came after {seconds:.1f} s"] if seconds > REFUSED_WITHIN else []
    seen = f"413 after {seconds:.2f} s"
    return judged("uploads", f"{kind}: 100 MB", database, 1, time.monotonic() - began, found, seen, late)


def _slow(database: str, kind: str, port: int) -> Row:
    """Several send a byte now and then; somebody else asks all the while."""
    began, longest = time.monotonic(), 0.0
    with ExitStack() as stack:
        lines = [stack.enter_context(_begun(port, SMALL)) for _ in range(SENDERS)]
        still = set(lines)
        while still and time.monotonic() - began < CUT_WITHIN:
            still = {line for line in still if _takes_a_byte(line)}
            longest = max(longest, ask(port, "GET", "/healthz", None, {}).seconds)
            time.sleep(PAUSE)
    seconds = time.monotonic() - began
    found = [f"{len(still)} of {SENDERS} slow senders were not cut within {CUT_WITHIN:.0f} s"] if still else []
    late = [f"others waited up to {longest:.1f} s meanwhile"] if longest > OTHERS_WITHIN else []
    seen = f"{SENDERS} cut after {seconds:.1f} s, others answered within {longest:.2f} s meanwhile"
    return judged("uploads", f"{kind}: byte by byte", database, 1, seconds, found, seen, late)


def _begun(port: int, size: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.sendall(HEAD.format(size=size).encode())
    return line


def _pour(line: socket.socket) -> None:
    block = b"x" * 65_536
    with suppress(OSError):
        for _ in range(HUNDRED_MEGABYTES // len(block)):
            line.sendall(block)


def _takes_a_byte(line: socket.socket) -> bool:
    """Sends one more byte; whether the server still listens and has not answered."""
    try:
        line.setblocking(False)
        line.send(b"x")
        line.recv(4_096)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
