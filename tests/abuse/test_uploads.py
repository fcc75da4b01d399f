"""What is sent to a real server in a hundred megabytes, or byte by byte: told at once, cut, and nobody else waits.

How soon that is in seconds, `make faults` says.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

from app.database import db
from tests.abuse.served import answers, served
from tests.waiting import LONGEST, wait_until

HUNDRED_MEGABYTES = 100_000_000
MOST_GROWTH = 50_000_000
SECONDS = 5
HEAD = (
    "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    "Content-Length: {size}\r\n\r\n"
)


@pytest.fixture(params=["waitress", "gunicorn"])
def server(request, people, database_url, tmp_path):
    db.session.rollback()  # or this test would hold what the server waits for
    with served(request.param, database_url, tmp_path / "log", BODY_SECONDS=str(SECONDS)) as one:
        yield one


def connected(server, size):
    """A connection on which the head of an upload of this size has been sent."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST)
    line.sendall(HEAD.format(size=size).encode())
    return line


def test_a_hundred_megabytes_are_refused_at_once_and_fill_no_memory(server):
    answers(f"{server.address}/sign-in")
    before = server.memory()
    with connected(server, HUNDRED_MEGABYTES) as line:
        said = line.recv(65_536)  # before the first byte of it is sent
    assert said.startswith(b"HTTP/1.1 413 "), said[:200]
    with connected(server, HUNDRED_MEGABYTES) as line:
        sender = threading.Thread(target=pour, args=(line,))
        sender.start()
        said = line.recv(65_536)
        sender.join()
    assert said.startswith(b"HTTP/1.1 413 "), said[:200]
    assert server.memory() - before < MOST_GROWTH


def pour(line):
    """Sends what was announced, until the other side wants no more."""
    block = b"x" * 65_536
    with suppress(OSError):
        for _ in range(HUNDRED_MEGABYTES // len(block)):
            line.sendall(block)


def test_who_sends_byte_by_byte_is_cut_and_others_are_served_meanwhile(server):
    slow = [connected(server, 100_000) for _ in range(3)]
    assert not any(is_over(line) for line in slow)
    assert answers(f"{server.address}/healthz")
    assert not any(is_over(line) for line in slow), "others were kept waiting until the slow ones were cut"
    for line in slow:
        wait_until(lambda line=line: is_over(line), "Who sends byte by byte is not cut.")
        line.close()


def is_over(line):
    """Sends one more byte; whether the server has answered or hung up."""
    try:
        line.sendall(b"x")
        line.setblocking(False)
        line.recv(4_096)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        line.setblocking(True)
        line.settimeout(LONGEST)
    return True
