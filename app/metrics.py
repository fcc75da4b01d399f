"""`/metrics` for Prometheus: how the house is, in numbers. No name, no id, no organisation.

Counters and histograms of requests are kept while they are answered (`app.http.measures`). What waits in the database is
asked when the page is read; each slice lists its questions, the floor's own stand here.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from app import clock
from app.audit.models import AuditBlock, AuditEntry
from app.auth import anyone
from app.database import db, patience
from app.database.saving import saving
from app.errors import NotFoundForViewer
from app.house import Gauge, House
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from app.tasks.models import Lease, Task, TaskState
from config import Config

bp = Blueprint("metrics", __name__)

ASK_SECONDS = 2.0
NEVER = float("inf")
_WAITS = Delivery.state == DeliveryState.QUEUED


@bp.get("/metrics")
@anyone
def show() -> Response:
    """The numbers, for whoever has the token; there is no such page where no token is set."""
    config: Config = current_app.extensions["config"]
    if not config.metrics_token:
        raise NotFoundForViewer()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), config.metrics_token.encode()):
        return Response("A bearer token is needed.\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    asked = CollectorRegistry()
    asked.register(_DatabaseGauges(cast(House, current_app).gauges))
    return Response(generate_latest(_counted()) + generate_latest(asked), content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """The counters of this process, or of all where PROMETHEUS_MULTIPROC_DIR says where they are kept."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class _DatabaseGauges(Collector):
    """Gauges, all asked or, if one gets no answer, none told."""

    def __init__(self, gauges: list[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from _pool()
        answers = True
        with patience(ASK_SECONDS):
            try:
                yield from [GaugeMetricFamily(gauge.name, gauge.sentence, value=gauge.ask()) for gauge in self._gauges]
            except SQLAlchemyError:
                db.session.rollback()
                answers = False
        yield GaugeMetricFamily("homeward_database_up", "1 if the database answered all of this.", value=answers)
        trouble = saving(db.engine).trouble is not None
        yield GaugeMetricFamily("homeward_cannot_save", "1 while writes fail and people only read.", value=trouble)


def _pool() -> Iterator[Metric]:
    """Of the process that answers."""
    pool = db.engine.pool
    if isinstance(pool, QueuePool):
        yield GaugeMetricFamily("homeward_pool_used", "Database connections in use.", value=pool.checkedout())
        yield GaugeMetricFamily("homeward_pool_idle", "Database connections at rest.", value=pool.checkedin())


def mails_waiting() -> float:
    return float(db.session.scalar(select(func.count()).where(_WAITS)) or 0)


def oldest_mail() -> float:
    """Seconds since the oldest email was queued; 0 when none waits."""
    return seconds_since(db.session.scalar(select(func.min(Delivery.queued_at)).where(_WAITS)))


def tasks_waiting() -> float:
    return float(db.session.scalar(select(func.count()).where(Task.state == TaskState.QUEUED)) or 0)


def oldest_task() -> float:
    """Seconds since the oldest queued task was asked for; 0 when none waits."""
    return seconds_since(db.session.scalar(select(func.min(Task.created_at)).where(Task.state == TaskState.QUEUED)))


def since_beat() -> float:
    """Seconds since a leader renewed its lease; infinite when none ever did."""
    beat = db.session.scalar(select(Lease.beat_at).where(Lease.name == "scheduler"))
    return NEVER if beat is None else seconds_since(beat)


def audit_unsealed() -> float:
    entries = db.session.scalar(select(func.count(AuditEntry.id))) or 0
    sealed = db.session.scalar(select(func.coalesce(func.sum(AuditBlock.entries), 0))) or 0
    return float(entries - sealed)


def seconds_since(moment: datetime | None) -> float:
    """How long ago, by the machine's clock; 0 for what has not been or is still to come."""
    return 0.0 if moment is None else max(0.0, (clock.machine_time() - moment).total_seconds())


GAUGES = (
    Gauge("homeward_outbox_waiting", "Emails that wait to leave.", mails_waiting),
    Gauge("homeward_outbox_oldest_seconds", "How long the oldest of them has waited.", oldest_mail),
    Gauge("homeward_tasks_waiting", "Imports and other long work not begun.", tasks_waiting),
    Gauge("homeward_tasks_oldest_seconds", "How long the oldest of them has waited.", oldest_task),
    Gauge("homeward_scheduler_beat_seconds", "Since the timetable's heart last beat.", since_beat),
    Gauge("homeward_audit_unsealed", "Audit entries that stand in no block yet.", audit_unsealed),
)
