"""How many sign-ins may fail: counted in the database, so that every web worker counts the same.

A try is written down as failed before it is checked, in a transaction of its own, and taken back when it was right:
however many come at once, no more than the limit are ever checked.

A stranger's try that is refused over its account takes as long as one that is checked, or the time would tell accounts
apart. So it counts against its address and all sign-ins, where the answer is soon the quick one; never against the
account, so nobody can keep an account shut by going on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import ColumnElement, Executable, delete, func, insert, select, update

from app import audit, clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.auth.arrival import Arrival, knows_browser
from app.auth.keys import keyed_digest
from app.auth.models import FailedTry
from app.auth.rules import Counted, Limit, TryKind, limits_on, seconds_to_wait
from app.database import db, new_id, reading_only, writing
from app.errors import TooMany
from app.parties.models import Organisation

ALARM = "sign_in:alarm"

log = logging.getLogger(__name__)
refused = Counter("homeward_sign_in_refused", "Sign-ins refused because too many had failed", ["over"])


class TooManyTries(TooMany):
    """A limit is full; `over` says which. The answer to one with `takes_as_long` must take the time of a hash."""

    def __init__(self, over: Counted, retry_after: int, *, takes_as_long: bool = False) -> None:
        minutes = -(-retry_after // 60)
        wait = f"{minutes} minute{'' if minutes == 1 else 's'}"
        super().__init__(f"There were too many tries that failed. Wait {wait}, then try again.", retry_after)
        self.over = over
        self.takes_as_long = takes_as_long


@dataclass(frozen=True, slots=True)
class Try:
    """One try, as it is counted: keyed digests of whose it is and where it comes from."""

    kind: TryKind
    account: str
    address: str
    limits: tuple[Limit, ...]

    @property
    def tells_nothing(self) -> bool:
        """Whether nobody may learn from the answer how it stands with the account: of strangers, not of its owner."""
        return any(limit.over is not Counted.ACCOUNT for limit in self.limits)

    @property
    def of_no_account(self) -> str:
        """As what it is counted where it is refused over its account."""
        return keyed_digest("refused", self.account)


def password_try(email: str, arrival: Arrival) -> Try:
    """A try of a password; an account that does not exist is counted like any other."""
    typed = email.strip().lower()
    known = knows_browser(typed, arrival)
    account = f"{typed} {arrival.known_browser}" if known else typed
    return _try(TryKind.PASSWORD, account, arrival, known=known)


def session_try(session_id: UUID, arrival: Arrival) -> Try:
    """A try of the password by somebody who is signed in: strangers' failures are nothing to it."""
    return _try(TryKind.PASSWORD, f"session {session_id}", arrival, known=True)


def code_try(user_id: UUID, arrival: Arrival) -> Try:
    return _try(TryKind.CODE, f"code {user_id}", arrival, known=True)


def _try(kind: TryKind, account: str, arrival: Arrival, *, known: bool) -> Try:
    address = keyed_digest("address", arrival.address)
    return Try(kind, keyed_digest("account", account), address, limits_on(kind, known_browser=known))


def begin(one: Try) -> UUID:
    """Writes the try down as failed; its id. Raises TooManyTries. Ends the transaction before it; comes first."""
    db.session.rollback()
    before = _shut(one, own=0)
    this = _write_down(one, one.of_no_account if before else one.account)
    try:
        meanwhile = _shut(one, own=1)
    except TooManyTries:
        write_alone(taking_back(this))
        raise
    if meanwhile and not before:
        write_alone(update(FailedTry).where(FailedTry.id == this).values(account=one.of_no_account))
    if shut := before or meanwhile:
        refused.labels(shut.over.value).inc()
        raise shut
    return this


def _write_down(one: Try, account: str) -> UUID:
    row = {"id": new_id(), "kind": one.kind, "account": account, "address": one.address, "at": clock.now()}
    write_alone(insert(FailedTry).values(**row))
    return UUID(str(row["id"]))


def write_alone(*commands: Executable) -> None:
    """Writes in a transaction of its own, which must not find another of this request open: on SQLite one writes."""
    with writing(), db.engine.begin() as connection:
        for command in commands:
            connection.execute(command)


def taking_back(try_id: UUID) -> Executable:
    """The statement that takes a try back: it was right after all."""
    return delete(FailedTry).where(FailedTry.id == try_id)


def forgive(one: Try) -> None:
    """Whoever gets in made the slips before it: this account's failures from this address are forgotten, no others."""
    theirs = FailedTry.account.in_([one.account, one.of_no_account])
    same = (FailedTry.kind == one.kind) & theirs & (FailedTry.address == one.address)
    db.session.execute(delete(FailedTry).where(same))


def sound_alarm() -> bool:
    """Writes the limit on all sign-ins into the audit and the log, once in five minutes; whether it did now."""
    (limit,) = (limit for limit in limits_on(TryKind.PASSWORD, known_browser=False) if limit.over is Counted.ALL)
    recent = select(AuditEntry.id).where(AuditEntry.tag == ALARM, AuditEntry.at > clock.now() - limit.within)
    house = db.session.scalars(select(Organisation).order_by(Organisation.created_at, Organisation.id).limit(1)).first()
    if house is None or db.session.scalars(recent.limit(1)).first():
        return False
    log.error("sign-in alarm: too many sign-ins fail", extra={"limit": limit.most})
    audit.record("sign_in:alarm", house, by=SYSTEM, failures=limit.most)
    return True


def _shut(one: Try, *, own: int) -> TooManyTries | None:
    """Raises where a limit is full; a stranger's refusal over the account is returned, for it is counted first."""
    found = _full(one, own)
    if found is None or found.takes_as_long:
        return found
    refused.labels(found.over.value).inc()
    raise found


def _full(one: Try, own: int) -> TooManyTries | None:
    now = clock.now()
    counts = [select(func.count()).where(*_counted(one, limit, now)).scalar_subquery() for limit in one.limits]
    with reading_only(), db.engine.connect() as connection:
        found = connection.execute(select(*counts)).one()
        for limit, count in zip(one.limits, found, strict=True):
            if count >= limit.most + own:
                slowly = one.tells_nothing and limit.over is Counted.ACCOUNT
                return TooManyTries(limit.over, _wait(connection, one, limit, now), takes_as_long=slowly)
    return None


def _wait(connection: Any, one: Try, limit: Limit, now: datetime) -> int:
    """Until the last of those that fill the limit has aged."""
    query = select(FailedTry.at).where(*_counted(one, limit, now)).order_by(FailedTry.at.desc())
    oldest = connection.execute(query.offset(limit.most - 1).limit(1)).scalar_one_or_none()
    return seconds_to_wait(limit, oldest or now, now)


def _counted(one: Try, limit: Limit, now: datetime) -> list[ColumnElement[bool]]:
    counted = [FailedTry.kind == limit.kind, FailedTry.at > now - limit.within]
    if limit.over is Counted.ACCOUNT:
        counted.append(FailedTry.account == one.account)
    if limit.over is Counted.ADDRESS:
        counted.append(FailedTry.address == one.address)
    return counted
