"""The audit as its readers see it: who, about what, filtered; their own organisation's and nobody else's."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app import audit, clock
from app.audit import SYSTEM
from app.audit.jobs import seal_entries
from app.audit.models import AuditEntry, AuditFact
from app.audit.verify import FACTS_DELETED, ChainVerdict, verify
from app.database import db
from app.exports import ExportTable
from app.pages import audit as audit_pages
from app.parties.roles import Role
from tests.marketplace.makers import a_package, a_scheme
from tests.people import a_user


@pytest.fixture
def package(people):
    made = a_package(a_scheme(people))
    broker = people.viewer("broker").actor
    audit.record("package:created", made, by=broker)
    db.session.commit()
    return made


@pytest.fixture
def other_auditor(people):
    made = a_user(people.other_council, "auditor@elsewhere.example", Role.AUDITOR)
    db.session.commit()
    return made


def export_of(client, user):
    return client.post("/api/v1/audit/export", json={"format": "json"}, headers=client.bearer(user)).json


def test_the_auditor_reads_who_it_was_and_what_it_was_about(client, people, package):
    client.sign_in(people["auditor"])
    page = client.get("/audit").text
    assert "Broker, Broker, Testshire County Council" in page
    assert package.reference in page
    one = client.get(f"/audit/{package.id}").text
    assert f"Everything recorded about package {package.reference}" in one
    assert "Broker, Broker, Testshire County Council" in one
    assert f'href="/packages/{package.id}"' in one


def test_the_export_says_the_names_too(client, people, package):
    rows = export_of(client, people["auditor"])
    assert {row["name"] for row in rows if row["tag"] == "package:created"} == {"Broker"}


def test_entries_are_found_by_officer_thing_kind_and_time(client, people, package):
    client.sign_in(people["auditor"])

    def found(**asked):
        return package.reference in client.get("/audit", query_string=asked).text.partition("<tbody")[2]

    assert found(who="brok")
    assert not found(who="navig")
    assert found(about=package.reference.lower())
    assert not found(about="PKG-00000")
    assert found(tag="package:created")
    assert not found(tag="user:created")
    today = clock.today()
    for first, shown in ((today, True), (today + timedelta(days=1), False)):
        assert found(since=[str(first.day), str(first.month), str(first.year)]) is shown
    before = today - timedelta(days=1)
    assert not found(until=[str(before.day), str(before.month), str(before.year)])


def test_what_belongs_to_a_thing_is_found_by_its_reference(client, people, package):
    visit = package.visits[0]
    audit.record("visit:seen", visit, by=people.viewer("navigator").actor)
    db.session.commit()
    client.sign_in(people["auditor"])
    page = client.get("/audit", query_string={"about": package.reference}).text
    assert "visit seen" in page
    assert f"package visit {package.reference}" in page


def test_an_odd_day_is_refused_at_its_field_and_shows_everything(client, people, package):
    client.sign_in(people["auditor"])
    page = client.get("/audit", query_string={"since": ["31", "2", "2026"]}).text
    assert "must be a real date" in page


def test_another_councils_auditor_reads_nothing_of_it_on_page_timeline_or_export(
    client, people, package, other_auditor
):
    client.sign_in(other_auditor)
    page = client.get("/audit").text
    assert package.reference not in page
    assert "Testshire" not in page.partition("<main")[2]
    assert client.get("/audit", query_string={"about": package.reference}).text.count("<tbody") == 0
    assert client.get(f"/audit/{package.id}").status_code == 404
    rows = export_of(client, other_auditor)
    assert rows
    assert not [row for row in rows if row["subject_id"] == str(package.id)]


def test_sessions_and_tokens_stand_in_the_trail_of_their_own_organisation(client, people):
    client.sign_in(people["navigator"])
    client.bearer(people["navigator"])
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.tag.in_(["session:started", "token:created"])))
    assert {entry.authority_id for entry in entries} == {people.council.id}


def test_a_list_of_very_many_is_not_counted_to_its_end(client, people, package, monkeypatch):
    monkeypatch.setattr(audit_pages, "COUNTED", 1)
    client.sign_in(people["auditor"])
    assert "There are more than 1 such entries." in client.get("/audit").text


@pytest.fixture
def sealed(session, people):
    audit.record("user:created", people["navigator"], by=SYSTEM, roles=["navigator"])
    db.session.commit()
    seal_entries()
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id)).first()


def test_facts_that_are_missing_are_found(sealed):
    db.session.execute(delete(AuditFact).where(AuditFact.entry_id == sealed.id))
    db.session.commit()
    assert f"the facts of entry {sealed.id}" in verify().fault
    assert "no retention entry names them" in verify().fault


def test_facts_that_a_sealed_retention_entry_names_may_be_gone(sealed, people):
    db.session.execute(delete(AuditFact).where(AuditFact.entry_id == sealed.id))
    audit.record(FACTS_DELETED, people.council, by=SYSTEM, entries=[str(sealed.id)])
    db.session.commit()
    assert verify().fault is not None, "not before it is sealed"
    seal_entries()
    assert verify().fault is None


@pytest.fixture
def writes(database_url):
    """Writes beside the request, as somebody else would, and gives up at once where that has to wait."""
    path = database_url.removeprefix("sqlite:///")
    done = []

    def write():
        other = sqlite3.connect(path, timeout=0.05, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        done.append(True)

    return write, done


def on_sqlite():
    return db.engine.dialect.name == "sqlite"


def test_whoever_exports_the_audit_keeps_nobody_from_writing(client, people, monkeypatch, writes):
    write, done = writes

    def rows():
        if on_sqlite():
            write()
        db.session.scalars(select(AuditEntry)).all()
        yield ["one"]

    monkeypatch.setattr(audit_pages, "table_of_authority", lambda _viewer: ExportTable("x", ("a",), rows()))
    client.sign_in(people["auditor"])
    answer = client.submit("/audit", {"format": "csv"}, to="/audit/export")
    assert (answer.status_code, answer.data.splitlines()[-1]) == (200, b"one")
    assert bool(done) is on_sqlite()
    exported = select(AuditEntry).where(AuditEntry.tag == "audit:exported")
    assert db.session.scalars(exported).one().actor_id == people["auditor"].id


def test_whoever_checks_the_audit_keeps_nobody_from_writing(client, people, monkeypatch, writes):
    write, done = writes

    def checked():
        found = verify()
        if on_sqlite():
            write()
        return ChainVerdict(found.entries, found.blocks, found.unsealed, found.fault)

    monkeypatch.setattr(audit_pages, "verify", checked)
    client.sign_in(people["auditor"])
    assert "The audit holds" in client.submit("/audit", {}, to="/audit/check").text
    assert bool(done) is on_sqlite()
