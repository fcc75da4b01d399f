"""The ground of the audit: a copy of the demo with everybody who visits it, served on a port of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select

import wsgi
from app import clock
from app.audit import SYSTEM
from app.auth.passwords import hash_password
from app.database import db
from app.house import House
from app.parties import services as parties
from app.parties.models import Organisation, User
from app.parties.roles import COMMISSIONER_ROLES, OrganisationKind, Role
from config import Config
from demo.accounts import OFFICERS, PASSWORD
from demo.seeding import seed
from demo.serve import DATABASE, demo_house
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer

SAME_AS_ANOTHER = frozenset({"broker2@lancashire.example"})
"""Accounts of the demo that see what another account sees."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who visits: the name the report uses, the roles held, and the address to sign in with, if any."""

    role: str
    roles: tuple[Role, ...] = ()
    email: str = ""
    password: str = PASSWORD


def a_copy(place: Path, source: Path | None) -> House:
    """The demo on a copy of its database; made anew where there is none, or where its tables are no longer today's."""
    original = source or DATABASE
    if original.exists():
        with closing(sqlite3.connect(original)) as old, closing(sqlite3.connect(place)) as new:
            old.backup(new)
        house = unhurried(demo_house(place))
        if is_up_to_date(house):
            return house
        place.unlink()
    print("The audit makes a demo of its own. This takes a minute or two.")
    house = unhurried(demo_house(place))
    with house.app_context():
        seed(say=print)
    return house


def unhurried(house: House) -> House:
    """Without the limit of requests in a minute: the audit asks faster than people do."""
    config: Config = house.extensions["config"]
    house.extensions["config"] = replace(config, writes_per_minute=0, requests_per_minute=0)
    return house


def is_up_to_date(house: House) -> bool:
    """Whether every column of the models is in the database."""
    with house.app_context():
        inspector = db.inspect(db.engine)
        names = set(inspector.get_table_names())
        return all(
            table.name in names and {column.name for column in table.c} <= columns(inspector, table.name)
            for table in db.metadata.sorted_tables
        )


def columns(inspector: object, table: str) -> set[str]:
    """The names of a table's columns as the database knows them."""
    return {str(column["name"]) for column in inspector.get_columns(table)}  # type: ignore[attr-defined]


def everybody() -> list[Somebody]:
    """One visitor for each role of the demo, those whom the demo lacks, two to whom nothing belongs, and nobody."""
    found = [
        Somebody(role.value, (role,), email) for email, (_, role) in OFFICERS.items() if email not in SAME_AS_ANOTHER
    ]
    found.append(Somebody(Role.HEALTH_ASSESSOR.value, (Role.HEALTH_ASSESSOR,), "healthassessor@lsc-icb.example"))
    coordinator = busiest_coordinator()
    found.append(Somebody(Role.PROVIDER_COORDINATOR.value, (Role.PROVIDER_COORDINATOR,), coordinator.email))
    found += extra_people(coordinator)
    return [*found, Somebody("nobody signed in")]


def officer_named(name: str) -> User:
    """An officer of the demo's council."""
    return db.session.scalars(select(User).where(User.email == f"{name}@lancashire.example")).one()


def busiest_coordinator() -> User:
    """The coordinator of the provider that has most offers to answer."""
    asked = select(User).join(Provider, Provider.organisation_id == User.organisation_id)
    offered = asked.join(Offer, Offer.provider_id == Provider.id).join(Issue, Issue.id == Offer.issue_id)
    busiest = offered.where(Issue.deadline > clock.now()).group_by(User.id)
    return db.session.scalars(busiest.order_by(func.count(Offer.id).desc(), User.email).limit(1)).one()


def extra_people(coordinator: User) -> list[Somebody]:
    """A referrer, a provider's administrator, an advocate, and newcomers who find every list empty."""
    referring = officer_named("socialworker")
    elsewhere = parties.organisation_named(OrganisationKind.COUNCIL, "Elsewhere Council", by=SYSTEM)
    advocacy = parties.organisation_named(OrganisationKind.ADVOCACY, "Speaking Up", by=SYSTEM)
    team = referring.roles[0].team_id
    made = [
        _add("referrer", referring.organisation, "referrer@audit.example", [Role.REFERRER], team_id=team),
        _add("provider_administrator", coordinator.organisation, "padmin@audit.example", [Role.PROVIDER_ADMINISTRATOR]),
        _add("advocate", advocacy, "advocate@audit.example", [Role.ADVOCATE]),
        _add("new council", elsewhere, "new@audit.example", sorted(COMMISSIONER_ROLES)),
        _add("new provider", _new_provider(), "newprovider@audit.example", [Role.PROVIDER_ADMINISTRATOR]),
    ]
    db.session.commit()
    return made


def _add(name: str, organisation: Organisation, email: str, roles: list[Role], team_id: object = None) -> Somebody:
    parties.create_user(
        organisation,
        email,
        name.capitalize(),
        roles,
        by=SYSTEM,
        password_hash=hash_password(PASSWORD),
        team_id=team_id,  # type: ignore[arg-type]  # a user's team is a UUID or none
    )
    return Somebody(name, tuple(roles), email)


def _new_provider() -> Organisation:
    organisation = parties.organisation_named(OrganisationKind.PROVIDER, "Newly Begun Care", by=SYSTEM)
    values = {"reference": "PRV-AUD1T", "cqc_location_id": "1-90909090", "base_postcode": "PR1 8XJ"}
    db.session.add(Provider(organisation_id=organisation.id, name="Newly Begun Care", **values))
    db.session.flush()
    return organisation


def what_no_title_says() -> tuple[str, ...]:
    """Names and NHS numbers of people: no title may hold one."""
    rows = db.session.execute(select(Person.name, Person.nhs_number)).all()
    return tuple({text for row in rows for text in row if text})


@contextmanager
def second_factor_required(house: House) -> Iterator[None]:
    """For a while nobody gets in with a password alone, as where no invented data is shown."""
    usual = house.extensions["config"]
    house.extensions["config"] = replace(usual, second_factor="required")
    try:
        yield
    finally:
        house.extensions["config"] = usual


@contextmanager
def without_a_database(folder: Path) -> Iterator[House]:
    """The application with a database that cannot be opened: every page says that it cannot be shown."""
    config: Config = demo_house(folder / "nowhere" / "nothing.sqlite").extensions["config"]
    yield wsgi.build(replace(config, demo=False))
