"""Answering one offer over HTTP, as the page sends it, beside a bare route on the same database."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from statistics import median
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from app import clock
from app.database import db
from bench.bare_app import BareAnswer, BareOffer, Base
from bench.county import County
from bench.figures import Figure
from bench.issuing import issue
from bench.places import Place
from bench.serving import Asked, Served, ask_all, serving
from bench.signing_in import SignedInUser, sign_in_all, users_of
from marketplace.providers.models import Provider
from marketplace.rounds.models import Offer, OfferLine

OURS, BARE, WARM_UP = 240, 480, 40
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """Every answer is a first yes about another package, by the people of all providers in turn."""
    place.back_to("county")
    with place.house.app_context():
        issue(county)
        ours = _answers(place, OURS * rounds + WARM_UP)
        db.session.rollback()
        bare = _bare_requests(BARE * rounds + WARM_UP)
    with serving("wsgi:app", place.url) as one, serving("bench.bare_app:app", place.url) as other:
        for port, requests in ((one, ours), (other, bare)):
            ask_all(port, [requests.pop() for _ in range(WARM_UP)])
        mine: list[Served] = []
        theirs: list[Served] = []
        for _ in range(rounds):
            mine.append(ask_all(one, [ours.pop() for _ in range(OURS)]))
            theirs.append(ask_all(other, [bare.pop() for _ in range(BARE)]))
    return _figures(place.name, mine, theirs, rounds)


def _figures(database: str, mine: list[Served], theirs: list[Served], rounds: int) -> list[Figure]:
    rate = (median(run.per_second for run in mine), median(run.per_second for run in theirs))
    p95 = (median(run.p95 for run in mine), median(run.p95 for run in theirs))
    return [
        Figure("answer an offer over HTTP", database, *rate, "/s", rounds),
        Figure("answer an offer, 95 of 100", database, *p95, "s", rounds),
    ]


def _answers(place: Place, count: int) -> list[Asked]:
    providers = list(db.session.scalars(select(Provider.organisation_id).distinct()))
    by_organisation = {one.organisation_id: one for one in sign_in_all(place.house, users_of(providers))}
    query = (
        select(OfferLine.id, Offer.id, Provider.organisation_id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .order_by(OfferLine.id)
        .limit(count * 20)
    )
    lines = [row._tuple() for row in db.session.execute(query)]
    chosen = Random(1).sample(lines, count)
    return [answer_request(line, offer, by_organisation[organisation], 2650) for line, offer, organisation in chosen]


def answer_request(line_id: UUID, offer_id: UUID, by: SignedInUser, price_pence: int | None) -> Asked:
    """A first answer as the page sends it: a yes at a price, or a no."""
    start = clock.today() + timedelta(days=21)
    yes = {
        "kind": "accept",
        "price": f"{(price_pence or 0) / 100:.2f}",
        "earliest_start": [start.day, start.month, start.year],
    }
    typed = {
        "csrf_token": by.csrf_token,
        "idempotency_key": str(uuid4()),
        "version": "0",
        "act": "send",
        **({"kind": "decline", "decline_code": "at_capacity"} if price_pence is None else yes),
    }
    path = f"/offers/{offer_id}/packages/{line_id}/answer"
    return Asked("POST", path, urlencode(typed, doseq=True), {**FORM, "Cookie": by.cookie}, 302)


def _bare_requests(count: int) -> list[Asked]:
    Base.metadata.create_all(db.engine, tables=[BareOffer.__table__, BareAnswer.__table__])  # type: ignore[list-item]
    ids = [uuid4() for _ in range(160)]
    with db.engine.begin() as connection:
        connection.execute(insert(BareOffer), [{"id": one, "answers": 0} for one in ids])
    return [Asked("POST", f"/offers/{ids[n % 160]}", urlencode({"price": 2650}), FORM, 204) for n in range(count)]
