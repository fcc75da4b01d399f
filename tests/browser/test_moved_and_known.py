"""Somebody who is known has moved, and another team asks for them: who holds the record says what holds and from when."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.parties.roles import Role
from app.tasks.jobs import run_queued
from marketplace.packages.importing import queue_import
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from tests.browser.visitor import Visitor, let_go
from tests.marketplace.makers import a_scheme
from tests.marketplace.packages.makers import a_file, a_row, a_team, nhs_number
from tests.marketplace.packages.test_steps import in_team
from tests.people import People, a_user

LIVES = {"nhs_number": nhs_number(1), "date_of_birth": "1940-05-06", "address": "7 Weavers Row", "telephone": ""}
MOVED = {"address": "Flat 2, 90 New Street", "postcode": "PR2 1AA", "telephone": "07700 900222"}


def test_a_moved_person_and_one_whom_another_team_knows_are_decided_by_who_holds_the_record(visitor, people):
    scheme, holders, others = a_scheme(people), a_team(people), a_team(people, "Another team")
    in_team(people["socialworker"], holders)
    referrer = a_user(people.council, "referrer@testshire.example", Role.REFERRER)
    in_team(referrer, others)
    for rows in ([a_row(1, **LIVES)], [a_row(2, **{**LIVES, **MOVED})]):
        queue_import(scheme, a_file(*rows), "packages.csv", by=SYSTEM)
        db.session.commit()
        run_queued()
    let_go()
    the_social_worker_says_where_she_lives_from_when(visitor, people)
    another_team_asks_for_her_and_learns_nothing(visitor, referrer.email)
    the_social_worker_compares_and_joins(visitor, people)
    the_navigator_reads_what_was_written(visitor, people)
    the_record_is_corrected(visitor, people)


def the_social_worker_says_where_she_lives_from_when(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["socialworker"].email)
    visitor.sees("Addresses to decide")
    visitor.follow("Record the answer")
    visitor.sees("Flat 2, 90 New Street, PR2 1AA")
    visitor.sees("7 Weavers Row, PR1 8XJ")
    visitor.press("Record the answer")
    visitor.says_at_field("Choose the one that holds.")
    visitor.choose("As this package came")
    visitor.fill_day("From which day, where what was told holds", clock.today() - timedelta(days=2))
    visitor.fill("How you know", "Her daughter rang.")
    visitor.press("Record the answer")
    visitor.sees("Where the person lives has been recorded.")
    visitor.follow("The person’s record")
    visitor.sees("Addresses of before, and to come")


def another_team_asks_for_her_and_learns_nothing(visitor: Visitor, referrer: str) -> None:
    visitor.sign_in(referrer)
    visitor.go("/packages/new")
    visitor.fill("Full name", "Ada Marsden")
    visitor.fill_day("Date of birth", date(1940, 5, 6))
    visitor.fill("NHS number, if known", nhs_number(1))
    visitor.fill("Address without the postcode", "1 Ferry Lane")
    visitor.page.get_by_label("Lot").select_option(label="homecare")
    visitor.fill_day("Planned start", clock.today() + timedelta(days=20))
    visitor.fill("Postcode of the visits", "PR1 9AB")
    visitor.fill("Visits of the week", "Mon-Fri 07:30-09:30 45x1")
    visitor.fill("Pen picture", "Walks with a frame.")
    visitor.page.get_by_label("Referring team").select_option(label="Another team")
    visitor.press("Enter the package")
    visitor.sees("What was written waits")
    visitor.sees("1 Ferry Lane")
    assert "New Street" not in visitor.page.content()


def the_social_worker_compares_and_joins(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["socialworker"].email)
    visitor.sees("People who may be known already")
    visitor.follow("Compare")
    visitor.sees("What was told and what is known")
    visitor.sees("At the same times")
    visitor.choose("The same person, and what the record says holds")
    visitor.fill("How you know", "Rang her daughter.")
    visitor.press("Record the answer")
    visitor.sees("The answer has been recorded.")


def the_navigator_reads_what_was_written(visitor: Visitor, people: People) -> None:
    let_go()
    package = db.session.scalars(select(Package).where(Package.council_reference.is_(None))).one()
    visitor.sign_in(people["navigator"].email)
    visitor.go(f"/packages/{package.id}")
    visitor.sees("Read it; if it gives nobody away")
    visitor.press("Make ready")
    let_go()
    db.session.refresh(package)
    assert (package.status, package.postcode) == (PackageStatus.READY, "PR2 1AA")


def the_record_is_corrected(visitor: Visitor, people: People) -> None:
    visitor.follow("The person’s record")
    visitor.follow("Correct the record")
    visitor.fill("Full name", "Ada Marsden-Hill")
    visitor.press("Correct")
    visitor.says_at_field("Say why it was wrong.")
    visitor.fill("Why it was wrong, and how you know what is right", "Her passport says so.")
    visitor.press("Correct")
    visitor.sees("The record has been corrected.")
    visitor.sees("Ada Marsden-Hill")
