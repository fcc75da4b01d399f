"""Somebody who owns the database changes, deletes or cuts off the audit: the check names the first bad entry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app import audit, clock
from app.audit import SYSTEM
from app.audit.jobs import seal_entries
from app.audit.models import AuditEntry
from app.audit.services import digest_of, seal
from app.audit.verify import head, verify
from app.database import db
from app.database.retention_page import grants
from app.messages.models import Delivery, Message
from app.pages.audit_head import tell_the_head
from tests.conftest import past_the_triggers

ROLE = "homeward_web"


@pytest.fixture
def entries(session, people):
    """The audit's entries, oldest first, sealed in three blocks."""
    for _ in range(3):
        audit.record("user:created", people["navigator"], by=SYSTEM, roles=["navigator"])
        db.session.commit()
        seal_entries()
    assert verify().fault is None
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id)))


def tamper(statement, **values):
    with past_the_triggers() as connection:
        connection.execute(text(statement), values)
    db.session.expire_all()


def test_the_oldest_changed_entry_is_named(entries):
    for entry in (entries[-1], entries[2]):
        tamper("UPDATE audit_entry SET actor_label = 'Nobody' WHERE id = :id", id=stored(entry.id))
    assert verify().fault.startswith(f"entry {entries[2].id} of ")
    assert verify().fault.endswith("was changed.")


def test_an_entry_written_anew_with_a_digest_of_its_own_is_named(entries):
    entries[1].actor_label = "Nobody"
    digest = digest_of(entries[1])
    db.session.rollback()
    forged = "UPDATE audit_entry SET actor_label = 'Nobody', digest = :digest WHERE id = :id"
    tamper(forged, id=stored(entries[1].id), digest=digest)
    assert verify().fault.startswith(f"entry {entries[1].id}, number ")
    assert verify().fault.endswith("was written anew after it was sealed.")


def test_a_deleted_entry_is_named(entries):
    tamper("DELETE FROM audit_entry WHERE id = :id", id=stored(entries[-1].id))
    assert verify().fault == f"entry {entries[-1].id}, number 1 of block 3, is missing."


def test_an_end_that_was_cut_off_is_found_by_the_head_that_left_the_machine(entries):
    noted = head()
    tamper("DELETE FROM audit_block_entry WHERE block_number = 3")
    tamper("DELETE FROM audit_block WHERE number = 3")
    tamper("DELETE FROM audit_entry WHERE id = :id", id=stored(entries[-1].id))
    assert verify().fault is None
    assert verify(noted).fault == "block 3 is not the one that was noted: the audit was cut off or written anew."


def test_a_noted_head_holds_as_the_audit_grows(entries, people):
    noted = head()
    audit.record("user:created", people["navigator"], by=SYSTEM, roles=["navigator"])
    db.session.commit()
    seal_entries()
    assert verify(noted).fault is None


def test_the_auditors_are_told_the_head_once_a_day(entries, people):
    assert (tell_the_head(), tell_the_head()) == (1, 0)
    letter = db.session.scalars(select(Message).where(Message.kind == "audit_head")).one()
    assert (letter.user_id, str(head()) in letter.body) == (people["auditor"].id, True)
    assert db.session.scalars(select(Delivery.email)).all() == ["auditor@testshire.example"]
    db.session.rollback()
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert tell_the_head() == 1


def test_the_command_takes_the_head_as_it_was_told(house, entries):
    noted, run = str(head()), house.test_cli_runner().invoke
    db.session.rollback()
    assert run(args=["verify-audit", "--head", noted]).exit_code == 0
    other = run(args=["verify-audit", "--head", f"3:{'0' * 64}"])
    assert (other.exit_code, "was cut off" in other.output) == (1, True)
    assert "Write the number and the hash" in run(args=["verify-audit", "--head", "3"]).output


@pytest.fixture
def as_the_web_role(entries):
    """The session speaks as a role that was given what the web processes need, and no more."""
    with db.engine.begin() as owner:
        owner.exec_driver_sql(f"CREATE ROLE {ROLE}")
        for statement in grants(ROLE):
            owner.exec_driver_sql(statement)
    db.session.rollback()
    db.session.execute(text(f"SET LOCAL ROLE {ROLE}"))
    yield entries
    db.session.rollback()
    with db.engine.begin() as owner:
        owner.exec_driver_sql(f"DROP OWNED BY {ROLE}")
        owner.exec_driver_sql(f"DROP ROLE {ROLE}")


@pytest.mark.postgres_only
def test_the_role_of_the_web_processes_adds_to_the_audit_and_seals_it(as_the_web_role, people):
    audit.record("user:created", people["broker"], by=SYSTEM, roles=["broker"])
    assert seal() == 1


@pytest.mark.postgres_only
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry",
        "DELETE FROM audit_block",
        "DELETE FROM access_log",
        "UPDATE audit_fact SET reason = 'another'",
        "UPDATE audit_block SET entries = 0",
        "TRUNCATE audit_entry CASCADE",
        "DROP TRIGGER audit_entry_no_update ON audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    ],
)
def test_the_role_of_the_web_processes_cannot_change_the_audit(as_the_web_role, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        db.session.execute(text(statement))


@pytest.mark.postgres_only
def test_postgresql_refuses_to_truncate_the_audit_even_to_its_owner(entries):
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text("TRUNCATE audit_entry CASCADE"))
    db.session.rollback()


def stored(identifier):
    """An id as the database's driver wants it in plain SQL."""
    return identifier if db.engine.dialect.name == "postgresql" else identifier.hex
