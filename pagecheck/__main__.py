"""`python -m pagecheck [--database PLACE] [--only WORD] [--json FILE]`: the whole audit, in two Chromiums."""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import select

from app.database import db
from app.house import House
from app.parties.roles import Role
from demo.screenshots import chromium, served
from marketplace.batches.models import Batch, BatchState
from pagecheck import report
from pagecheck.addresses import Explorer, page_rules, unused_roles
from pagecheck.browsing import Inspector
from pagecheck.findings import Finding, Kind, Tally, Visit
from pagecheck.furnishing import furnish
from pagecheck.ground import Somebody, a_copy, everybody, what_no_title_says, without_a_database
from pagecheck.reach import Reach, reach_of

WORKERS = 2
Job = Callable[[Inspector], None]


def main() -> int:
    """Does the audit and tells what was found; 1 when something was."""
    options = asked()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        house = a_copy(Path(folder) / "audit.sqlite", options.database)
        with house.app_context():
            people = everybody()
            token = furnish(next(who.email for who in people if Role.PROVIDER_COORDINATOR in who.roles))
            secrets = what_no_title_says()
            db.session.rollback()  # what has read may yet write, and would keep everybody else from writing
        tally, visits = explored(house, people, token, secrets)
        reach = reached(house, visits, people)
        visits = [visit for visit in visits if options.only in visit.endpoint]
        say(f"{len(visits)} pages found", started)
        broken = refusals(house)
        with served(house) as address:
            work(address, people, looks(visits), tally)
            say("every page looked at", started)
            work(address, people, forms(visits), tally)
            say(f"{tally.forms} forms came back", started)
            work(address, people, broken, tally)
        with without_a_database(Path(folder)) as shut, served(shut) as address:
            work(
                address,
                [],
                [lambda one: one.look(Visit("nobody", "no database", "/sign-in", 503), closely=True)],
                tally,
            )
    return told(tally, reach, time.monotonic() - started, options.json)


def asked() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="pagecheck", description=__doc__)
    parser.add_argument("--database", type=Path, help="a demo database to copy, instead of instance/demo.sqlite")
    parser.add_argument("--only", default="", help="look only at pages with this word in their name")
    parser.add_argument("--json", type=Path, help="write the lines of JSON to this file, too")
    return parser.parse_args()


def say(sentence: str, started: float) -> None:
    """Tells how far the audit is."""
    print(f"  {time.monotonic() - started:5.0f} s  {sentence}", flush=True)


def explored(house: House, people: list[Somebody], token: str, secrets: tuple[str, ...]) -> tuple[Tally, list[Visit]]:
    """Every page of everybody, and what is wrong with its HTML; two processes share the people."""
    tally, visits = Tally(), []
    with ProcessPoolExecutor(WORKERS, get_context("fork"), _apart, (house,)) as pool:
        for found, seen in pool.map(partial(_explored_by, token, secrets), people):
            tally.findings += found
            visits += seen
    return tally, visits


_HOUSES: list[House] = []


def _apart(house: House) -> None:
    """A process of its own needs connections of its own."""
    _HOUSES[:] = [house]
    with house.app_context():
        db.engine.dispose(close=False)


def _explored_by(token: str, secrets: tuple[str, ...], who: Somebody) -> tuple[list[Finding], list[Visit]]:
    with _HOUSES[0].app_context():
        explorer = Explorer(_HOUSES[0], who, token, secrets)
        explorer.explore()
    return explorer.findings, explorer.visits


def reached(house: House, visits: list[Visit], people: list[Somebody]) -> Reach:
    """Whether every page is among the visits."""
    return reach_of({rule.endpoint for rule in page_rules(house)}, visits, unused_roles(house, people))


def looks(visits: list[Visit]) -> list[Job]:
    """A job for each visit; the first of each shape of a page is looked at closely, and these come first."""
    jobs: list[tuple[bool, Job]] = []
    seen: set[tuple[str, str, int]] = set()
    for visit in visits:
        key = (visit.endpoint if visit.kind is Kind.PAGE else "refusal", visit.shape, visit.status)
        closely = key not in seen
        seen.add(key)
        jobs.append((closely, lambda one, visit=visit, closely=closely: one.look(visit, closely=closely)))  # type: ignore[misc]
    return [job for _, job in sorted(jobs, key=lambda pair: not pair[0])]


def forms(visits: list[Visit]) -> list[Job]:
    """A job for each page and role whose forms are sent empty; the first of each page is looked at closely."""
    jobs: list[Job] = []
    seen: set[tuple[str, str]] = set()
    for visit in visits:
        if visit.kind is not Kind.PAGE or (visit.endpoint, visit.role) in seen:
            continue
        closely = visit.endpoint not in {endpoint for endpoint, _ in seen}
        seen.add((visit.endpoint, visit.role))
        jobs.append(lambda one, visit=visit, closely=closely: one.send_empty(visit, closely=closely))  # type: ignore[misc]
    return jobs


def refusals(house: House) -> list[Job]:
    """Refusals that no link leads to: a wrong method, something done already, and a fault of ours."""
    house.add_url_rule("/a-fault-of-ours", "a fault", _break)
    with house.app_context():
        batch = db.session.scalars(select(Batch.id).where(Batch.state == BatchState.OFFERED).limit(1)).one()
    wrong_way = Visit("navigator", "wrong method", "/sign-out", 405, Kind.REFUSAL)
    sealed_twice = Visit("navigator", "done already", f"/batches/{batch}/seal", 409, Kind.REFUSAL)
    fault = Visit("navigator", "a fault", "/a-fault-of-ours", 500, Kind.REFUSAL)
    return [
        lambda one: one.look(wrong_way, closely=True),
        lambda one: one.post(sealed_twice, f"/batches/{batch}"),
        lambda one: one.look(fault, closely=True),
    ]


def _break() -> str:
    raise RuntimeError("The audit asks what a fault looks like.")


def work(address: str, people: list[Somebody], jobs: list[Job], tally: Tally) -> None:
    """Shares the jobs out to the workers and adds up what they found."""
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    threads = [threading.Thread(target=one_worker, args=(address, people, waiting, tally)) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_worker(address: str, people: list[Somebody], waiting: queue.SimpleQueue[Job], tally: Tally) -> None:
    """Does jobs until none are left."""
    with chromium() as browser:
        inspector = Inspector(browser, address, people)
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                break
            job(inspector)
        tally.add(inspector.tally)


def told(tally: Tally, reach: Reach, seconds: float, place: Path | None) -> int:
    """Prints the report; the exit code."""
    lines = list(report.lines(tally, reach, seconds))
    print("\n".join(lines))
    if place:
        place.write_text("\n".join(line for line in lines if line.startswith("{")) + "\n", encoding="utf-8")
    return 0 if report.is_clean(tally, reach) else 1


if __name__ == "__main__":
    sys.exit(main())
