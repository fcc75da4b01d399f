"""Twenty at once: one answer of a provider, one file of a council. Real threads, real requests, one effect."""

from __future__ import annotations

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit.models import AuditEntry
from app.database import db
from app.tasks.jobs import run_queued
from app.tasks.models import ImportedFile, Task
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Response
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, coordinator_of, line_of
from tests.marketplace.packages.makers import a_file, a_row, a_team
from tests.marketplace.register.makers import a_file as a_providers_file
from tests.marketplace.register.makers import a_row as a_provider_row

MANY = 20


def at_once(house, headers, send, keys):
    """Sends a request for each key, all let go at one instant; the answers."""
    gate = Barrier(len(keys))

    def one(key):
        gate.wait()
        return Context().run(send, house.test_client(), {**headers, "Idempotency-Key": key})

    db.session.commit()
    db.session.remove()
    house.test_client_class = None
    with ThreadPoolExecutor(len(keys)) as pool:
        answers = list(pool.map(one, keys))
    db.session.rollback()
    return answers


def same_key() -> list[str]:
    """A double click, twenty times."""
    return [str(uuid4())] * MANY


def different_keys() -> list[str]:
    """Twenty windows of one person."""
    return [str(uuid4()) for _ in range(MANY)]


def number_of(table, *conditions) -> int | None:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(table).where(*conditions))


def replayed(answers) -> int:
    """How many got the first answer again."""
    return sum(answer.headers.get("Idempotency-Replayed") == "true" for answer in answers)


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.mark.parametrize("keys", [same_key, different_keys])
def test_twenty_equal_answers_of_a_provider_at_one_instant_make_one(house, client, people, scheme, keys):
    provider = a_member(scheme)
    package = a_package(scheme)
    issue = an_issue(scheme, [package], [provider])
    path = f"/api/v1/offers/{line_of(issue, package, provider).offer_id}/response"
    start = (clock.today() + timedelta(days=14)).isoformat()
    yes = {"package": package.reference, "answer": "accept", "price_pence": 2650, "earliest_start": start}
    body = {"submit": True, "answers": [yes]}
    headers = client.bearer(coordinator_of(provider))
    answers = at_once(house, headers, lambda one, head: one.put(path, json=body, headers=head), keys())
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
    assert {answer.json["packages"][0]["response"]["version"] for answer in answers} == {1}
    assert number_of(Response) == 1
    assert number_of(AuditEntry, AuditEntry.tag == "response:sent") == 1
    assert replayed(answers) == (MANY - 1 if keys is same_key else 0)


def test_of_twenty_different_answers_that_saw_the_same_version_one_is_taken(house, client, people, scheme):
    provider = a_member(scheme)
    package = a_package(scheme)
    issue = an_issue(scheme, [package], [provider])
    path = f"/api/v1/offers/{line_of(issue, package, provider).offer_id}/response"
    start = (clock.today() + timedelta(days=14)).isoformat()
    yes = {"package": package.reference, "answer": "accept", "earliest_start": start, "version": 0}
    headers = client.bearer(coordinator_of(provider))
    prices = iter(range(2600, 2600 + MANY))

    def send(one, head):
        body = {"submit": True, "answers": [{**yes, "price_pence": next(prices)}]}
        return one.put(path, json=body, headers=head)

    answers = at_once(house, headers, send, different_keys())
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: MANY - 1}
    assert db.session.scalars(select(Response.version)).all() == [1]


@pytest.mark.parametrize("keys", [same_key, different_keys])
def test_twenty_uploads_of_one_file_of_packages_at_one_instant_load_it_once(house, client, people, scheme, keys):
    a_team(people)
    content, scheme_id = a_file(a_row(1), a_row(2)), str(scheme.id)

    def send(one, head):
        form = {"scheme_id": scheme_id, "file": (io.BytesIO(content), "packages.csv")}
        return one.post("/api/v1/packages/import", data=form, headers=head)

    answers = at_once(house, client.bearer(people["navigator"]), send, keys())
    expected = {202: MANY} if keys is same_key else {202: 1, 409: MANY - 1}
    assert Counter(answer.status_code for answer in answers) == expected
    assert number_of(Task) == 1
    run_queued()
    assert (number_of(Package), number_of(ImportedFile)) == (2, 1)


@pytest.mark.parametrize("keys", [same_key, different_keys])
def test_twenty_uploads_of_one_file_of_providers_at_one_instant_load_it_once(house, client, people, scheme, keys):
    content, path = a_providers_file(a_provider_row()), f"/api/v1/schemes/{scheme.id}/providers/import"

    def send(one, head):
        return one.post(path, data={"file": (io.BytesIO(content), "providers.csv")}, headers=head)

    answers = at_once(house, client.bearer(people["contracts"]), send, keys())
    expected = {202: MANY} if keys is same_key else {202: 1, 409: MANY - 1}
    assert Counter(answer.status_code for answer in answers) == expected
    run_queued()
    assert (number_of(Provider), number_of(ImportedFile)) == (1, 1)
    assert Counter(db.session.scalars(select(Task.state)))["done"] == 1
