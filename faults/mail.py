"""Mail down for an hour, a mail server that breaks the line, and addresses that bounce: against a real server.

The clock is moved in steps of five seconds, as the timetable asks; every email that arrives is counted by Message-ID.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.house import House
from app.messages import Address, Letter, Recipient, send_many
from app.messages.bounce_jobs import take_in
from app.messages.jobs import return_paths, send_queued
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from faults.places import free_port
from faults.registry import proof
from faults.report import Row, judged
from faults.world import ground, house_on
from marketplace.packages.models import Package
from marketplace.rounds.issuing import issue_package
from marketplace.rounds.market import market_of
from marketplace.rounds.models import Issue
from marketplace.rounds.notice import notice_of_issue
from marketplace.rounds.rules import NoticeState
from marketplace.schemes.models import Scheme
from tests.app.messages.makers import Sink, connected, serving
from tests.app.messages.reports import report

MAILS = 500
BREAKS = 60
STEP = timedelta(seconds=5)
HOUR = timedelta(hours=1)
PROMISED = timedelta(minutes=15)
PROOF = "mail"


@proof("mail", "mail down for an hour, lines that break, addresses that bounce")
def mail(database: str, times: int) -> Iterator[Row]:
    """Each case on a copy of its own."""
    for _ in range(times):
        yield _case(database, "nobody listens for an hour", lambda house: _away(house, hangs=False))
        yield _case(database, "silent for an hour", lambda house: _away(house, hangs=True))
        yield _case(database, "the line breaks after DATA", _breaks)
        yield _case(database, "addresses bounce", _bounces)


def _case(database: str, name: str, run: Callable[[House], tuple[list[str], str]]) -> Row:
    house, began = house_on(ground(database, 1).copy()), time.monotonic()
    with house.app_context():
        found, seen = run(house)
        db.session.remove()
        db.engine.dispose()
    return judged(PROOF, name, database, MAILS, time.monotonic() - began, found, seen)


def write_letters(count: int) -> None:
    """So many letters, each to an address of its own."""
    council = db.session.scalars(select(Message.organisation_id).limit(1)).first() or _any_council()
    letters = (
        (
            Recipient(council, addresses=(Address(f"one{number}@provider.example"),)),
            Letter("proof", f"Letter {number}", "A letter of the proofs.", "/inbox", "proof", council),
        )
        for number in range(count)
    )
    send_many(letters)
    db.session.commit()


def _any_council() -> UUID:
    return db.session.scalars(select(Scheme.authority_id).limit(1)).one()


def _away(house: House, *, hangs: bool) -> tuple[list[str], str]:
    """Everything is queued while the server is away; then it is back."""
    began, port = clock.now(), free_port()
    write_letters(MAILS)
    step = timedelta(minutes=5) if hangs else STEP
    with _silence(port) if hangs else nullcontext(), connected(house, port, read_seconds=0.2, send_seconds=0.5):
        _ask_until(began, HOUR, step)
    left = _left_by_itself()
    with serving(Sink(), port) as sink, connected(house, port):
        took = _ask_until(began + HOUR, PROMISED, STEP)
    found = [f"{left} left while the server was away"] if left else []
    found += _counted(sink, copies=0)
    return found, f"{MAILS} emails left once each, {took.total_seconds() / 60:.1f} min after the server's return"


def _breaks(house: House) -> tuple[list[str], str]:
    """The server takes an email and the line breaks before it says so, 60 times."""
    began, port = clock.now(), free_port()
    write_letters(MAILS)
    with serving(Sink(), port) as sink, connected(house, port):
        sink.breaks = BREAKS
        took = _ask_until(began, HOUR, STEP)
    found = _counted(sink, copies=BREAKS)
    return found, f"{BREAKS} copies, all with the Message-ID of the first; all left after {took}"


def _bounces(house: House) -> tuple[list[str], str]:
    """Everybody asked is told and says nothing; then two of the emails come back."""
    port = free_port()
    package = db.session.scalars(select(Package).where(Package.status == "ready").limit(1)).one()
    issue = issue_package(package, by=SYSTEM)
    db.session.commit()
    with serving(Sink(), port), connected(house, port):
        send_queued()
    after = issue.deadline + timedelta(hours=1)
    silent = _silent(issue, after)
    unreached = set(sorted(silent)[:2])
    take_in([report(return_paths().address(one)) for one in _emails_to(issue, unreached)])
    still, proven = _silent(issue, after), _proven(issue, after)
    found = [] if len(silent) > 2 else ["too few say nothing for this proof"]
    found += ["a provider whose address bounced counts as silent"] if still != silent - unreached else []
    found += ["a provider whose address bounced counts as told"] if proven & unreached else []
    return found, f"{len(silent)} said nothing; the 2 whose addresses bounced count neither as told nor as silent"


def _silent(issue: Issue, at: datetime) -> set[UUID]:
    with clock.moved_to(at):
        market = market_of(db.session.get_one(Scheme, issue.scheme_id))
    return {one.provider_id for one in market.members if one.never_answered}


def _proven(issue: Issue, at: datetime) -> set[UUID]:
    with clock.moved_to(at):
        return {one.provider_id for one in notice_of_issue(issue) if one.notice is NoticeState.PROVEN}


def _emails_to(issue: Issue, provider_ids: set[UUID]) -> list[UUID]:
    offers = [one.id for one in issue.offers if one.provider_id in provider_ids]
    query = select(Delivery.id).join(Message, Message.id == Delivery.message_id).where(Message.about_id.in_(offers))
    return list(db.session.scalars(query))


def _ask_until(began: datetime, longest: timedelta, step: timedelta) -> timedelta:
    """Sends what is due every few seconds of a moved clock until all have left; how long that took."""
    passed = timedelta(0)
    while passed <= longest:
        with clock.moved_to(began + passed):
            send_queued()
        if not _in_state(DeliveryState.QUEUED, limit=1):
            break
        passed += step
    return passed


def _in_state(state: DeliveryState, limit: int | None = None) -> list[Delivery]:
    found = list(db.session.scalars(select(Delivery).where(Delivery.state == state).limit(limit)))
    db.session.rollback()
    return found


def _left_by_itself() -> int:
    query = select(func.count()).select_from(Delivery).where(Delivery.state != DeliveryState.QUEUED)
    count = db.session.scalar(query) or 0
    db.session.rollback()
    return count


def _counted(sink: Sink, *, copies: int) -> list[str]:
    """Whether every email arrived, and no copy without a broken line."""
    arrived, waiting = Counter(sink.message_ids), len(_in_state(DeliveryState.QUEUED))
    found = [f"{waiting} emails still wait"] if waiting else []
    found += [f"{len(arrived)} emails arrived, not {MAILS}"] if len(arrived) != MAILS else []
    more = arrived.total() - len(arrived)
    return found + ([f"{more} copies for {copies} broken lines"] if more != copies else [])


@contextmanager
def _silence(port: int) -> Iterator[None]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", port)):
        yield
