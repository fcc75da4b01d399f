"""Every list asks the database the same number of questions, however much stands in it."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.database import db
from marketplace.offers.rules import RoundState
from tests.marketplace.makers import a_member, a_package, a_response, a_scheme, an_issue, coordinator_of, line_of
from tests.marketplace.offers.makers import a_sealed_batch, counted

LISTS = {
    "navigator": ("/packages", "/packages/unsourced", "/providers", "/batches", "/inbox"),
    "broker": ("/board?show=decide", "/board?show=open", "/board?show=awarded", "/agreements", "/awards"),
    "contracts": ("/applications", "/memberships", "/schemes", "/feedback/all"),
    "admin": ("/users", "/users/invitations", "/users/of-providers"),
    "auditor": ("/audit", "/people/opened"),
}
PROVIDERS = ("/offers", "/agreements", "/our-memberships", "/inbox")


def test_every_list_asks_the_same_number_of_queries_whatever_its_length(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    some_of_everything(scheme, provider)
    few = queries_of_lists(client, people, provider)
    for _ in range(3):
        some_of_everything(scheme, provider)
    many = queries_of_lists(client, people, provider)
    assert {path: many[path] for path in few if many[path] > few[path]} == {}
    assert max(many.values()) < 30


def some_of_everything(scheme, provider):
    """An open and a closed offer of two packages, an award, a batch that waits, and a provider who has answered."""
    other = a_member(scheme)
    for closed in (False, True):
        packages = [a_package(scheme), a_package(scheme)]
        issue = an_issue(scheme, packages, [provider, other], closed=closed)
        for package in packages:
            a_response(line_of(issue, package, provider))
    last = issue.rounds[0]
    last.state, last.ended_at, last.ended_because = RoundState.AWARDED, clock.now() - timedelta(days=1), "Awarded"
    a_sealed_batch(scheme, [a_package(scheme), a_package(scheme)])
    db.session.commit()


def queries_of_lists(client, people, provider):
    """How many statements each list takes once it has been shown: what is worked out once is not asked again."""
    found = {}
    users = {name: people[name] for name in LISTS} | {"provider": coordinator_of(provider)}
    for name, user in users.items():
        client.sign_in(user)
        for path in LISTS.get(name, PROVIDERS):
            assert client.get(path).status_code == 200, path
            with counted() as asked:
                client.get(path)
            found[name, path] = len(asked)
    return found
