"""What people do while something breaks: offering, answering, awarding, importing; each act with a key, so it can be repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app import clock
from app.database import db
from app.tasks.models import Lease, Task, TaskState
from faults import effects
from faults.talk import NOTHING, Answer, Caller, File
from faults.world import CREW, EACH, World
from tests.marketplace.packages.makers import a_file, a_row

ROWS = 150
"""Packages in each file that is imported."""


@dataclass
class Act:
    """One request that changes something, and what came back."""

    caller: Caller
    method: str
    path: str
    body: Any
    key: str
    subject: Any
    effect: Callable[[World, Any], effects.Effect]
    waits: bool = False
    """Whether it only queues a task, which is done afterwards."""
    answer: Answer | None = None
    again: Answer | None = None

    def do(self, port: int) -> Answer:
        """Sends it; the same at every call."""
        return self.caller.with_port(port).send(self.method, self.path, self.body, key=self.key, limit=60)

    @property
    def acknowledged(self) -> bool:
        """Whether the caller was told that it was done."""
        return self.answer is not None and self.answer.good

    @property
    def sent(self) -> bool:
        """Whether it was begun at all."""
        return self.answer is not None

    @property
    def name(self) -> str:
        """The act as a finding names it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: the acts of a try, for each member of the crew, and whether it needs the timetable."""

    name: str
    acts: Callable[[World, int], list[list[Act]]]
    timetable: bool = False


@dataclass
class Crew:
    """Several people at work at once, each doing one act after the other until there is no answer."""

    port: int
    acts: Sequence[Sequence[Act]]
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Sets everybody to work."""
        self._threads = [threading.Thread(target=self._work, args=(own,), daemon=True) for own in self.acts]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Waits until everybody has stopped."""
        for thread in self._threads:
            thread.join(90)

    def _work(self, acts: Sequence[Act]) -> None:
        for act in acts:
            act.answer = Answer(NOTHING)
            act.answer = act.do(self.port)
            if not act.answer.good:
                return

    @property
    def all_acts(self) -> list[Act]:
        """Every act that was begun."""
        return [act for own in self.acts for act in own if act.sent]


def offers(world: World, number: int) -> list[list[Act]]:
    """Packages offered one by one, each to every eligible member."""
    navigator = world.officers["navigator"]
    return _crews(
        number, world.ready, lambda one: (navigator, "POST", f"/api/v1/packages/{one}/offer", {}), effects.of_offering
    )


def answers(world: World, number: int) -> list[list[Act]]:
    """Providers answering packages of their offers."""

    def act(one: Any) -> tuple[Caller, str, str, Any]:
        said = {"package": one.package, "answer": "accept", "price_pence": 2450, "earliest_start": one.start}
        return one.caller, "PUT", f"/api/v1/offers/{one.offer_id}/response", {"submit": True, "answers": [said]}

    return _crews(number, world.answerable, act, effects.of_answer)


def awards(world: World, number: int) -> list[list[Act]]:
    """Brokers awarding ranked rounds."""
    brokers = [world.officers["broker"], world.officers["broker2"]]

    def act(one: Any) -> tuple[Caller, str, str, Any]:
        body = {"offer_line_id": str(one.line_id), "need_confirmed_with": "the ward"}
        return brokers[one.package_id.int % 2], "POST", f"/api/v1/packages/{one.package_id}/award", body

    return _crews(number, world.awardable, act, effects.of_award)


def imports(world: World, number: int) -> list[list[Act]]:
    """One file of packages (an authority imports one at a time), while others offer, answer and award."""
    file = effects.Imported(f"F{number:03d}-", ROWS, number * ROWS + 1)
    rows = [a_row(file.first + n, reference=f"{file.prefix}{n:05d}") for n in range(ROWS)]
    form = File.of(f"packages-{number}.csv", a_file(*rows), scheme_id=str(world.scheme_id))
    navigator = world.officers["navigator"]
    key = f"import-{number}"
    return [[Act(navigator, "POST", "/api/v1/packages/import", form, key, file, effects.of_import, waits=True)]]


def _crews(
    number: int,
    subjects: Sequence[Any],
    act: Callable[[Any], tuple[Caller, str, str, Any]],
    effect: Callable[[World, Any], effects.Effect],
) -> list[list[Act]]:
    """The subjects of this try, dealt out to the crew. Neighbours in the list go to different people."""
    size = CREW * EACH
    own = subjects[number * size : (number + 1) * size]
    made = [Act(*act(one), f"act-{number}-{place}", one, effect) for place, one in enumerate(own)]
    return [made[member::CREW] for member in range(CREW)]


KINDS = {
    "import": Kind("import", imports, timetable=True),
    "issue": Kind("issue", offers),
    "answer": Kind("answer", answers),
    "award": Kind("award", awards),
}


def everything(world: World, number: int) -> list[list[Act]]:
    """All kinds of work at once: one person imports, two offer, two answer, two award."""
    return [crew for kind in KINDS.values() for crew in kind.acts(world, number)[:2]]


ALL = Kind("import, issue, answer, award", everything, timetable=True)


def age_leases(witness_do: Callable[[Callable[[], Any]], Any]) -> None:
    """Lets the time pass after which dead processes are given up: their leases end now."""
    witness_do(_end_leases)


def _end_leases() -> None:
    gone = clock.machine_time() - timedelta(minutes=1)
    plain: dict[str, Any] = {"synchronize_session": False}
    running = update(Task).where(Task.state == TaskState.RUNNING).values(lease_until=gone)
    db.session.execute(running.execution_options(**plain))
    db.session.execute(update(Lease).values(expires_at=gone).execution_options(**plain))
    db.session.commit()
