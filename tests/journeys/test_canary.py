"""The canary: every route of the house, as every role, in every form; nothing leaves that is not for them.

People carry ZZ in every identifying value, prices are odd pence that stand nowhere else, rivals' notes are marked. (Who
is a member is public, so a rival's name alone is no leak; in letters about an outcome it is.) The world holds one sealed round, one closed and unawarded round, and one package that was awarded to the winner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.auth.permissions import ANYONE
from app.database import db
from app.messages.jobs import send_queued
from app.messages.models import Delivery, Message
from app.parties.models import Organisation, User
from app.parties.roles import Role
from app.parties.services import team_named
from app.parties.viewer import viewer_of
from brokerage.allocation.candidates import WantedAward
from brokerage.allocation.ending import none_suitable
from brokerage.allocation.rules import AwardChoice, NextStep
from brokerage.allocation.services import award
from brokerage.ranking.services import declare_conflict, rank_issue
from marketplace.batches.proposing import propose_batches
from marketplace.batches.services import lift_package
from marketplace.packages.models import PackageParty, PartyRole
from marketplace.packages.rules import Source
from marketplace.packages.services import hold, withdraw
from marketplace.rounds.models import OfferLine
from tests.careful import token_in
from tests.journeys.walking import address_of, addresses, ids_by_table, spoken
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
from tests.people import a_user

HOME = "PR1 9ZZ"
IDENTITY = re.compile(r"ZZMabel|ZZThornber|ZZ\d+ Canal|07700 ?9\d{5}|PR1 ?9ZZ|PR1%209ZZ", re.IGNORECASE)
SEALED = {"own": 2777, "rival": 2913}
OPENED = {"own": 2771, "rival": 2917}
AWARDED = {"own": 2779, "rival": 2503}


def price(pence: int) -> str:
    """The ways in which a price could be written."""
    return rf"\b{pence // 100}\.{pence % 100:02d}\b|(?<![-\w]){pence}(?![-\w])"


@dataclass
class World:
    """Who is looking, and the ids that addresses can be made of."""

    viewers: dict[str, User] = field(default_factory=dict)
    forbidden: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def add(self, name: str, user: User, *patterns: str) -> None:
        """A viewer and what may never reach them."""
        self.viewers[name] = user
        self.forbidden[name] = re.compile("|".join(patterns))


@pytest.fixture
def world(people) -> World:
    """The marked world, made with the real services where it matters."""
    scheme = a_scheme(people)
    own = a_member(scheme, a_provider("Ownhome"))
    rival = a_member(scheme, a_provider("Rivalmark"))
    winner = a_member(scheme, a_provider("Winnermark"))
    outsider = a_member(scheme, a_provider("Outsider"), areas=("LA1",))
    sealed, opened, won = (a_package(scheme, postcode=HOME) for _ in range(3))
    issues = [
        an_issue(scheme, [sealed], [own, rival]),
        an_issue(scheme, [opened], [own, rival], closed=True),
        an_issue(scheme, [won], [own, rival, winner], closed=True),
    ]
    for issue, package, prices in zip(issues, (sealed, opened, won), (SEALED, OPENED, AWARDED), strict=True):
        for name, provider in (("own", own), ("rival", rival)):
            note = "RIVALNOTE" if provider is rival else "OWNNOTE"
            submitted = (
                clock.now() - timedelta(minutes=30) if issue is issues[0] else issue.deadline - timedelta(hours=2)
            )
            a_response(line_of(issue, package, provider), price_pence=prices[name], note=note, submitted_at=submitted)
    a_response(line_of(issues[2], won, winner), price_pence=2201)
    db.session.commit()
    decide(people, issues[2], line_of(issues[2], won, winner))
    return cast(people, own, rival, outsider)


def decide(people, issue, line) -> None:
    """The broker ranks and awards the third package to the cheapest."""
    by = people.viewer("broker").actor
    declare_conflict(issue, False, "", by=by)
    rank_issue(issue, by=by)
    db.session.commit()
    choice = AwardChoice(need_confirmed_with="the team", skip_reason="They can start at once.")
    award([WantedAward(db.session.get_one(OfferLine, line.id), choice)], by=by)
    db.session.commit()


def cast(people, own, rival, outsider) -> World:
    """Everybody who looks, with what each may never see."""
    world = World()
    rivals = ["RIVALNOTE", *(price(prices["rival"]) for prices in (SEALED, OPENED, AWARDED))]
    sealed = [price(SEALED["own"]), price(SEALED["rival"])]
    everything = [IDENTITY.pattern, *rivals, *sealed, price(OPENED["own"])]
    world.add("own", coordinator_of(own), IDENTITY.pattern, *rivals)
    office = db.session.get_one(Organisation, own.organisation_id)
    administrator = a_user(office, "administrator@ownhome.example", Role.PROVIDER_ADMINISTRATOR)
    world.add("own administrator", administrator, IDENTITY.pattern, *rivals)
    world.add("outsider", coordinator_of(outsider), *everything)
    for name in ("navigator", "broker", "broker2", "manager", "socialworker"):
        world.add(name, people[name], *sealed)
    for name in ("contracts", "finance", "admin", "auditor"):
        world.add(name, people[name], IDENTITY.pattern, *sealed)
    world.add("healthassessor", people["healthassessor"], *everything)
    world.add("stranger", people["stranger"], *everything)
    return world


def everything_read(house, client, world):
    """Every page and API answer that each viewer of a world gets: who, the rule, the address, the answer."""
    ids = ids_by_table()
    for name, user in world.viewers.items():
        client.sign_out()
        client.sign_in(user)
        headers = client.bearer(user)
        for rule, values in addresses(house, "GET", ids):
            path = address_of(house, rule, values)
            yield name, rule, path, client.get(path, headers=headers if path.startswith("/api/") else None)


def test_no_page_and_no_api_answer_says_what_is_not_for_its_reader(house, client, world, caplog):
    leaks, faults, asked = [], [], 0
    for name, rule, path, answer in everything_read(house, client, world):
        asked += 1
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            faults.append((name, path, answer.status_code))
        if found := world.forbidden[name].search(spoken(answer)):
            leaks.append((name, rule.rule, found[0]))
    assert not faults, faults[:10]
    assert not leaks, "\n".join(map(str, sorted(set(leaks))))
    assert asked > 300
    assert not IDENTITY.search(caplog.text)


WHY = "Went into hospital, WHYCANARY"


@pytest.fixture
def taken_back(people) -> World:
    """Four packages with what somebody typed of each: withdrawn after its award, none suitable, held, lifted out."""
    scheme, east = a_scheme(people), team_named(people.council, "East", None)
    winner, by = a_member(scheme, a_provider("Winnermark")), people.viewer("broker").actor
    mine = {"postcode": HOME, "referring_team_id": east.id, "source": Source.REALLOCATION}
    gone, unsuited, held, lifted = (a_package(scheme, **mine) for _ in range(4))
    issues = [an_issue(scheme, [one], [winner], closed=True) for one in (gone, unsuited)]
    for issue, package in zip(issues, (gone, unsuited), strict=True):
        a_response(line_of(issue, package, winner), price_pence=2201)
    (batch,) = propose_batches(scheme, None, {Source.REALLOCATION}, by)
    decide(people, issues[0], line_of(issues[0], gone, winner))
    withdraw(gone, because=WHY, by=by)
    none_suitable(issues[1].rounds[0], WHY, NextStep.OFFER_AGAIN, by=by)
    hold(held, because=WHY, by=by)
    lift_package(batch, lifted, WHY, by)
    propose_batches(scheme, None, {Source.REALLOCATION}, by)
    for package in (gone, unsuited):
        takes_part = {"organisation_id": people.icb.id, "role": PartyRole.FUNDER, "starts_on": clock.today()}
        db.session.add(PackageParty(authority_id=scheme.authority_id, package_id=package.id, **takes_part))
    manager = a_user(people.council, "west@testshire.example", Role.TEAM_MANAGER)
    manager.roles[0].team_id = team_named(people.council, "West", None).id
    db.session.commit()
    world = World()
    world.add("winner", coordinator_of(winner), "WHYCANARY")
    world.add("manager of another team", manager, "WHYCANARY")
    for name in ("contracts", "finance", "healthassessor"):
        world.add(name, people[name], "WHYCANARY")
    return world


def test_why_a_package_was_taken_back_is_read_only_by_those_who_may_know_whose_it_is(house, client, people, taken_back):
    leaks = [
        (name, path)
        for name, _, path, answer in everything_read(house, client, taken_back)
        if taken_back.forbidden[name].search(spoken(answer))
    ]
    assert not leaks, leaks
    assert not [row for row in db.session.scalars(select(Message)) if WHY in row.body]
    client.sign_out()
    client.sign_in(people["navigator"])
    assert all(WHY in client.get(f"/packages/{package_id}").text for package_id in ids_by_table()["package"])
    assert WHY in client.get("/packages/unsourced").text


def test_nobody_without_a_session_sees_anything(house, client, world):
    ids = ids_by_table()
    forbidden = world.forbidden["stranger"]
    for rule, values in addresses(house, "GET", ids):
        answer = client.get(address_of(house, rule, values))
        view = house.view_functions[rule.endpoint]
        if getattr(view, "permission", None) != ANYONE:
            assert answer.status_code in {302, 401}, rule.rule
        assert not forbidden.search(spoken(answer)), rule.rule


def test_a_stranger_changes_nothing_at_any_address(house, client, world):
    ids = ids_by_table()
    bearers = {name: client.bearer(world.viewers[name]) for name in ("outsider", "stranger")}
    before = snapshot()
    for name, headers in bearers.items():
        client.sign_out()
        client.sign_in(world.viewers[name])
        token = token_in(client.get("/").get_data(as_text=True))
        for rule, values in addresses(house, "POST", ids):
            if not rule.arguments:
                continue
            path = address_of(house, rule, values)
            if path.startswith("/api/"):
                answer = client.post(path, json={}, headers={**headers, "Idempotency-Key": str(uuid4())})
            else:
                answer = client.post(path, data={"csrf_token": token, "idempotency_key": str(uuid4())})
            assert answer.status_code in {302, 400, 401, 403, 404, 409, 415, 422}, (name, path, answer.status_code)
            assert not world.forbidden[name].search(spoken(answer)), (name, path)
    assert snapshot() == before


def snapshot() -> dict[str, int]:
    """How many rows each business table has; sessions, tokens and repeats come and go."""
    passing = {"user_session", "api_token", "repeated_request", "audit_entry", "audit_fact", "access_log", "message"}
    return {
        table.name: db.session.scalar(select(db.func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
        if table.name not in passing
    }


def test_no_file_that_leaves_holds_what_is_not_for_its_reader(house, client, world):
    leaks, files = [], set()
    rules = [rule for rule in house.url_map.iter_rules() if "export" in rule.rule and "POST" in rule.methods]
    for name, user in world.viewers.items():
        client.sign_out()
        client.sign_in(user)
        token = token_in(client.get("/").get_data(as_text=True))
        headers = client.bearer(user)
        for rule, kind in product(rules, ("csv", "xlsx", "json")):
            form = {"csrf_token": token, "idempotency_key": str(uuid4()), "format": kind}
            if rule.rule.startswith("/api/"):
                answer = client.post(rule.rule, json={"format": kind}, headers=headers)
            else:
                answer = client.post(rule.rule, data=form)
            assert answer.status_code in {200, 403}, (name, rule.rule, answer.status_code)
            if answer.status_code == 200:
                files.add((name, rule.rule, kind))
            if found := world.forbidden[name].search(spoken(answer)):
                leaks.append((name, rule.rule, kind, found[0]))
    assert not leaks, leaks
    assert len(rules) >= 12
    assert {rule for _, rule, _ in files} == {rule.rule for rule in rules}


class Postbox:
    """A channel that keeps every email as it would have left."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    @contextmanager
    def line(self) -> Iterator[Postbox]:
        """The box itself."""
        yield self

    def deliver(self, mail: EmailMessage, return_path: str) -> None:
        """Keeps the email, headers and envelope and all."""
        self.mails.append(mail.as_bytes() + return_path.encode())


def test_no_e_mail_that_leaves_names_a_person_or_a_price(house, world, monkeypatch):
    box = Postbox()
    monkeypatch.setitem(house.extensions, "mail_channel", box)
    db.session.rollback()
    assert send_queued() == len(box.mails) >= 3
    left = "\n".join(str(message_from_bytes(mail, policy=policy.default)) for mail in box.mails)
    assert not IDENTITY.search(left)
    assert not re.search(
        "|".join(price(pence) for prices in (SEALED, OPENED, AWARDED) for pence in prices.values()), left
    )


def test_no_mail_names_a_person_or_a_rival(world):
    texts = [f"{row.subject}\n{row.body}\n{row.path}" for row in db.session.scalars(select(Message))]
    assert texts, "the awards wrote letters"
    assert not [text for text in texts if IDENTITY.search(text)]
    own = viewer_of(world.viewers["own"]).organisation_id
    mine = select(Message).where(Message.organisation_id == own)
    assert not [row.body for row in db.session.scalars(mine) if re.search("Rivalmark|Winnermark|RIVALNOTE", row.body)]
    assert not [row.path for row in db.session.scalars(select(Delivery)) if row.path and "ZZ" in row.path]
