"""kill -9 of the application and of PostgreSQL while people import, offer, answer and award."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, ClassVar

from app.audit.verify import verify
from faults import effects
from faults.postgres import Cluster
from faults.recovery import FAILED_AT_MOST, GOOD_IN_A_ROW
from faults.registry import proof
from faults.report import Row, judged
from faults.server import BACK_WITHIN, Server, of_kind
from faults.talk import NOTHING, Caller
from faults.work import ALL, KINDS, Act, Crew, Kind, age_leases
from faults.world import Ground, Witness, World, ground

SEED = 20261122
TASK_WITHIN = 30.0
GIVE_UP = 120.0


@proof("kill-app", "kill -9 of the application: all or nothing, nothing acknowledged lost", times=20)
def kill_app(database: str, times: int) -> Iterator[Row]:
    """Every kind of work, the application killed in the middle of it."""
    for kind in KINDS.values():
        yield Killing("kill-app", database, kind, times, AppVictim).row()


@proof("kill-postgres", "kill -9 of PostgreSQL: the application recovers by itself", databases=("postgres",), times=20)
def kill_postgres(database: str, times: int) -> Iterator[Row]:
    """Every kind of work, the database killed in the middle of it."""
    for kind in KINDS.values():
        yield Killing("kill-postgres", database, kind, times, DatabaseVictim).row()


@proof("kills", "kill -9 of both, with all kinds of work at once: the short form", times=3)
def kill_both(database: str, times: int) -> Iterator[Row]:
    """The application, and PostgreSQL where it is one, killed while people do everything at once."""
    yield Killing("kills", database, ALL, times, AppVictim).row()
    if database == "postgres":
        yield Killing("kills", database, ALL, times, DatabaseVictim).row()


class Victim:
    """What is killed and how it comes back."""

    name: ClassVar[str]

    def __init__(self, server: Server, cluster: Cluster | None, probe: Caller) -> None:
        self.server, self.cluster, self.probe = server, cluster, probe

    def kill(self) -> None:
        """kill -9."""
        raise NotImplementedError

    def come_back(self, found: list[str], late: list[str]) -> float:
        """Lets it come back; the seconds until the first good answer, findings, and what came too late."""
        raise NotImplementedError


class AppVictim(Victim):
    """Every process of the application."""

    name = "app"

    def kill(self) -> None:
        """kill -9 of web processes and timetable alike."""
        self.server.kill()

    def come_back(self, found: list[str], late: list[str]) -> float:  # noqa: ARG002 (it always comes)
        """Somebody starts the program again."""
        seconds = self.server.start(self.probe)
        if seconds > BACK_WITHIN:
            late.append(f"the first good answer came {seconds:.1f} s after the start")
        return seconds


class DatabaseVictim(Victim):
    """PostgreSQL with all its processes; the application goes on and is not started again."""

    name = "PostgreSQL"

    def kill(self) -> None:
        """kill -9 of the postmaster and its children."""
        assert self.cluster
        self.cluster.kill()

    def come_back(self, found: list[str], late: list[str]) -> float:
        """PostgreSQL is started again; requests are sent one after the other until all workers answer well."""
        assert self.cluster
        self.cluster.start()
        began, failed, in_a_row, first = time.monotonic(), 0, 0, 0.0
        while in_a_row < GOOD_IN_A_ROW and time.monotonic() - began < GIVE_UP:
            status = self.probe.with_port(self.server.port).get("/api/v1/packages").status
            in_a_row = in_a_row + 1 if status == 200 else 0
            failed += status != 200
            first = first or (time.monotonic() - began if status == 200 else 0.0)
        if failed > FAILED_AT_MOST:
            found.append(f"{failed} requests failed after the database was back")
        if not first or first > BACK_WITHIN:
            (late if first else found).append(f"no good answer within {BACK_WITHIN:.0f} s after the database was back")
        return first


@dataclass
class Killing:
    """One case: one kind of work on one database, with one victim, several times."""

    proof: str
    database: str
    kind: Kind
    times: int
    victim_kind: type[Victim]
    found: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    backs: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("acts", "acknowledged", "cut off", "done unheard"), 0)
    )

    def row(self) -> Row:
        """Tries it so many times and says what was found."""
        began, prepared = time.monotonic(), ground(self.database, self.times)
        server = of_kind(self.database, address := prepared.copy(), timetable=self.kind.timetable)
        witness = Witness(address)
        try:
            self._tries(prepared, server, witness)
        finally:
            server.kill()
            witness.close()
        return judged(
            self.proof,
            f"{self.victim_kind.name}: {self.kind.name}",
            self.database,
            self.times,
            time.monotonic() - began,
            self.found,
            self._seen(),
            self.late,
        )

    def _seen(self) -> str:
        said = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        return f"{said}; back in {max(self.backs):.1f} s at most"

    def _tries(self, prepared: Ground, server: Server, witness: Witness) -> None:
        world, chance = prepared.world, Random(f"{SEED} {self.proof} {self.database} {self.kind.name}")
        server.start(world.officers["auditor"])
        victim = self.victim_kind(server, prepared.cluster, world.officers["auditor"])
        usual = self._usual(world, server, witness)
        for number in range(1, self.times + 1):
            share = (number - 1 + chance.random()) / self.times
            self._try(number, share * usual, victim, world, witness)

    def _usual(self, world: World, server: Server, witness: Witness) -> float:
        """How long the work of one try takes when nothing breaks; the kills are spread over that time."""
        crew, began = Crew(server.port, self.kind.acts(world, 0)), time.monotonic()
        crew.begin()
        crew.end()
        if self.kind.timetable:
            self._wait_for_tasks(crew.all_acts, server)
        seconds = time.monotonic() - began
        self._judge(crew.all_acts, world, witness, "before any kill")
        return seconds

    def _try(self, number: int, delay: float, victim: Victim, world: World, witness: Witness) -> None:
        crew, when = Crew(victim.server.port, self.kind.acts(world, number)), f"kill {number} after {delay:.2f} s"
        crew.begin()
        time.sleep(delay)
        victim.kill()
        found, late = list[str](), list[str]()
        if isinstance(victim, AppVictim):
            crew.end()
        self.backs.append(victim.come_back(found, late))
        crew.end()
        self.found += [f"{when}: {problem}" for problem in found]
        self.late += [f"{when}: {problem}" for problem in late]
        self._judge(crew.all_acts, world, witness, when)
        if self.kind.timetable:
            age_leases(witness.do)
        self._repeat(crew.all_acts, victim.server, world, witness, when)

    def _judge(self, acts: list[Act], world: World, witness: Witness, when: str) -> None:
        """All or nothing for each act; what was acknowledged is there; the audit holds."""
        for act in acts:
            effect: effects.Effect = witness.see(partial(act.effect, world, act.subject))
            self.found += [f"{when}: {act.name}: {problem}" for problem in effect.problems]
            if act.acknowledged and not effect.done and not act.waits:
                self.found.append(f"{when}: {act.name} was acknowledged and is lost")
            self._count(act, effect.done)
        self.found += [f"{when}: {problem}" for problem in witness.see(lambda: effects.whole(world))]
        if fault := witness.see(verify).fault:
            self.found.append(f"{when}: the audit does not hold: {fault}")

    def _count(self, act: Act, done: bool) -> None:
        self.counts["acts"] += 1
        self.counts["acknowledged"] += act.acknowledged
        self.counts["cut off"] += act.answer is not None and act.answer.status == NOTHING
        self.counts["done unheard"] += done and not act.acknowledged
        if done and act.answer and act.answer.status != NOTHING and "Nothing was changed" in act.answer.text:
            self.found.append(f"{act.name} answered {act.answer.status} “Nothing was changed” and was done")

    def _repeat(self, acts: list[Act], server: Server, world: World, witness: Witness, when: str) -> None:
        """Everybody sends the same again: one effect each, and the answer that was given before."""
        for act in acts:
            act.again = act.do(server.port)
            if (
                act.acknowledged
                and act.answer
                and (act.again.status, act.again.body) != (act.answer.status, act.answer.body)
            ):
                self.found.append(f"{when}: {act.name} was {act.answer.status} and repeated {act.again.status}")
            elif not act.again.good:
                self.found.append(f"{when}: {act.name} repeated is {act.again.status}: {act.again.text[:160]}")
        if self.kind.timetable:
            self._wait_for_tasks(acts, server)
        for act in acts:
            effect: effects.Effect = witness.see(partial(act.effect, world, act.subject))
            self.found += [f"{when}, repeated: {act.name}: {problem}" for problem in effect.problems]
            if not effect.done:
                self.found.append(f"{when}, repeated: {act.name} is not done")

    def _wait_for_tasks(self, acts: list[Act], server: Server) -> None:
        """Waits until what was queued is finished: taken up again, or failed with words."""
        for act in (one for one in acts if one.waits):
            heard = act.again if act.again and act.again.good else act.answer
            if heard and heard.good:
                self._wait_for_task(act, heard.json["id"], server)

    def _wait_for_task(self, act: Act, task_id: Any, server: Server) -> None:
        began, task = time.monotonic(), {"state": "never seen"}
        while time.monotonic() - began < GIVE_UP:
            answer = act.caller.with_port(server.port).get(f"/api/v1/tasks/{task_id}")
            task = answer.json if answer.good else task
            if task["state"] in {"done", "refused", "failed"}:
                break
            time.sleep(0.05)
        if (seconds := time.monotonic() - began) > TASK_WITHIN:
            self.late.append(f"the import was not over for {seconds:.0f} s")
        if task["state"] != "done":
            self.found.append(f"the import ended as {task['state']}: {task.get('sentence')}")
