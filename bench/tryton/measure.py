"""`python -m bench --only tryton`: the same workload on Homeward and on the peer, on PostgreSQL, in one run."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import median
from typing import Any

from bench.places import POSTGRES, place
from bench.serving import Asked, Served, ask, ask_each, served_by, serving
from bench.tryton import homeward
from bench.tryton.environment import PASSWORD, Peer, installed_peer
from bench.tryton.workload import workload

OVER_HTTP = 40
"""So many requests are offered for the answers over HTTP, about 1,500 answers; each round sends some of them."""
EACH_ROUND, WARM_UP = 200, 20
Act = Sequence[Asked]
"""One reply: a page of ours, one or two calls of the peer's."""
APP = "trytond.application:app"
JSON = {"Content-Type": "application/json"}
HEADING = f"{'beside the peer':<36} {'Homeward':>12} {'peer':>12} {'ratio':>9} {'limit':>9}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both. `at_least`: the ratio must reach the limit; otherwise it may not go beyond it."""

    name: str
    unit: str
    ours: float
    theirs: float
    limit: float
    at_least: bool

    @property
    def ratio(self) -> float:
        """How many times the peer's."""
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    @property
    def text(self) -> str:
        """One line for people."""
        limit = f"{'>=' if self.at_least else '<='}{self.limit:.3g}"
        values = f"{self.ours:>9,.3f} {self.unit:<2} {self.theirs:>9,.3f} {self.unit:<2}"
        return f"{self.name:<36} {values} {self.ratio:>9.3f} {limit:>9}{'' if self.holds else '  BEYOND THE LIMIT'}"

    @property
    def line(self) -> str:
        """As JSON."""
        return json.dumps({**asdict(self), "ratio": round(self.ratio, 4), "holds": self.holds})


def measure(rounds: int) -> list[Row]:
    """The answers over HTTP in turn, round by round; then a whole round of each."""
    with installed_peer() as peer:
        return [*_answers(peer, rounds), *_whole_rounds(peer, rounds)]


def _answers(peer: Peer, rounds: int) -> list[Row]:
    peer.copy("peer_http")
    replies = peer.run("offers", "peer_http", str(OVER_HTTP))
    with place(POSTGRES) as there:
        with there.house.app_context():
            market = homeward.settle(workload(OVER_HTTP))
            homeward.create_and_send(market)
        ours = _shuffled([(request,) for request in homeward.replies_over_http(there, market)])
        with (
            serving("wsgi:app", there.url) as port,
            served_by(str(peer.python), APP, peer.environment("peer_http"), peer.settings.parent) as other,
        ):
            theirs = _shuffled(_peer_requests(other, replies))
            ask_each(port, _taken(ours, WARM_UP))
            ask_each(other, _taken(theirs, WARM_UP))
            own, peers = list[Served](), list[Served]()
            for _ in range(rounds):
                own.append(ask_each(port, _taken(ours, EACH_ROUND)))
                peers.append(ask_each(other, _taken(theirs, EACH_ROUND)))
    rate = median(run.per_second for run in own), median(run.per_second for run in peers)
    p95 = median(run.p95 for run in own), median(run.p95 for run in peers)
    return [
        Row("an answer over HTTP", "/s", *rate, limit=6, at_least=True),
        Row("an answer over HTTP, 95 of 100", "s", *p95, limit=1 / 4, at_least=False),
    ]


def _whole_rounds(peer: Peer, rounds: int) -> list[Row]:
    """The peer's takes minutes, so it is measured once, after ours."""
    requests = workload()
    offers = sum(len(request.replies) for request in requests)
    with place(POSTGRES) as there:
        with there.house.app_context():
            market = homeward.settle(requests)
        there.keep("settled")
        ours: list[dict[str, float]] = []
        for _ in range(rounds):
            there.back_to("settled")
            ours.append(homeward.whole_round(there, market))
    peer.copy("peer_round")
    theirs: dict[str, float] = peer.run("round", "peer_round")
    made = median(offers / steps["create and send"] for steps in ours)
    whole = median(sum(steps.values()) for steps in ours)
    return [
        Row("creating and sending offers", "/s", made, offers / (theirs["create"] + theirs["send"]), 100, True),
        Row("the whole round", "s", whole, sum(theirs.values()), 1 / 30, False),
    ]


# --------------------------------------------------------------------------------------------------- the peer over HTTP


def _peer_requests(port: int, replies: Sequence[tuple[int, int, int | None]]) -> list[Act]:
    """A yes is its price and its receipt, a no one refusal, by somebody who is signed in."""
    login = json.loads(ask(port, _call(None, "common.db.login", ["admin", {"password": PASSWORD}])))
    user, token, *_ = login["result"] if isinstance(login, dict) else login
    session = base64.b64encode(f"admin:{user}:{token}".encode()).decode()
    preferences = json.loads(ask(port, _call(session, "model.res.user.get_preferences", [True, {}])))
    context = preferences.get("result", preferences)
    return [_reply(session, context, *reply) for reply in replies]


def _reply(session: str, context: Any, quotation: int, line: int, price_pence: int | None) -> Act:
    model = "model.purchase.request.quotation"
    if price_pence is None:
        return (_call(session, f"{model}.reject", [[quotation], context]),)
    price = {"__class__": "Decimal", "decimal": f"{price_pence / 100:.2f}"}
    return (
        _call(session, f"{model}.line.write", [[line], {"unit_price": price}, context]),
        _call(session, f"{model}.receive", [[quotation], context]),
    )


def _call(session: str | None, method: str, parameters: list[Any]) -> Asked:
    headers = JSON if session is None else {**JSON, "Authorization": f"Session {session}"}
    body = json.dumps({"id": 0, "method": method, "params": parameters})
    return Asked("POST", "/peer_http/rpc/", body, headers, 200, not_expected=b'"error"')


def _shuffled(acts: Sequence[Act]) -> list[Act]:
    """Replies come in no order."""
    return Random(7).sample(acts, len(acts))


def _taken(acts: list[Act], count: int) -> list[Act]:
    taken, acts[:] = acts[:count], acts[count:]
    return taken
