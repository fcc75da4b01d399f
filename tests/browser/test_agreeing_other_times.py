"""Other times are agreed as visits within what the provider offered, and drafts that start too late are mended, in a browser."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from tests.brokerage.allocation.makers import ready
from tests.brokerage.allocation.test_times import ASKED, OFFERED, WORDS
from tests.marketplace.answers.test_routes import Market
from tests.marketplace.packages.test_to_look_at import drafts


def test_a_provider_offers_other_visits_and_the_broker_agrees_within_them(visitor, people):
    market = Market(people)
    visitor.sign_in(market.user.email)
    visitor.go(market.page())
    visitor.choose("Yes, we accept")
    visitor.fill("Price", "26.50")
    visitor.fill_day("Earliest start", clock.today() + timedelta(days=14))
    visitor.fill("Other times in your words", WORDS["alternative_times"])
    visitor.press("Send the answer")
    visitor.says_at_field("Give the other times that you can do as visits of the week too")
    visitor.fill("Other times you can do, as visits", OFFERED)
    visitor.press("Send the answer")
    visitor.sees("Visits at other times")
    all_set = ready(people, prices=(2400,), package={"visits": ASKED}, responses={**WORDS, "other_visits": OFFERED})
    visitor.sign_in(people["broker"].email)
    visitor.go(f"/offer-lines/{all_set.line().id}/award")
    visitor.sees("Visits that the provider offered")
    visitor.fill("Changed start or times: agreed with", "Her daughter Joan, by telephone")
    visitor.fill("Care is still needed: confirmed with", "Ward 4")
    visitor.fill("The visits agreed with the person", ASKED)
    visitor.press("Award")
    visitor.says_at_field("Not within what the provider said yes to: Monday 07:30-09:30, 45 minutes")
    visitor.fill("The visits agreed with the person", "Mon-Fri 10:30-11:30 45x1")
    visitor.press("Award")
    visitor.sees("The package is awarded and the agreement has been made.")
    visitor.sees(OFFERED)


def test_drafts_that_start_too_late_are_named_and_mended_with_one_press(visitor, people):
    scheme = drafts(people)
    visitor.sign_in(people["navigator"].email)
    visitor.go(f"/packages/to-look-at?scheme={scheme.id}")
    visitor.sees("The planned start is in the past: enter a new one.")
    visitor.press("Give all 3 this start")
    visitor.says_at_field("Enter the new earliest start.")
    visitor.fill_day("New earliest start", clock.today() + timedelta(days=10))
    visitor.press("Give all 3 this start")
    visitor.sees("Describe the person's needs in the pen picture.")
    assert "in the past" not in visitor.page.inner_text("main")
