"""The small council on which the proofs do harm: prepared once for each database by the tests' makers, copied for each case.

Every subject is used once: a package to offer, an answer to give, a round to award. How many there are follows from
how often each case is tried.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_migrate import upgrade

import wsgi
from app.audit import SYSTEM
from app.auth.tokens import create_token
from app.database import db, reading_only
from app.house import House
from app.parties.models import User
from app.parties.viewer import viewer_of
from brokerage.ranking.services import declare_conflict, rank_issue
from config import Config
from faults.places import at_the_end, folder
from faults.postgres import Cluster
from faults.server import SECRET
from faults.talk import Caller
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_member, a_package, a_response, a_scheme, an_issue, coordinator_of, line_of
from tests.marketplace.packages.makers import a_team
from tests.people import People

PROVIDERS = 6
CREW = 4
"""So many people are at work at once."""
EACH = 3
"""So many things each of them does, at most, until the server dies."""
TOGETHER = 12
"""Packages in one issue."""
TEMPLATE = "homeward_faults"


@dataclass(frozen=True, slots=True)
class Answerable:
    """One package in one provider's offer: who answers it, and where."""

    caller: Caller
    offer_id: UUID
    line_id: UUID
    package: str
    start: str


@dataclass(frozen=True, slots=True)
class Awardable:
    """One package whose round is closed and ranked, and the line of the provider that may have it."""

    package_id: UUID
    line_id: UUID
    minutes: int


@dataclass
class World:
    """What was prepared, by plain values: they hold in every copy."""

    council_id: UUID
    scheme_id: UUID
    officers: dict[str, Caller]
    ready: list[UUID] = field(default_factory=list)
    answerable: list[Answerable] = field(default_factory=list)
    awardable: list[Awardable] = field(default_factory=list)


class Ground:
    """One kind of database with the prepared council in it; gives copies, each with its address and a house to look."""

    def __init__(self, database: str, times: int) -> None:
        self.database = database
        self._folder = folder()
        self.place: Path = self._folder.__enter__()
        self.cluster = Cluster(self.place / "data").make() if database == "postgres" else None
        self._copies = 0
        self._house: House | None = None
        house = house_on(self._new_address(TEMPLATE))
        with house.app_context():
            upgrade()
            self.world = settle(times)
            db.session.remove()
            db.engine.dispose()
        at_the_end(self._let_go)

    def copy(self, disk: Path | None = None) -> str:
        """A copy of the prepared database, on another disk if one is given; its address."""
        self._copies += 1
        name = f"copy{self._copies}"
        if self.cluster:
            where = self.cluster.disk(disk, f"disk{self._copies}") if disk else "pg_default"
            return psycopg_address(self.cluster.copy(TEMPLATE, name, tablespace=where))
        to = (disk or self.place) / f"{name}.sqlite"
        with (
            closing(sqlite3.connect(self.place / f"{TEMPLATE}.sqlite")) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)
        return f"sqlite:///{to}"

    def drop(self, address: str) -> None:
        """Forgets a copy on another disk."""
        if self.cluster:
            name = address.rpartition("/")[2]
            self.cluster.ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            self.cluster.ask(f"DROP TABLESPACE IF EXISTS {name.replace('copy', 'disk')}")

    def _new_address(self, name: str) -> str:
        if self.cluster:
            self.cluster.ask(f'CREATE DATABASE "{name}"')
            return psycopg_address(self.cluster.address(name))
        return f"sqlite:///{self.place / f'{name}.sqlite'}"

    def _let_go(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)


def psycopg_address(address: str) -> str:
    """The address with the driver that Homeward uses."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


@cache
def ground(database: str, times: int) -> Ground:
    """The prepared council on this database; made at the first call."""
    return Ground(database, times)


def house_on(address: str) -> House:
    """The application on this database, in this process: to prepare, and to look afterwards."""
    return wsgi.build(Config(database_url=address, secret_key=SECRET, testing=True))


class Witness:
    """Looks into the tables of one copy, past the server."""

    def __init__(self, address: str) -> None:
        self._house = house_on(address)

    def see(self, look: Callable[[], Any]) -> Any:
        """What a function finds in a transaction of its own that only reads."""
        with self._house.app_context(), reading_only():
            try:
                return look()
            finally:
                db.session.remove()

    def do(self, act: Callable[[], Any]) -> Any:
        """The same for a function that writes; it commits by itself."""
        with self._house.app_context():
            try:
                return act()
            finally:
                db.session.remove()

    def close(self) -> None:
        """Lets go of every connection."""
        with self._house.app_context():
            db.engine.dispose()


def settle(times: int) -> World:
    """Makes the council with subjects for so many tries, and commits."""
    people, subjects = People.settle(), (times + 1) * CREW * EACH
    a_team(people)
    scheme = a_scheme(people)
    providers = [a_member(scheme, capacity_hours=100_000) for _ in range(PROVIDERS)]
    officers = {name: caller(people[name]) for name in ("navigator", "broker", "broker2", "auditor", "admin")}
    world = World(people.council.id, scheme.id, officers)
    world.ready = [a_package(scheme).id for _ in range(subjects)]
    coordinators = {provider.id: caller(coordinator_of(provider)) for provider in providers}
    for _ in range(-(-subjects // (TOGETHER * PROVIDERS)) or 1):
        _to_answer(world, scheme, providers, coordinators)
    for _ in range(-(-subjects // TOGETHER)):
        _to_award(world, people, scheme, providers[:2])
    db.session.commit()
    return world


def caller(user: User) -> Caller:
    """Somebody with a token."""
    return Caller(create_token(user, "proofs", by=viewer_of(user).actor))


def _to_answer(world: World, scheme: Scheme, providers: list[Provider], coordinators: dict[UUID, Caller]) -> None:
    packages = [a_package(scheme) for _ in range(TOGETHER)]
    issue = an_issue(scheme, packages, providers)
    for package in packages:
        for provider in providers:
            line = line_of(issue, package, provider)
            who = coordinators[provider.id]
            start = package.planned_start.isoformat()
            world.answerable.append(Answerable(who, line.offer_id, line.id, package.reference, start))


def _to_award(world: World, people: People, scheme: Scheme, providers: list[Provider]) -> None:
    packages = [a_package(scheme) for _ in range(TOGETHER)]
    issue = an_issue(scheme, packages, providers, closed=True)
    for package in packages:
        for provider, pence in zip(providers, (2400, 2600), strict=True):
            a_response(line_of(issue, package, provider), price_pence=pence)
    _rank(issue, people)
    for package in packages:
        world.awardable.append(_awardable(issue, package, providers[0]))


def _rank(issue: Issue, people: People) -> None:
    for name in ("broker", "broker2"):
        declare_conflict(issue, False, "", by=viewer_of(people[name]).actor)
    rank_issue(issue, by=SYSTEM)


def _awardable(issue: Issue, package: Package, provider: Provider) -> Awardable:
    return Awardable(package.id, line_of(issue, package, provider).id, package.weekly_minutes)
