"""Every list asks the database the same number of questions, however much stands in it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, text

from app import clock
from app.database import db, new_id
from app.database.bulk import ready_rows
from marketplace.offers.models import Round
from marketplace.offers.rules import RoundState
from marketplace.packages.models import Package
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
    paths = LISTS | {"provider": PROVIDERS}
    return queries_of(client, {name: people[name] for name in LISTS} | {"provider": coordinator_of(provider)}, paths)


def queries_of(client, users, lists):
    """The same of some lists, by who looks and where."""
    found = {}
    for name, paths in lists.items():
        client.sign_in(users[name])
        for path in paths:
            assert client.get(path).status_code == 200, path
            with counted() as asked:
                client.get(path)
            found[name, path] = len(asked)
    return found


LONG = {
    "navigator": ("/packages", "/packages?page=2000", "/packages/unsourced", "/"),
    "broker": ("/board?show=decide", "/board?show=awarded", "/"),
}
MANY = 100_000


def test_lists_of_a_hundred_thousand_packages_ask_the_same_number_of_queries(client, people):
    scheme = a_scheme(people)
    some_of_everything(scheme, a_member(scheme))
    few = queries_of(client, people, LONG)
    a_hundred_thousand_packages()
    assert queries_of(client, people, LONG) == few
    assert str(MANY + 1) in client.get("/board?show=decide").text


def a_hundred_thousand_packages():
    """As one that is there: unsourced or to be decided, each with a closed round."""
    one = db.session.scalars(select(Round).where(Round.state == RoundState.CLOSED).limit(1)).unique().one()
    like_package, like_round, ids = one.package_id, one.id, [new_id() for _ in range(MANY)]
    named = ({"id": key, "reference": f"PKG-M{n}", "council_reference": f"M-{n}"} for n, key in enumerate(ids))
    write_alike(Package, like_package, list(named))
    db.session.commit()
    forget_plans()
    write_alike(Round, like_round, [{"id": new_id(), "package_id": key} for key in ids])
    db.session.commit()


def forget_plans():
    """PostgreSQL keeps the plan by which it looks up a foreign key, made for a small table, as long as the connection."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE package"))
        db.session.commit()
        db.engine.dispose()


def write_alike(model, like_id, rows):
    """Rows that are in all other columns like one that is there."""
    columns = [column for column in model.__table__.columns if column.name not in rows[0]]
    shared = db.session.execute(select(*columns).where(model.__table__.c.id == like_id)).one()._mapping
    ready_rows(model, rows, dict(shared)).write()
