"""What every request is measured by: its status, its time, its time with the database and its number of queries."""

from __future__ import annotations

import logging
from time import perf_counter

from flask import Response, g, request
from prometheus_client import Counter, Histogram

from app.database.engine import begin_tally
from app.parties.roles import Role
from app.parties.viewer import Viewer

log = logging.getLogger("homeward.requests")

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
QUERIES = (0, 2, 5, 10, 15, 20, 30, 50, 100)
SIGN_IN_REFUSED = frozenset({400, 401, 403, 422, 429})

requests_answered = Counter(
    "homeward_requests", "Requests answered, by method, rule of the address and class of the status.",
    ("method", "rule", "status"),
)  # fmt: skip
request_seconds = Histogram(
    "homeward_request_seconds", "Seconds until the answer, by rule of the address.", ("rule",), buckets=SECONDS
)
request_queries = Histogram(
    "homeward_request_queries", "Queries asked of the database, by rule of the address.", ("rule",), buckets=QUERIES
)
sign_ins_refused = Counter("homeward_sign_in_failures", "Tries to sign in that were refused.")


def begin_measuring() -> None:
    g.began, g.tally = perf_counter(), begin_tally()


def finish_measuring(response: Response) -> Response:
    """Counts and logs the request; tells administrators where the time went.

    Others are not told: how many queries it took would say whether an account exists, or whether somebody is known.
    """
    if "began" not in g:
        return response
    seconds, tally = perf_counter() - g.began, g.tally
    rule = request.url_rule.rule if request.url_rule else "none"
    _count(rule, response.status_code, seconds, tally.queries)
    viewer: Viewer | None = g.get("viewer")
    if viewer is not None and viewer.has(Role.ADMINISTRATOR):
        response.headers["Server-Timing"] = (
            f'app;dur={seconds * 1000:.1f}, db;dur={tally.seconds * 1000:.1f};desc="{tally.queries} queries"'
        )
    if log.isEnabledFor(logging.INFO):
        facts = {"status": response.status_code, "ms": round(seconds * 1000, 1), "queries": tally.queries}
        log.info("request", extra=facts)
    return response


def _count(rule: str, status: int, seconds: float, queries: int) -> None:
    requests_answered.labels(_method(), rule, f"{status // 100}xx").inc()
    request_seconds.labels(rule).observe(seconds)
    request_queries.labels(rule).observe(queries)
    if request.method == "POST" and request.blueprint == "auth" and status in SIGN_IN_REFUSED:
        sign_ins_refused.inc()


def _method() -> str:
    """The method if it is a known one: a label may not take any value that somebody sends."""
    return request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
