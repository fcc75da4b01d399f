"""Offering in a real browser: previewed, offered, watched, extended, an answer by telephone, taken back."""

from __future__ import annotations

from sqlalchemy import select

from app.database import db
from marketplace.rounds.models import Issue
from tests.marketplace.makers import a_member, a_package, a_scheme
from tests.marketplace.rounds.makers import a_sealed_batch


def a_batch_to_offer(people):
    scheme = a_scheme(people)
    for areas in (["PR1", "PR2"], ["PR1"], ["PR2"], ["LA1"]):
        a_member(scheme, areas=areas)
    packages = [a_package(scheme), a_package(scheme, postcode="PR2 1AA", skills=["dementia"])]
    return a_sealed_batch(scheme, packages)


def test_a_broker_offers_a_batch_watches_it_and_takes_it_back(visitor, people):
    batch = a_batch_to_offer(people)
    visitor.sign_in(people["broker"].email)
    visitor.go(f"/batches/{batch.id}/offer")
    visitor.sees("skills not declared (4)")
    visitor.press("Offer now")
    visitor.sees("Who was asked, and proof that they were told")
    visitor.page.get_by_text("2 not asked").first.click()
    visitor.look()
    visitor.follow("By telephone")
    visitor.sees("Which package did the provider speak about?")
    visitor.follow("Enter the answer")
    visitor.page.get_by_label("No, we decline").check()
    visitor.press("Enter the answer")
    visitor.sees("There is a problem")
    visitor.page.go_back()
    db.session.rollback()
    issue = db.session.scalars(select(Issue)).one()
    visitor.go(f"/issues/{issue.id}")
    visitor.press("Extend the deadline")
    visitor.fill("Why there is more time", "A bank holiday was missed")
    visitor.press("Extend the deadline")
    visitor.sees("Choose a time after the deadline as it is now")
    visitor.go(f"/issues/{issue.id}")
    visitor.press("Take the offer back")
    visitor.fill("Why the offer is taken back", "The wrong batch")
    visitor.press("Take the offer back")
    visitor.sees("Everybody who was asked has been told.")
