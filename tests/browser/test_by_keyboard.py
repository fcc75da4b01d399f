"""Ten journeys without a pointer: Tab, Shift+Tab, Enter, Space, arrows and letters lead to the end of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit import SYSTEM
from app.tasks.jobs import run_queued
from brokerage.ranking.services import rank_issue
from marketplace.packages.rules import Source
from tests.browser.visitor import let_go
from tests.marketplace.applications.makers import all_checks_passed, an_application
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
from tests.marketplace.packages.makers import a_file, a_row, a_team
from tests.marketplace.rounds.makers import a_sealed_batch


class County:
    """A scheme with one member that covers Preston, and everybody who works there."""

    def __init__(self, people):
        self.people = people
        self.scheme = a_scheme(people, name="Testshire care at home", batch_max_km=20)
        self.ash = a_member(self.scheme, a_provider("Ash Care"), entry_score=85)
        self.coordinator = coordinator_of(self.ash).email

    def an_offer(self):
        """One package, offered to the member; the package."""
        package = a_package(self.scheme)
        an_issue(self.scheme, [package], [self.ash])
        return package


@pytest.fixture
def county(people):
    made = County(people)
    let_go()
    return made


def test_somebody_signs_in_after_a_slip_that_the_page_leads_back_to(hands, county):
    hands.start_at("/sign-in")
    hands.write("Email address", county.people["auditor"].email)
    hands.press("Sign in")
    assert hands.page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    assert hands.page.title().startswith("Error: ")
    hands.reach("a", "Enter your password")
    hands.page.keyboard.press("Enter")
    hands.page.keyboard.type("a long enough password")
    hands.press("Sign in")
    hands.sees("Your work")


def test_a_provider_says_yes_at_a_price(hands, county):
    package = county.an_offer()
    hands.sign_in(county.coordinator)
    hands.follow("Offers")
    hands.into_the_page()
    hands.follow("OFF-")
    hands.into_the_page()
    hands.follow(f"Answer for {package.reference}")
    hands.into_the_page()
    hands.choose("Yes, we accept")
    hands.write("Price", "25.00")
    hands.write_day(package.planned_start)
    hands.press("Send the answer")
    hands.sees("Your answer is sent.")
    hands.sees("£25.00")


def test_a_provider_says_no_with_a_reason(hands, county):
    package = county.an_offer()
    hands.sign_in(county.coordinator)
    hands.follow("Offers")
    hands.into_the_page()
    hands.follow("OFF-")
    hands.follow(f"Answer for {package.reference}")
    hands.into_the_page()
    hands.choose("No, we decline")
    hands.pick("Reason", "Too much travel between visits")
    hands.press("Send the answer", "Space")
    hands.sees("Too much travel between visits")


def test_a_navigator_loads_a_file_of_packages(hands, county):
    a_team(county.people)
    hands.sign_in(county.people["navigator"].email)
    hands.follow("Packages")
    hands.into_the_page()
    hands.follow("Import packages")
    hands.into_the_page()
    hands.pick("Scheme", county.scheme.name)
    hands.attach("File", "packages.csv", a_file(a_row(1), a_row(2)))
    hands.press("Upload and check")
    assert run_queued() == 1
    hands.start_at(hands.page.url)
    hands.sees("2 of 2 done")
    hands.into_the_page()
    hands.follow("Go on to what was loaded")
    hands.sees("PKG-")


def test_a_navigator_proposes_batches_and_seals_one(hands, county):
    for postcode in ("PR1 8XJ", "PR1 9AA", "PR2 1AA"):
        a_package(county.scheme, source=Source.REALLOCATION, postcode=postcode)
    hands.sign_in(county.people["navigator"].email)
    hands.follow("Batches")
    hands.into_the_page()
    hands.follow("Propose batches")
    hands.into_the_page()
    hands.pick("Scheme and lot", f"{county.scheme.name}: all lots")
    hands.press("Propose batches")
    assert run_queued() == 1
    hands.start_at(hands.page.url)
    hands.into_the_page()
    hands.follow("See the drafts")
    hands.into_the_page()
    hands.follow("BAT-")  # on the map: leads to the same batch in the table, and the focus with it
    hands.go_on()
    hands.into_the_page()
    hands.press("Seal the batch")
    hands.sees("The batch is sealed and can be offered.")


def test_a_navigator_offers_a_batch(hands, county):
    batch = a_sealed_batch(county.scheme, [a_package(county.scheme), a_package(county.scheme, postcode="PR2 1AA")])
    hands.sign_in(county.people["navigator"].email)
    hands.follow("Batches")
    hands.into_the_page()
    hands.follow(batch.reference)
    hands.into_the_page()
    hands.follow("Offer")
    hands.into_the_page()
    hands.press("Offer now")
    hands.sees("Who was asked, and proof that they were told")


def test_a_broker_reads_a_ranking_and_awards(hands, county):
    package = a_package(county.scheme)
    issue = an_issue(county.scheme, [package], [county.ash], closed=True)
    a_response(line_of(issue, package, county.ash), price_pence=2500)
    rank_issue(issue, by=SYSTEM)
    hands.sign_in(county.people["broker"].email)
    hands.follow("Board")
    hands.into_the_page()
    hands.follow(package.reference)
    hands.into_the_page()
    hands.choose("No, I have none")
    hands.press("Declare")
    hands.sees("1. Ash Care")
    hands.into_the_page()
    hands.open_fold("Why this place")
    hands.follow("Award to Ash Care")
    hands.into_the_page()
    hands.write("Care is still needed: confirmed with", "The daughter")
    hands.press("Award")
    hands.sees("Awarded")


def test_a_contract_manager_decides_an_application(hands, county):
    application = all_checks_passed(an_application(county.scheme, a_provider("Beech Care")))
    hands.sign_in(county.people["contracts"].email)
    hands.follow("Applications")
    hands.into_the_page()
    hands.follow(application.reference)
    hands.into_the_page()
    hands.follow("Decide")
    hands.into_the_page()
    hands.choose("Admit")
    hands.write("Score of the entry assessment", "78")
    hands.write("Reasons", "Every check was passed and the assessment was good.")
    hands.press("Decide")
    hands.sees("The provider is a member.")


def test_a_contract_manager_suspends_a_member(hands, county):
    hands.sign_in(county.people["contracts"].email)
    hands.follow("Members")
    hands.into_the_page()
    hands.follow("Ash Care")
    hands.into_the_page()
    hands.follow("Suspend new offers")
    hands.into_the_page()
    hands.write("Reason", "Three visits were missed in one week.")
    today = clock.today()
    for day in (today, today + timedelta(days=14), today + timedelta(days=28)):
        hands.write_day(day)
    hands.press("Suspend")
    hands.sees("New offers are suspended and the provider has been told.")


def test_a_provider_reads_a_message_finds_a_thing_by_its_reference_and_signs_out(hands, county):
    county.an_offer()
    hands.sign_in(county.coordinator)
    hands.follow("Messages")
    hands.sees("Inbox")
    hands.reach("a", "Skip to main content", key="Shift+Tab")
    hands.write("Find a reference", "PKG-0")
    hands.press("Find")
    hands.sees("Nothing that you can see has the reference")
    hands.press("Sign out")
    hands.sees("Sign in")
