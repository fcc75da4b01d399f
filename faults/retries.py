"""A phone that loses the network: the request arrives, its answer does not, and it is sent again; twice at once, too."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from faults.recovery import look
from faults.registry import proof
from faults.report import Row, judged
from faults.server import Server, of_kind
from faults.talk import NOTHING, Answer
from faults.work import Act, Crew, answers, awards, offers
from faults.world import Witness, World, ground

SAME_KEY = 5
"""So many copies of one request arrive at the same moment."""
HEAD = re.compile(rb".*?content-length: (\d+).*?\r\n\r\n", re.DOTALL | re.IGNORECASE)
CASES = {"issue": offers, "answer": answers, "award": awards}


@proof("retry", "the same request again after a lost answer: one effect, the first answer", times=8)
def retry(database: str, times: int) -> Iterator[Row]:
    """Answers lost on the way back, and copies at the same moment."""
    prepared = ground(database, max(times, 3))
    address, world = prepared.copy(), prepared.world
    server, witness = of_kind(database, address), Witness(address)
    try:
        server.start(world.officers["auditor"])
        yield _lost(database, server, world, witness, times)
        yield _copies(database, server, world, witness)
    finally:
        server.end()
        witness.close()


def _lost(database: str, server: Server, world: World, witness: Witness, times: int) -> Row:
    """Each request is sent whole, and its sender is gone before the answer comes."""
    began, found, acts = time.monotonic(), list[str](), _acts(world, 0, times)
    for act in acts:
        act.answer = Answer(NOTHING)
        ear, passing_on = _deaf(server.port)
        act.do(ear)
        passing_on.join()
    found += look(acts, server.port, world, witness)
    found += [problem for act in acts for problem in _same_twice(act, server.port)]
    seen = f"{len(acts)} requests whose answers were lost, sent again: each done once"
    return judged("retry", "answer lost on its way", database, times, time.monotonic() - began, found, seen)


def _same_twice(act: Act, port: int) -> list[str]:
    """The third time brings what the second brought."""
    third = act.do(port)
    if act.again is None or (third.status, third.body) != (act.again.status, act.again.body):
        return [f"{act.name} a third time is {third.status}"]
    return [] if third.headers.get("Idempotency-Replayed") == "true" else [f"{act.name} a third time was done anew"]


def _copies(database: str, server: Server, world: World, witness: Witness) -> Row:
    """The same request several times at the same moment: all get the same answer."""
    began, found, acts = time.monotonic(), list[str](), _acts(world, 1, 2)
    for act in acts:
        same = [
            Act(act.caller, act.method, act.path, act.body, act.key, act.subject, act.effect) for _ in range(SAME_KEY)
        ]
        crew = Crew(server.port, [[one] for one in same])
        crew.begin()
        crew.end()
        told = {(one.answer.status, one.answer.body) for one in same if one.answer}
        if len(told) != 1 or not all(one.acknowledged for one in same):
            found.append(f"{act.name}: copies were answered {sorted(status for status, _ in told)}")
        act.answer = same[0].answer
    found += look(acts, server.port, world, witness)
    seen = f"{len(acts)} requests, {SAME_KEY} copies of each at once: each done once, all told the same"
    return judged("retry", "copies at the same moment", database, 1, time.monotonic() - began, found, seen)


def _acts(world: World, number: int, each: int) -> list[Act]:
    return [act for kind in CASES.values() for act in [one for crew in kind(world, number) for one in crew][:each]]


def _deaf(port: int) -> tuple[int, threading.Thread]:
    """A port that passes one request on and hangs up before the answer, and who waits until the server has answered."""
    ear = socket.create_server(("127.0.0.1", 0))
    passing_on = threading.Thread(target=_pass_on, args=(ear, port), daemon=True)
    passing_on.start()
    return int(ear.getsockname()[1]), passing_on


def _pass_on(ear: socket.socket, port: int) -> None:
    with suppress(OSError), ear:
        caller, _ = ear.accept()
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(_whole(caller))
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.close()
            server.recv(1)


def _whole(caller: socket.socket) -> bytes:
    """One request with all of its body, which comes in a packet of its own."""
    request = b""
    while not (head := HEAD.match(request)) or len(request) < head.end() + int(head[1]):
        if not (more := caller.recv(1_000_000)):
            raise ConnectionError("the caller was gone before its request was whole")
        request += more
    return request
