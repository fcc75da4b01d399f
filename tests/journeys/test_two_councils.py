"""Two councils with every role share a database: nothing of the one is said to anybody of the other, at any door.

Each has something in every state. What may not cross is everything that a row of the other council is known by: its
identifier and its reference, the people in it, the addresses of its officers, and words that were typed only there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from app.auth.permissions import ANYONE
from app.database import db
from app.parties.models import BroughtUser, User
from app.parties.roles import COMMISSIONER_ROLES, Role
from app.parties.services import bring_users
from app.parties.viewer import viewer_of
from marketplace.people.break_glass import open_identity
from marketplace.people.models import Person
from marketplace.providers import cqc_services
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_services import release_run
from marketplace.providers.services import register_contacts
from tests.abuse.world import Attacker, World, settle
from tests.careful import token_in
from tests.journeys.walking import address_of, fitting, spoken
from tests.marketplace.makers import a_member
from tests.marketplace.register.makers import a_filters_file
from tests.people import People, a_user

DOORS = tuple(filter(None, os.environ.get("HOMEWARD_DOORS", "").split(",")))
"""Only addresses that begin so, where a removed filter is looked for; every address otherwise."""
REFERENCE = re.compile(r"\b(?:PKG|ISS|OFR|BAT|AGR|AWD|APP|CHG)-\w+")
IDENTIFIER = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ADDRESS = re.compile(r"[\w.]+@[\w.]+")
PER_TABLE = 1


@dataclass
class Council:
    """One of the two: its world, and what nobody of the other may read."""

    world: World
    word: str
    marks: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    """How the audit calls its officers."""

    @property
    def people(self) -> People:
        return self.world.people

    @property
    def viewers(self) -> dict[str, User]:
        """Its officers, one of each role."""
        twice = {"broker2", "contracts2"}
        officers = self.world.users.items()
        own = self.people.council.id
        return {name: user for name, user in officers if user.organisation_id == own and name not in twice}


@pytest.fixture
def attacker(house) -> Attacker:
    house.test_client_class = Attacker
    return house.test_client()


@pytest.fixture
def councils(people) -> tuple[Council, Council]:
    """Both, each of which has taken in a file of the CQC about a member of the other, and named a contact for it."""
    one, other = Council(settle(people), "ZZHERE"), Council(settle(people.elsewhere()), "ZZTHERE")
    for own, rival in ((one, other), (other, one)):
        members = select(Person).where(Person.authority_id == own.people.council.id)
        ids = [person.id for person in db.session.scalars(members)]
        db.session.execute(update(Person).where(Person.id.in_(ids)).values(name=own.word))
        waiting = a_user(own.world.rival.organisation, f"waiting@{own.word.lower()}.example", Role.PROVIDER_COORDINATOR)
        waiting.password_hash = None
        bring_users(own.people.council.id, {(waiting.organisation_id, waiting.email)})
        for zone in own.world.scheme.zones:
            zone.name = own.word
        open_identity(own.people.viewer("auditor"), own.world.packages["ready"].person, "Fell; must know.")
        shared = rival.world.own
        a_member(own.world.scheme, shared)
        own_contact = {"provider_id": shared.id, "name": own.word, "email": f"contact@{own.word.lower()}.example"}
        register_contacts(own.people.council.id, [{**own_contact, "telephone": None}])
        file = read_cqc(a_filters_file((shared, "Inadequate", "01/10/2026")), "cqc.csv")
        by = own.people.viewer("contracts").actor
        run = cqc_services.take_in(file, f"{own.word}.csv", authority_id=own.people.council.id, by=by)
        release_run(run, by=own.people.viewer("manager").actor)
    db.session.commit()
    for council in (one, other):
        council.marks = marks_of(council)
        council.labels = frozenset(viewer_of(user).actor.label for user in council.viewers.values())
    return one, other


def marks_of(council: Council) -> frozenset[str]:
    """What the rows of a council are known by, as it would be written."""
    owner = council.people.council.id
    found = {council.word}
    for table in db.metadata.sorted_tables:
        if table.name in PASSED_ON or "authority_id" not in table.c or "id" not in table.c:
            continue
        columns = [table.c[name] for name in ("id", "reference") if name in table.c]
        for row in db.session.execute(select(*columns).where(table.c.authority_id == owner)):
            found |= {str(value) for value in row}
    brought = select(BroughtUser.user_id).where(BroughtUser.authority_id == owner)
    emails = select(User.email).where((User.organisation_id == owner) | User.id.in_(brought))
    return frozenset({*found, *db.session.scalars(emails)})


PASSED_ON = {"scheme", "lot", "zone", "lot_price", "scheme_policy", "cqc_import", "cqc_rating"}
"""Rows whose identifiers others may know: what anybody reads of a scheme, and runs of the CQC that others decide on."""


def crossing(answer, council: Council, asked: str) -> set[str]:
    """What an answer says of a council; what stood in the address is no news."""
    said = spoken(answer)
    told = {*IDENTIFIER.findall(said), *REFERENCE.findall(said), *ADDRESS.findall(said)}
    written = {word for word in (council.word, *council.labels) if word in said}
    return {mark for mark in written | (told & council.marks) if mark not in asked}


def both(one: Council, other: Council) -> dict[str, list[UUID]]:
    """Identifiers of every table: of either council some, by turns; of what belongs to none, some."""
    found: dict[str, list[UUID]] = {}
    for table in db.metadata.sorted_tables:
        if "id" not in table.c:
            continue
        owner = next((table.c[name] for name in ("authority_id", "organisation_id") if name in table.c), None)
        query = select(table.c.id).limit(PER_TABLE)
        whose = [()] if owner is None else [(owner == council.people.council.id,) for council in (one, other)]
        lists = [db.session.scalars(query.where(*of)).all() for of in whose]
        found[table.name] = [key for pair in zip_longest(*lists) for key in pair if key is not None]
    found["provider"] = [one.world.own.id, other.world.own.id]
    return found


def doors(house, ids: dict[str, list[UUID]]) -> Iterator[tuple[str, str]]:
    """Every address that shows something to whoever is signed in, with either council's things in it."""
    for rule in house.url_map.iter_rules():
        view = house.view_functions[rule.endpoint]
        if "GET" not in rule.methods or rule.endpoint == "static" or getattr(view, "permission", None) == ANYONE:
            continue
        if DOORS and not rule.rule.startswith(DOORS):
            continue
        names = sorted(rule.arguments)
        if rule.endpoint == "oversight.audit_subject":
            pools = [[key for some in ids.values() for key in some]]
        else:
            pools = [fitting("run_of_cqc_import_id" if name == "run_id" else name, ids) for name in names]
        for values in zip(*pools, strict=False) if names else [()]:
            yield rule.rule, address_of(house, rule, dict(zip(names, values, strict=True)))


@pytest.mark.parametrize("place", [0, 1], ids=["testshire", "elsewhere"])
def test_no_door_says_anything_of_the_other_council(house, attacker, councils, place):
    mine, theirs = councils[place], councils[1 - place]
    ids, leaks, asked = both(*councils), [], 0
    for name, user in mine.viewers.items():
        attacker.sign_out()
        attacker.sign_in(user)
        headers = attacker.bearer(user)
        for rule, path in doors(house, ids):
            asked += 1
            answer = attacker.get(path, headers=headers if path.startswith("/api/") else None)
            leaks += [(name, rule, mark) for mark in crossing(answer, theirs, path)]
    assert not leaks, "\n".join(map(str, sorted(set(leaks))[:40]))
    assert DOORS or asked > 2_000
    roles = {held.role for user in mine.viewers.values() for held in user.roles}
    assert roles == COMMISSIONER_ROLES - {Role.HEALTH_ASSESSOR}, "health assessors are of the ICB, which both share"


@pytest.mark.parametrize("place", [0, 1], ids=["testshire", "elsewhere"])
def test_no_search_and_no_filter_finds_anything_of_the_other_council(attacker, councils, place):
    mine, theirs = councils[place], councils[1 - place]
    package, issue = theirs.world.packages["ready"], theirs.world.issues["open"]
    words = (package.reference, issue.reference, theirs.word, theirs.people["finance"].email)
    lists = ("/search", "/packages", "/audit", "/users", "/users/of-providers", "/memberships", "/providers")
    for user in mine.viewers.values():
        attacker.sign_out()
        attacker.sign_in(user)
        for path in (path for path in lists if not DOORS or path.startswith(DOORS)):
            for word in words:
                name = "about" if path == "/audit" else "q"
                answer = attacker.get(f"{path}?{name}={quote(word)}")
                assert not crossing(answer, theirs, word), (path, word)


@pytest.mark.parametrize("place", [0, 1], ids=["testshire", "elsewhere"])
def test_no_file_that_leaves_holds_anything_of_the_other_council(house, attacker, councils, place):
    mine, theirs = councils[place], councils[1 - place]
    rules = [one for one in house.url_map.iter_rules() if "export" in one.rule and "POST" in one.methods]
    left = set()
    for name, user in mine.viewers.items():
        attacker.sign_out()
        attacker.sign_in(user)
        token, headers = token_in(attacker.get("/").get_data(as_text=True)), attacker.bearer(user)
        for rule in (rule for rule in rules if not DOORS or rule.rule.startswith(DOORS)):
            if rule.rule.startswith("/api/"):
                answer = attacker.post(rule.rule, json={"format": "csv"}, headers=headers)
            else:
                sent = {"csrf_token": token, "idempotency_key": str(uuid4()), "format": "csv"}
                answer = attacker.post(rule.rule, data=sent)
            left |= {rule.rule} if answer.status_code == 200 else set()
            assert not crossing(answer, theirs, ""), (name, rule.rule)
    assert DOORS or len(left) >= 6, left


@pytest.mark.parametrize("place", [0, 1], ids=["testshire", "elsewhere"])
def test_nobody_of_the_other_council_changes_anything(house, attacker, councils, place):
    mine, theirs = councils[place], councils[1 - place]
    owner, before = theirs.people.council.id, rows_of(theirs)
    ids = {
        table.name: list(db.session.scalars(select(table.c.id).where(table.c.authority_id == owner).limit(PER_TABLE)))
        for table in db.metadata.sorted_tables
        if "id" in table.c and "authority_id" in table.c
    }
    for name, user in mine.viewers.items():
        attacker.sign_out()
        attacker.sign_in(user)
        token = token_in(attacker.get("/").get_data(as_text=True))
        for rule in house.url_map.iter_rules():
            if "POST" not in rule.methods or not rule.arguments or rule.rule.startswith("/api/"):
                continue
            if getattr(house.view_functions[rule.endpoint], "permission", None) == ANYONE:
                continue
            pools = [fitting(one, ids) for one in sorted(rule.arguments)]
            if not all(pools) or (DOORS and not rule.rule.startswith(DOORS)):
                continue
            path = address_of(house, rule, dict(zip(sorted(rule.arguments), [pool[0] for pool in pools], strict=True)))
            answer = attacker.post(path, data={"csrf_token": token, "idempotency_key": str(uuid4())})
            assert not crossing(answer, theirs, path), (name, path)
    assert rows_of(theirs) == before


def rows_of(council: Council) -> dict[str, int]:
    """How many rows a council has, by table; what reading leaves behind is not counted."""
    passing = {"audit_entry", "audit_fact", "access_log", "message", "task"}
    owner = council.people.council.id
    return {
        table.name: db.session.scalar(select(db.func.count()).select_from(table).where(table.c.authority_id == owner))
        or 0
        for table in db.metadata.sorted_tables
        if "authority_id" in table.c and table.name not in passing
    }
