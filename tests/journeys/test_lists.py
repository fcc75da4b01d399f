"""Every list asks the database the same number of questions, however much stands in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select, text

from app.accounts.invitation_services import invite
from app.audit import SYSTEM
from app.database import db, new_id
from app.database.bulk import ready_rows
from app.parties.roles import Role
from app.parties.services import bring_users
from brokerage.ranking.services import rank_issue
from marketplace.membership.models import Membership
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.people.break_glass import open_identity
from marketplace.providers.models import CqcImport, CqcImportState, CqcRating
from marketplace.rounds.models import Round
from marketplace.rounds.rules import RoundState
from marketplace.vocabulary import Rating
from tests.app.messages.makers import a_letter
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, declare
from tests.brokerage.outside.makers import asked
from tests.marketplace.applications.makers import an_application
from tests.marketplace.makers import (
    a_member,
    a_package,
    a_response,
    a_scheme,
    an_issue,
    coordinator_of,
    line_of,
    number,
)
from tests.marketplace.rounds.makers import a_sealed_batch, counted
from tests.people import a_user

LISTS = {
    "navigator": ("/packages", "/packages/unsourced", "/providers", "/batches", "/inbox"),
    "broker": (
        "/board?show=decide",
        "/board?show=open",
        "/board?show=awarded",
        "/agreements",
        "/awards",
        "/outside-awards",
    ),
    "contracts": ("/applications", "/memberships", "/schemes", "/feedback/all", "/cqc", "/cqc/of-others"),
    "admin": ("/users", "/users/invitations", "/users/of-providers", "/organisations"),
    "auditor": ("/audit", "/people/opened"),
}
PROVIDERS = ("/offers", "/agreements", "/our-memberships", "/inbox")


def test_every_list_asks_the_same_number_of_queries_whatever_its_length(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    some_of_everything(people, scheme, provider)
    few = queries_of_lists(client, people, provider)
    for _ in range(3):
        some_of_everything(people, a_scheme(people), provider)
        some_of_everything(people, scheme, provider)
    many = queries_of_lists(client, people, provider)
    assert {path: many[path] for path in few if many[path].queries > few[path].queries} == {}
    assert max(one.queries for one in many.values()) < 30
    assert [path for path in few if many[path].size <= few[path].size] == []  # what did not grow proves nothing


def some_of_everything(people, scheme, provider):
    """An offer that is open and one that is to be decided, an award with its agreement and its letter, a batch that waits,
    applications, a person opened by break-glass, somebody new and somebody invited.
    """
    other = a_member(scheme)
    if not db.session.scalar(select(Membership.id).filter_by(scheme_id=scheme.id, provider_id=provider.id)):
        a_member(scheme, provider)
    for closed in (False, True):
        packages = [a_package(scheme), a_package(scheme)]
        issue = an_issue(scheme, packages, [provider, other], closed=closed)
        for package in packages:
            a_response(line_of(issue, package, provider))
    rank_issue(issue, by=SYSTEM)
    declare(people, issue, "broker")
    award(line_of(issue, issue.rounds[0].package, provider), CONFIRMED, by=actor(people, "broker"))
    a_sealed_batch(scheme, [a_package(scheme), a_package(scheme)])
    a_package(scheme, status=PackageStatus.UNSOURCED, status_reason="Nobody accepted")
    asked(people, a_package(scheme, status=PackageStatus.UNSOURCED))
    an_application(scheme)
    open_identity(people.viewer("healthassessor"), packages[0].person, "Fell on the ward, must know now.")
    new = number()
    waiting = coordinator_of(other)
    waiting.password_hash = None  # nobody has invited them yet
    bring_users(people.council.id, {(waiting.organisation_id, waiting.email)})
    for owner in (people.council, people.other_council):
        a_run(owner, provider)
    a_letter(people)
    a_user(people.council, f"new{new}@testshire.example", Role.NAVIGATOR)
    invite(people.viewer("admin"), f"invited{new}@testshire.example", {Role.NAVIGATOR})
    db.session.commit()


def a_run(owner, provider):
    """CQC data that a council took in of a provider."""
    counts = {"seen": 1, "changed": 1, "fallen": 0, "vanished": 0}
    said = {"state": CqcImportState.APPLIED, "filename": "ratings.csv", "sentence": "Taken in.", "rows": []}
    run = CqcImport(authority_id=owner.id, **said, **counts)
    db.session.add(run)
    db.session.flush()
    day = date(2026, 1, 1) + timedelta(days=number())
    rating = {"published_on": day, "overall": Rating.GOOD, "source": "test"}
    db.session.add(CqcRating(provider_id=provider.id, authority_id=owner.id, run_id=run.id, **rating))


def queries_of_lists(client, people, provider):
    """How many statements each list takes once it has been shown (what is worked out once is not asked again), and how
    many links and rows it shows.
    """
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
                page = client.get(path).get_data(as_text=True)
            found[name, path] = Shown(len(asked), page.count("<a ") + page.count("<tr"))
    return found


class Shown(NamedTuple):
    """What a list took and showed."""

    queries: int
    size: int


LONG = {
    "navigator": ("/packages", "/packages?page=2000", "/packages/unsourced", "/"),
    "broker": ("/board?show=decide", "/board?show=awarded", "/"),
}
MANY = 100_000


def test_lists_of_a_hundred_thousand_packages_ask_the_same_number_of_queries(client, people):
    scheme = a_scheme(people)
    some_of_everything(people, scheme, a_member(scheme))
    few = queries_of(client, people, LONG)
    a_hundred_thousand_packages()
    many = queries_of(client, people, LONG)
    assert {path: one.queries for path, one in many.items()} == {path: one.queries for path, one in few.items()}
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
