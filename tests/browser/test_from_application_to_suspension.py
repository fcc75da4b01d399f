"""A provider's journey in a real browser: it applies, is admitted, looks after its membership, and is suspended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from marketplace.applications.models import Application
from marketplace.applications.rules import CheckKind, CheckOutcome
from marketplace.applications.services import record_check
from tests.browser.visitor import Visitor, let_go
from tests.marketplace.makers import a_provider, a_scheme, coordinator_of
from tests.people import People

RECORDED_BY_HAND = (CheckKind.CQC, CheckKind.INSURANCE)


def test_a_provider_goes_from_an_application_to_a_suspension_that_is_lifted(visitor, people):
    a_scheme(people, name="Testshire care at home")
    coordinator = coordinator_of(a_provider("Ash Care")).email
    let_go()
    the_provider_applies(visitor, coordinator)
    the_contract_manager_checks_and_admits(visitor, people)
    the_provider_changes_its_areas_and_capacity(visitor, coordinator)
    the_contract_manager_suspends(visitor, people)
    the_provider_reads_the_suspension(visitor, coordinator)
    the_contract_manager_lifts_it(visitor, people)
    visitor.sign_in(coordinator)
    visitor.open_in_menu("Our memberships")
    assert "suspended" not in visitor.page.inner_text("main")


def the_provider_applies(visitor: Visitor, coordinator: str) -> None:
    visitor.sign_in(coordinator)
    visitor.open_in_menu("Our memberships")
    visitor.sees("You are a member of no scheme yet.")
    visitor.follow("Apply to join a scheme")
    visitor.leave_by(visitor.page.locator("main").get_by_role("link", name="Apply", exact=False).first)
    visitor.choose("homecare")
    visitor.fill("Where can you give care?", "Preston")
    visitor.fill("New hours a week", "120")
    for box in visitor.page.get_by_role("group", name="Declarations").get_by_role("checkbox").all():
        box.check(force=True)
    visitor.press("Send the application")
    visitor.says_at_field("Preston")
    assert visitor.page.get_by_label("New hours a week").input_value() == "120"
    visitor.fill("Where can you give care?", "PR1, PR2")
    visitor.press("Send the application")
    visitor.sees("Your application has been sent.")
    visitor.follow("APP-")
    visitor.sees("PR1, PR2")


def the_contract_manager_checks_and_admits(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["contracts"].email)
    visitor.open_in_menu("Applications")
    visitor.follow("APP-")
    visitor.follow("Record CQC rating")
    visitor.choose("Passed")
    visitor.fill("What you saw", "Rated Good in June 2025.")
    visitor.press("Record the check")
    visitor.follow("Record Insurance")
    visitor.choose("Passed")
    visitor.fill("What you saw", "A certificate of 10 million pounds.")
    visitor.fill_day("When does what you saw expire?", clock.today() + timedelta(days=300))
    visitor.press("Record the check")
    visitor.sees("A certificate of 10 million pounds.")
    the_other_checks_are_passed()
    visitor.press("Decide")
    visitor.choose("Admit")
    visitor.fill("Score of the entry assessment", "78")
    visitor.press("Decide")
    visitor.says_at_field("Give the reasons for the decision.")
    visitor.fill("Reasons", "Every check was passed and the assessment was good.")
    visitor.press("Decide")
    visitor.sees("The provider is a member.")


def the_other_checks_are_passed() -> None:
    application = db.session.scalars(select(Application)).one()
    for kind in set(CheckKind) - set(RECORDED_BY_HAND):
        record_check(application, kind, CheckOutcome.PASSED, "Seen.", by=SYSTEM)
    let_go()


def the_provider_changes_its_areas_and_capacity(visitor: Visitor, coordinator: str) -> None:
    visitor.sign_in(coordinator)
    visitor.open_in_menu("Our memberships")
    visitor.sees("120 hours")
    visitor.follow("Areas")
    visitor.fill("Where you give care", "PR1\nPR2\nPR4")
    visitor.fill("Except here", "PR2 1")
    visitor.press("Save the areas")
    visitor.sees("PR4")
    visitor.sees("not PR2 1")
    visitor.follow("Declare capacity")
    visitor.fill("New hours a week", "150.5")
    visitor.press("Declare")
    visitor.sees("Your capacity is declared.")
    visitor.sees("150.5 hours")


def the_contract_manager_suspends(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["contracts"].email)
    visitor.open_in_menu("Members")
    visitor.follow("Ash Care")
    visitor.press("Suspend new offers")
    visitor.page.get_by_label("Zone").select_option(label="Preston")
    visitor.fill("Reason", "Three visits were missed in one week.")
    visitor.press("Suspend")
    visitor.says_at_field("Enter the day of the review.")
    assert visitor.page.get_by_label("Reason").input_value() == "Three visits were missed in one week."
    visitor.fill_day("Look at it again on", clock.today() + timedelta(days=14))
    visitor.fill_day("Last day", clock.today() + timedelta(days=28))
    visitor.press("Suspend")
    visitor.sees("New offers are suspended and the provider has been told.")
    visitor.sees("Preston")


def the_provider_reads_the_suspension(visitor: Visitor, coordinator: str) -> None:
    visitor.sign_in(coordinator)
    visitor.open_in_menu("Our memberships")
    visitor.sees("New offers are suspended")
    visitor.sees("Three visits were missed in one week.")


def the_contract_manager_lifts_it(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["contracts"].email)
    visitor.open_in_menu("Members")
    visitor.follow("Ash Care")
    visitor.follow("New offers suspended")
    visitor.press("Lift it")
    visitor.fill("Reason", "The rota was changed and visits are kept again.")
    visitor.press("Lift it")
    visitor.sees("The suspension is lifted and the provider has been told.")
