"""A whole life of changes in a real browser: care rests and goes on, is handed back, and passes to another provider."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.database import db
from brokerage.ranking.services import rank_due
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.changes.jobs import take_effect_due
from contracts.changes.models import AgreementChange
from contracts.changes.rules import NOTICE
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue
from tests.browser.visitor import Visitor, let_go
from tests.contracts.changes.makers import a_running_agreement
from tests.marketplace.makers import a_member, a_provider, coordinator_of
from tests.people import People


def test_care_rests_goes_on_and_is_handed_back_to_another_provider_without_a_day_between(visitor, people):
    agreement = a_running_agreement(people)
    beech = a_member(agreement.package.scheme, a_provider("Beech Care"))
    coordinators = coordinator_of(agreement.provider).email, coordinator_of(beech).email
    the_provider_asks_for_a_rest_and_the_broker_agrees(visitor, people, coordinators[0])
    with clock.moved_to(clock.now() + timedelta(days=3)):
        the_social_worker_lets_care_go_on(visitor, people, agreement)
    with clock.moved_to(clock.now() + timedelta(days=4)):
        the_provider_hands_back(visitor, coordinators[0])
        another_provider_accepts(visitor, coordinators[1])
    with clock.moved_to(after_the_deadline()):
        assert (close_due(), rank_due()) == (1, 1)
        the_broker_awards_the_successor(visitor, people)
        the_first_day_slips_and_moves_both(visitor, agreement)
    with clock.moved_to(clock.now() + timedelta(days=4 + NOTICE.days + 1 + 7)):
        assert start_due() == 1
        take_effect_due()
    the_old_provider_reads_when_its_care_ended(visitor, coordinators[0])
    nobody_was_a_day_without_care_or_with_two(agreement)


def the_provider_asks_for_a_rest_and_the_broker_agrees(visitor: Visitor, people: People, provider: str) -> None:
    visitor.sign_in(provider)
    visitor.open_in_menu("Agreements")
    visitor.follow("AGR-")
    visitor.press("Suspend")
    visitor.fill_day("First day without care", clock.today())
    visitor.fill_day("Until which day is the place held?", clock.today() + timedelta(days=14))
    visitor.press("Suspend it")
    visitor.says_at_field("Choose the cause.")
    visitor.choose("Hospital")
    visitor.fill("What happened?", "Went to hospital this morning.")
    visitor.press("Suspend it")
    visitor.sees("The provider has asked for it.")
    visitor.sign_in(people["broker"].email)
    visitor.sees("Changes to decide")
    visitor.follow("Decide")
    visitor.sees("Went to hospital this morning.")
    visitor.press("Decide")
    visitor.choose("Agree")
    visitor.press("Answer")
    visitor.sees("It has taken effect.")


def the_social_worker_lets_care_go_on(visitor: Visitor, people: People, agreement: Agreement) -> None:
    visitor.sign_in(people["socialworker"].email)
    visitor.go(f"/agreements/{agreement.id}")
    visitor.sees("Place held until")
    visitor.press("Resume")
    visitor.fill_day("First day of care again", clock.today())
    visitor.choose("Back home")
    visitor.fill("What happened?", "Home since noon.")
    visitor.press("Resume it")
    visitor.sees("Care is being given.")


def the_provider_hands_back(visitor: Visitor, provider: str) -> None:
    visitor.sign_in(provider)
    visitor.open_in_menu("Agreements")
    visitor.follow("AGR-")
    visitor.press("Hand back")
    visitor.sees("Care goes on until the day before another provider begins")
    visitor.choose("Staffing")
    visitor.fill("What happened?", "Two carers have left.")
    visitor.fill_day("Last day by your notice", clock.today() + timedelta(days=1))
    visitor.press("Hand it back")
    visitor.says_at_field("Notice is 28 days.")
    visitor.fill_day("Last day by your notice", clock.today() + NOTICE)
    visitor.press("Hand it back")
    visitor.sees("It is agreed, and takes effect on its day.")
    visitor.open_in_menu("Changes")
    visitor.follow("Hand back")
    visitor.sees("Take it back")


def another_provider_accepts(visitor: Visitor, provider: str) -> None:
    visitor.sign_in(provider)
    visitor.open_in_menu("Offers")
    visitor.leave_by(visitor.page.get_by_role("link", name="OFF-").first)
    visitor.press("Answer for PKG-")
    visitor.choose("Yes, we accept")
    visitor.fill("Price", "25.00")
    visitor.fill_day("Earliest start", clock.today() + NOTICE + timedelta(days=1))
    visitor.press("Send the answer")
    visitor.sees("Your answer is sent.")


def after_the_deadline():
    deadline = db.session.scalars(select(Issue.deadline)).one()
    let_go()
    return deadline + timedelta(minutes=1)


def the_broker_awards_the_successor(visitor: Visitor, people: People) -> None:
    visitor.sign_in(people["broker"].email)
    visitor.open_in_menu("Board")
    visitor.follow("PKG-")
    visitor.choose("No, I have none")
    visitor.press("Declare")
    visitor.sees("1. Beech Care")
    visitor.press("Award to Beech Care")
    visitor.fill("Care is still needed: confirmed with", "The daughter")
    visitor.press("Award")
    visitor.sees("Awarded")
    visitor.follow("AGR-")
    visitor.sees("Cost of a week")


def the_first_day_slips_and_moves_both(visitor: Visitor, agreement: Agreement) -> None:
    first_day = successor_of(agreement).starts_on
    assert of_now(agreement).ends_on == first_day - timedelta(days=1)
    visitor.press("Move the first day")
    visitor.fill_day("First day of care", first_day + timedelta(days=7))
    visitor.fill("Why", "The new carer begins a week later.")
    visitor.press("Move it")
    visitor.sees("The first day of care is moved.")
    assert of_now(agreement).ends_on == first_day + timedelta(days=6)


def the_old_provider_reads_when_its_care_ended(visitor: Visitor, provider: str) -> None:
    visitor.sign_in(provider)
    visitor.open_in_menu("Agreements")
    visitor.follow("AGR-")
    visitor.sees("Care has ended.")
    visitor.sees("Last day of care")


def nobody_was_a_day_without_care_or_with_two(agreement: Agreement) -> None:
    before, after = of_now(agreement), successor_of(agreement)
    assert (before.state, after.state) == (AgreementState.ENDED, AgreementState.RUNNING)
    assert before.ends_on + timedelta(days=1) == after.starts_on


def of_now(agreement: Agreement) -> Agreement:
    db.session.expire_all()
    return db.session.get_one(Agreement, agreement.id)


def successor_of(agreement: Agreement) -> Agreement:
    handed_back = select(AgreementChange.successor_id).where(AgreementChange.successor_id.is_not(None))
    return db.session.scalars(select(Agreement).where(Agreement.package_id.in_(handed_back))).unique().one()
