"""A council with something in every state that the pages know, so that every address has something behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from flask import has_app_context
from sqlalchemy import Table, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import clock
from app.accounts.invitation_services import invite
from app.accounts.role_services import set_roles
from app.audit import SYSTEM
from app.database import db
from app.house import House
from app.parties.models import Organisation, User
from app.parties.roles import Role
from app.parties.viewer import viewer_of
from brokerage.allocation.proposals import propose_for_batch
from brokerage.allocation.rules import AwardChoice
from brokerage.ranking.services import ask_to_close_early, declare_conflict, rank_issue
from marketplace.batches.proposing import propose_batches
from marketplace.membership.models import Membership
from marketplace.membership.removals import propose_removal
from marketplace.membership.suspensions import SuspensionDraft, suspend
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source
from marketplace.people.models import RepresentativeKind
from marketplace.people.services import RepresentativeDetails, add_representative
from marketplace.providers.models import CqcImport, CqcImportState, Provider, ProviderContact
from marketplace.rounds.models import Issue, Offer, OfferLine, OfferLink, Round
from marketplace.schemes.models import Scheme
from tests.brokerage.allocation.makers import award
from tests.careful import CarefulClient
from tests.marketplace.applications.makers import an_application
from tests.marketplace.makers import (
    a_member,
    a_package,
    a_provider,
    a_response,
    a_scheme,
    an_issue,
    coordinator_of,
    line_of,
)
from tests.marketplace.rounds.makers import a_sealed_batch
from tests.people import People, a_user

TOKEN = "a-link-of-the-tests-that-nobody-could-guess"
CONFIRMED = AwardChoice(need_confirmed_with="the ward")


class Attacker(CarefulClient):
    """A client that looks only at what it came for: pages are not checked as the careful client would."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        response: TestResponse = Context().run(super(CarefulClient, self).open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return response


@dataclass
class World:
    """Everything that stands there, by name."""

    people: People
    scheme: Scheme
    own: Provider
    rival: Provider
    packages: dict[str, Package] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def line(self, issue: str, provider: Provider | None = None) -> OfferLine:
        """The line of the only package of an issue."""
        return line_of(self.issues[issue], self.packages[issue], provider or self.own)

    def offer(self, issue: str, provider: Provider | None = None) -> Offer:
        """The offer of an issue to a provider."""
        return self.line(issue, provider).offer

    def round(self, issue: str) -> Round:
        """The round of the only package of an issue."""
        return db.session.get_one(Round, self.line(issue).round_id)

    def as_of(self, name: str) -> Any:
        """An officer as actor."""
        return viewer_of(self.users[name]).actor


def settle(people: People) -> World:
    """Makes the world and commits it."""
    scheme = a_scheme(people, award_limit_pence=12_000)
    own, rival = a_member(scheme, a_provider("Own Care")), a_member(scheme, a_provider("Rival Care"))
    world = World(people, scheme, own, rival)
    coordinator = coordinator_of(own)
    provider = db.session.get_one(Organisation, own.organisation_id)
    administrator = a_user(provider, f"administrator@own.{people.domain}", Role.PROVIDER_ADMINISTRATOR)
    referrer = people.users.get("referrer") or a_user(people.council, f"referrer@{people.domain}", Role.REFERRER)
    world.users = {**people.users, "coordinator": coordinator, "administrator": administrator}
    world.users |= {"rival": coordinator_of(rival), "referrer": referrer}
    _packages(world)
    _rounds(world)
    _membership_affairs(world)
    _account_affairs(world)
    db.session.commit()
    return world


def _packages(world: World) -> None:
    scheme = world.scheme
    for status in (PackageStatus.DRAFT, PackageStatus.READY, PackageStatus.ON_HOLD, PackageStatus.UNSOURCED):
        world.packages[status.value] = a_package(scheme, status=status)
    person = world.packages["ready"].person
    details = RepresentativeDetails(RepresentativeKind.FAMILY, "ZZSon", "07700 900123", "", date(2025, 1, 1))
    add_representative(person, details, by=SYSTEM)
    a_sealed_batch(scheme, [a_package(scheme), a_package(scheme)])
    for _ in range(3):
        a_package(scheme, source=Source.REALLOCATION)
    propose_batches(scheme, None, [Source.REALLOCATION], SYSTEM)


def _rounds(world: World) -> None:
    scheme, both = world.scheme, [world.own, world.rival]
    for name in ("open", "answered", "closed", "ranked", "proposed", "awarded"):
        package = world.packages[name] = a_package(scheme, visits="Mon 07:00-10:00 60x1" if name != "proposed" else BIG)
        world.issues[name] = an_issue(scheme, [package], both, closed=name not in {"open", "answered"})
        if name != "open":
            for provider, pence in zip(both, (2400, 2600), strict=True):
                a_response(
                    world.line(name, provider),
                    price_pence=pence,
                    submitted_at=world.issues[name].issued_at + timedelta(minutes=9),
                )
        if name in {"closed", "ranked", "proposed", "awarded"}:
            for broker in ("broker", "manager"):
                declare_conflict(world.issues[name], False, "", by=world.as_of(broker))
        if name in {"ranked", "proposed", "awarded"}:
            rank_issue(world.issues[name], by=SYSTEM)
        if name in {"proposed", "awarded"}:
            db.session.commit()
            award(world.line(name), CONFIRMED, by=world.as_of("broker"))
    db.session.commit()
    propose_for_batch(world.issues["ranked"], by=world.as_of("broker"))
    ask_to_close_early(world.issues["open"], "The ward closes.", by=world.as_of("broker"))
    _link(world)


BIG = "Mon-Sun 07:00-10:00 60x1"


def _link(world: World) -> None:
    offer = world.offer("open")
    contact = db.session.scalars(select(ProviderContact).filter_by(provider_id=world.own.id)).one()
    values = {"offer_id": offer.id, "contact_id": contact.id, "secret_hash": sha256(_token(world).encode()).hexdigest()}
    db.session.add(OfferLink(authority_id=offer.authority_id, **values))


def _token(world: World) -> str:
    """The link of the tests' council; that of another one is nobody's to know."""
    return TOKEN if world.people.domain == "testshire.example" else f"{TOKEN}-{world.people.domain}"


def _membership_affairs(world: World) -> None:
    scheme, today = world.scheme, clock.today()
    an_application(scheme)
    other = a_scheme(world.people)
    an_application(other, world.own)
    leaving = a_member(scheme, a_provider("Leaving Care"))
    world.users["leaving"] = coordinator_of(leaving)
    membership = db.session.scalars(select(Membership).filter_by(provider_id=leaving.id)).one()
    propose_removal(membership, "Too many missed visits.", today + timedelta(20), by=world.as_of("contracts"))
    draft = SuspensionDraft(reason="Too few carers", starts_on=today, review_on=today, ends_on=today + timedelta(30))
    suspend(scheme, leaving, draft, by=world.as_of("contracts"))
    held = {"state": CqcImportState.HELD, "filename": "ratings.csv", "sentence": "Held.", "rows": []}
    counts = {"seen": 0, "changed": 0, "fallen": 0, "vanished": 0}
    db.session.add(CqcImport(authority_id=world.people.council.id, **held, **counts))


def _account_affairs(world: World) -> None:
    """A second administrator has proposed roles for a colleague, and somebody is invited."""
    other = viewer_of(a_user(world.people.council, f"admin2@{world.people.domain}", Role.ADMINISTRATOR))
    set_roles(other, world.users["broker2"], {Role.BROKER, Role.CONTRACT_MANAGER}, (), reason="Covers the autumn.")
    invite(other, f"invited@{world.people.domain}", {Role.NAVIGATOR})


# ------------------------------------------------------------------------------------------------------ addresses


KINDS = {"subject": "package", "run": "cqc_import"}
"""What an argument of an address means, where no table ends in its name."""


def addresses(house: House) -> Iterator[tuple[Rule, str]]:
    """Every rule of the house with every address under it that leads to something."""
    binding = house.url_map.bind("localhost")
    for rule in house.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        method = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})[0]
        for values in _fillings(tuple(sorted(rule.arguments))):
            yield rule, binding.build(rule.endpoint, values, method=method)


def _fillings(names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    if names in {(), ("token",)}:
        yield dict.fromkeys(names, TOKEN)
        return
    found = next(filter(None, (_rows(table, names) for table in db.metadata.sorted_tables)), [])
    yield from (dict(zip(names, row, strict=True)) for row in found)


def _rows(table: Table, names: tuple[str, ...]) -> list[Any]:
    """Rows of a table that has a column for each name; `id` is the column of what the table is called."""
    stems = {name: KINDS.get(name.removesuffix("_id"), name.removesuffix("_id")) for name in names}
    own = {name for name, stem in stems.items() if f"_{table.name}".endswith(f"_{stem}") and "id" in table.c}
    columns = [table.c["id"] if name in own else table.c.get(name) for name in names]
    if any(column is None for column in columns) or (len(names) == 1 and not own):
        return []
    return list(db.session.execute(select(*columns).limit(30)))
