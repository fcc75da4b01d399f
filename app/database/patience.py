"""How long anybody waits for PostgreSQL, and what happens afterwards: nobody else waits for a server that is silent.

libpq has no limit on reading: a server that accepts, or has accepted, and then says nothing holds its caller for ever,
and no setting of TCP helps while its machine acknowledges packets. So every wait here has an end on our side. A
statement that is late is cancelled first, which a healthy server confirms at once and keeps the connection; a server
that does not even confirm is dead to us: its connection is closed, and for some seconds new ones are refused at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import CancellationTimeout, ConnectionTimeout, QueryCanceled
from psycopg.pq import TransactionStatus

T = TypeVar("T")
log = logging.getLogger(__name__)

USUAL_SECONDS = 35.0
"""Longer than the server's own limit of a statement, so that a healthy server speaks first."""
WEB_SECONDS = 7.0
LAST_MOMENT = 0.5
CANCEL_SECONDS = 0.7
PING_SECONDS = 2.0
FRESH_SECONDS = 1.0
CLOSED_FOR = 3.0
QUICK_SECONDS = 0.5
PROBE_SECONDS = 10.0

LOOK_SECONDS = 6.0
"""How often a long wait looks whether the server is still there."""
LOOK_WAITS = 2


@dataclass(slots=True)
class _Budget:
    """How many seconds statements may still wait, None without end; and how often meanwhile somebody looks whether the
    server is still there.
    """

    left: float | None
    look_every: float | None = None

    def is_spent(self) -> bool:
        """Whether there was a last statement already, and its last moment is over too."""
        return self.left is not None and self.left < -LAST_MOMENT


class _Patience(NamedTuple):
    """What each statement may wait, or where `is_for_all` all of them together."""

    budget: _Budget
    is_for_all: bool = False


_USUALLY = _Patience(_Budget(USUAL_SECONDS))
_patience: ContextVar[_Patience] = ContextVar("patience", default=_USUALLY)


@contextmanager
def holding(variable: ContextVar[T], value: T) -> Iterator[None]:
    """Inside, the variable has this value."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def patience(seconds: float | None, look_every: float | None = None) -> AbstractContextManager[None]:
    """Inside, a statement waits this long for the database; None waits as long as it takes (migrations)."""
    return holding(_patience, _Patience(_Budget(seconds, look_every)))


def patience_in_all(seconds: float) -> AbstractContextManager[None]:
    """Inside, all statements together wait this long: many slow ones keep nobody longer than a single one would."""
    return holding(_patience, _Patience(_Budget(seconds), is_for_all=True))


@contextmanager
def in_bulk() -> Iterator[None]:
    """For work on a whole batch or county in one request: its statements may take as long as the server lets them.

    A database that answers nobody is still 503 within ten seconds: to connect, to take a connection from the pool and
    every statement before keep their short limits, and while a long one is waited for the same server is asked every
    6 s, on a line of its own, whether it answers at all. It has 2 s for that; one that does not is given up. A server
    that lets people in and only stalls (its disk, say) is waited for up to 35 s. What follows in the request, the
    commit above all, may take as long again: it was never the commit of a short page.
    """
    with patience(USUAL_SECONDS, LOOK_SECONDS):
        yield
    around = _patience.get()
    if around.is_for_all:
        around.budget.left, around.budget.look_every = USUAL_SECONDS, LOOK_SECONDS


class Late(psycopg.OperationalError):
    """A wait that is over while the server is still at work."""


class Circuit:
    """Whether new connections are tried: after a failure nobody does for 3 s, then one does for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._failed = False

    def pass_or_refuse(self) -> None:
        """Raises OperationalError while the database is known not to answer; lets one probe through in between."""
        if not self._failed:
            return
        with self._lock:
            if monotonic() < self._closed_until:
                raise psycopg.OperationalError("the database did not answer a moment ago")
            self._closed_until = monotonic() + PROBE_SECONDS

    def failed(self) -> None:
        with self._lock:
            self._failed, self._closed_until = True, monotonic() + CLOSED_FOR

    def worked(self) -> None:
        if self._failed:
            with self._lock:
                self._failed, self._closed_until = False, 0.0


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every wait has an end."""

    circuit: Circuit
    answered_at = 0.0

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Waits for the server's answer; cancels what is late, and closes the connection to a server that is silent."""
        try:
            answer = super().wait(gen, interval, timeout) if timeout else self._patiently(gen, interval)
        except Late:
            answer = self._last_chance(gen, interval)
        self.answered_at = monotonic()
        return answer

    def _patiently(self, gen: PQGen[T], interval: float) -> T:
        """The answer within the patience there is; raises Late, or OperationalError when nobody is there.

        Where all statements share it, the last one in time has a moment more; then there is no other.
        """
        budget, is_for_all = _patience.get()
        if budget.is_spent():
            self.close()
            raise QueryCanceled("the statements of one request took too long")
        if not is_for_all or budget.left is None:
            return self._looking(gen, interval, budget.left, budget.look_every)
        began = monotonic()
        try:
            return self._looking(gen, interval, max(budget.left, LAST_MOMENT), budget.look_every)
        finally:
            budget.left -= monotonic() - began

    def _looking(self, gen: PQGen[T], interval: float, seconds: float | None, every: float | None) -> T:
        ends = None if seconds is None else monotonic() + seconds
        while every is not None and (ends is None or monotonic() + every < ends):
            try:
                return self._wait(gen, interval, every)
            except Late:
                self._refuse_silence()
        return self._wait(gen, interval, None if ends is None else max(ends - monotonic(), interval))

    def _wait(self, gen: PQGen[T], interval: float, seconds: float | None) -> T:
        """As psycopg waits; the error of a wait that took too long has no public name, but leaves the statement running."""
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError as error:
            if error.sqlstate is None and self.info.transaction_status is TransactionStatus.ACTIVE:
                raise Late from error
            raise

    def _refuse_silence(self) -> None:
        """Gives the connection up where the server says nothing to anybody; whatever else it says, it is there."""
        info = self.info
        # The very server that we wait for, not another that its name or a list of hosts may also lead to.
        there = {"host": info.host, "hostaddr": info.hostaddr, "port": info.port, "password": info.password}
        ours: dict[str, Any] = info.get_parameters() | {name: value for name, value in there.items() if value}
        ours["connect_timeout"] = str(LOOK_WAITS)
        try:
            psycopg.connect(**ours).close()
        except ConnectionTimeout as silence:
            self.give_up()
            raise psycopg.OperationalError("the database has fallen silent") from silence
        except psycopg.Error as answer:
            log.info("the database answered a look with a refusal", extra={"kind": type(answer).__name__})

    def is_fresh(self) -> bool:
        """Whether the server has answered on it within the last second."""
        return monotonic() - self.answered_at < FRESH_SECONDS

    def _last_chance(self, gen: PQGen[T], interval: float) -> T:
        """The answer that follows a cancelled statement, mostly QueryCanceled; else the connection is given up."""
        try:
            self._cancel()
            return self._wait(gen, interval, CANCEL_SECONDS)
        except (Late, CancellationTimeout) as silence:
            self.give_up()
            raise psycopg.OperationalError("the database did not answer in time") from silence

    def _cancel(self) -> None:
        if not psycopg.capabilities.has_cancel_safe():  # the older way to cancel has no time limit itself
            raise CancellationTimeout("cancelling needs libpq 17")
        try:
            self.cancel_safe(timeout=CANCEL_SECONDS)
        except psycopg.Error as error:
            raise CancellationTimeout("the server does not take cancellations") from error

    def give_up(self) -> None:
        """Closes the connection and tells everybody else."""
        self.close()
        self.circuit.failed()


def connect(circuit: Circuit, *args: Any, **settings: Any) -> BoundedConnection:
    """A new connection within 5 s an address; raises OperationalError, at once where it was just tried in vain."""
    circuit.pass_or_refuse()
    began = monotonic()
    try:
        connection = BoundedConnection.connect(*args, **settings)
    except psycopg.Error:
        # Whoever is refused quickly is kept waiting by nobody, and may find the server back at the next try.
        if monotonic() - began < QUICK_SECONDS:
            circuit.worked()
        else:
            circuit.failed()
        raise
    connection.circuit = circuit
    circuit.worked()
    return connection


def ping(usual: Any, connection: BoundedConnection) -> bool:
    """Whether a connection from the pool still works; one that answered within the last second is not asked."""
    if connection.is_fresh():
        return True
    with patience(PING_SECONDS):
        return bool(usual(connection))


def end(usual: Any, connection: Any) -> None:
    """Ends a transaction that is not to be kept. One that could only read has nothing to take back and is committed:
    at a rollback psycopg forgets what it has prepared, and PostgreSQL would plan every statement of the next page anew.
    """
    raw: BoundedConnection = connection.driver_connection
    if raw.read_only and raw.info.transaction_status is TransactionStatus.INTRANS:
        raw.commit()
    else:
        usual(connection)
