"""Awards at one instant: real threads, real requests, one winner, and capacity never below zero."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier
from uuid import uuid4

from app.database import db
from app.messages.models import Message
from brokerage.allocation.models import Award
from contracts.agreements.models import Agreement
from marketplace.membership.models import Capacity
from marketplace.rounds.models import Round
from marketplace.rounds.rules import RoundState
from tests.brokerage.allocation.makers import ready


def at_once(house, headers, requests):
    """Sends every request from a thread of its own, all let go at one instant; the answers in their order."""
    gate = Barrier(len(requests))

    def send(request):
        url, body = request
        gate.wait()
        key = {"Idempotency-Key": str(uuid4())}
        return Context().run(house.test_client().post, url, json=body, headers={**headers, **key})

    db.session.commit()
    db.session.remove()
    with ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(send, requests))
    db.session.rollback()
    return answers


def test_twenty_awards_of_one_package_at_one_instant_make_one(house, client, people):
    all_set = ready(people)
    headers, url = client.bearer(people["broker"]), f"/api/v1/packages/{all_set.package.id}/award"
    body = {"offer_line_id": str(all_set.line().id), "need_confirmed_with": "Ward 4"}
    first = all_set.providers[0].organisation_id
    house.test_client_class = None
    answers = at_once(house, headers, [(url, body)] * 20)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    for lost in (answer for answer in answers if answer.status_code == 409):
        assert "was awarded to" in lost.json["detail"]
        assert "Broker, Testshire County Council" in lost.json["detail"]
    assert (db.session.query(Award).count(), db.session.query(Agreement).count()) == (1, 1)
    assert db.session.query(Message).filter_by(organisation_id=first, kind="award:made").count() == 1
    assert db.session.query(Message).filter_by(organisation_id=first).count() == 1


def test_different_packages_awarded_to_one_provider_at_one_instant_never_take_more_than_its_capacity(
    house, client, people
):
    all_set = ready(people, prices=(2400,), packages=10, capacity_hours=16)
    headers = client.bearer(people["broker"])
    requests = [
        (
            f"/api/v1/packages/{package.id}/award",
            {"offer_line_id": str(all_set.line(0, package).id), "need_confirmed_with": "Ward 4"},
        )
        for package in all_set.packages
    ]
    rounds = [all_set.round_of(package).id for package in all_set.packages]
    provider_id = all_set.providers[0].id
    house.test_client_class = None
    answers = at_once(house, headers, requests)
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 7}
    capacity = db.session.query(Capacity).filter_by(provider_id=provider_id).one()
    assert (capacity.declared_minutes, capacity.committed_minutes) == (960, 945)
    states = Counter(db.session.query(Award).filter_by(round_id=round_id).count() for round_id in rounds)
    assert states == {1: 3, 0: 7}
    ended = db.session.query(Round.state).filter(Round.id.in_(rounds)).all()
    assert Counter(state for (state,) in ended) == {RoundState.AWARDED: 3, RoundState.CLOSED: 7}
