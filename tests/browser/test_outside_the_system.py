"""A package is bought outside the system in a real browser: asked for, agreed to by two others, and counted."""

from __future__ import annotations

from app import clock
from tests.brokerage.outside.makers import an_unsourced
from tests.browser.visitor import Visitor
from tests.people import People


def test_three_people_buy_a_package_outside_the_system_and_the_share_is_read(visitor, people):
    package = an_unsourced(people)
    the_broker_asks(visitor, people, f"/packages/{package.id}")
    for name, heading, button in (
        ("manager", "Agree as the second person", "Agree"),
        ("contracts", "Agree as contract manager", "Agree and award"),
    ):
        visitor.sign_in(people[name].email)
        visitor.follow("Decide")
        visitor.sees("All start too late.")
        visitor.follow(heading)
        visitor.press(button)
        visitor.says_at_field("Choose yes or no.")
        visitor.choose("No, I have none")
        visitor.press(button)
    visitor.sees("Awarded outside the system; the agreement has been made.")
    visitor.go("/outside-awards")
    visitor.follow("The share of awards on the system")
    visitor.sees("How it is counted")
    visitor.sees("0.0 %")


def the_broker_asks(visitor: Visitor, people: People, page: str) -> None:
    visitor.sign_in(people["broker"].email)
    visitor.go(page)
    visitor.follow("Award it outside the system")
    visitor.choose("No answer was suitable")
    visitor.fill("Name of a provider that is not in the list", "Juniper Care")
    visitor.fill("Postcode of its office", "PR2 3AB")
    visitor.fill("Price per hour", "30")
    visitor.fill_day("First day of care", clock.today())
    visitor.fill("Care is still needed: confirmed with", "Ward 4")
    visitor.choose("No, I have none")
    visitor.press("Ask for this award")
    visitor.says_at_field("Say why it is bought outside the system.")
    visitor.fill("The reason in your words", "All start too late.")
    visitor.press("Ask for this award")
    visitor.sees("A second person must agree. No provider has been told.")
    visitor.sees("CQC has not rated this location")
