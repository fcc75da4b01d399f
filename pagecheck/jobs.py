"""The jobs that two Chromiums share: looks at pages, forms sent empty, refusals, and pages that are shown once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import pyotp
from playwright.sync_api import Page
from sqlalchemy import select

from app.database import db
from app.house import House
from demo.screenshots import chromium
from marketplace.batches.models import Batch
from marketplace.batches.rules import BatchState
from pagecheck.browsing import Inspector, Sessions, measured
from pagecheck.findings import Kind, Tally, Visit
from pagecheck.furnishing_accounts import WITHOUT_TELEPHONE
from pagecheck.ground import Somebody

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do as one role."""

    role: str
    do: Callable[[Inspector], None]


def looks(visits: list[Visit]) -> list[Job]:
    """A job for each visit; the first of each shape of a page is looked at closely."""
    jobs: list[Job] = []
    seen: set[tuple[str, str, int]] = set()
    for visit in visits:
        key = (visit.endpoint if visit.kind is Kind.PAGE else "refusal", visit.shape, visit.status)
        jobs.append(Job(visit.role, partial(Inspector.look, visit=visit, closely=key not in seen)))
        seen.add(key)
    return jobs


def forms(visits: list[Visit]) -> list[Job]:
    """A job for each page with a form and each role: it is sent empty, and looked at closely the first time."""
    jobs: list[Job] = []
    seen: set[str] = set()
    with_forms = {(visit.endpoint, visit.role): visit for visit in visits if visit.has_form}
    for visit in with_forms.values():
        jobs.append(Job(visit.role, partial(Inspector.send_empty, visit=visit, closely=visit.endpoint not in seen)))
        seen.add(visit.endpoint)
    return jobs


def after_a_step(house: House) -> list[Job]:
    """Pages that no address leads to: a wrong method, something done already, a fault of ours, a token shown once."""
    house.add_url_rule("/a-fault-of-ours", "a fault", _break)
    with house.app_context():
        batch = db.session.scalars(select(Batch.id).where(Batch.state == BatchState.OFFERED).limit(1)).one()
    wrong_way = Visit("navigator", "wrong method", "/sign-out", 405, Kind.REFUSAL)
    sealed_twice = Visit("navigator", "done already", f"/batches/{batch}/seal", 409, Kind.REFUSAL)
    fault = Visit("navigator", "a fault", "/a-fault-of-ours", 500, Kind.REFUSAL)
    shown_once = Visit("navigator", "a new token", "/account/tokens")
    return [
        *looks([wrong_way, fault]),
        _after(sealed_twice, f"/batches/{batch}", lambda page: measured(page, "post", sealed_twice.path)),
        _after(shown_once, shown_once.path, _make_a_token),
    ]


def _after(visit: Visit, source: str, step: Callable[[Page], object]) -> Job:
    return Job(visit.role, partial(Inspector.after, visit=visit, source=source, step=step))


def _break() -> str:
    raise RuntimeError("The audit asks what a fault looks like.")


def _make_a_token(page: Page) -> None:
    page.get_by_label("What it is for").fill("The audit of pages")
    page.get_by_role("button", name="Make the token").click()


def recovery_codes() -> list[Job]:
    """Somebody sets up a second factor; what comes next is shown once."""
    shown_once = Visit(WITHOUT_TELEPHONE, "recovery codes", "/account/recovery-codes")
    return [_after(shown_once, "/sign-in/set-up", _set_up)]


def _set_up(page: Page) -> None:
    key = page.locator(".hw-key").inner_text().replace(" ", "")
    page.get_by_label("Code", exact=False).fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Go on").click()


@dataclass(slots=True)
class Crew:
    """The workers of one address; whoever has signed in for one of them need not do so again."""

    address: str
    people: list[Somebody]
    tally: Tally
    sessions: Sessions = field(default_factory=dict)

    def work(self, jobs: list[Job]) -> None:
        """Shares the jobs out to the workers, one role after another, and adds up what they found."""
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in sorted(jobs, key=lambda one: one.role):
            waiting.put(job)
        threads = [threading.Thread(target=self._worker, args=(waiting,)) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _worker(self, waiting: queue.SimpleQueue[Job]) -> None:
        """Does jobs until none are left."""
        with chromium() as browser:
            inspector = Inspector(browser, self.address, self.people, self.sessions)
            with suppress(queue.Empty):
                while True:
                    waiting.get_nowait().do(inspector)
            self.tally.add(inspector.tally)
