"""The main journey in a real browser: a file of packages becomes batches, offers, answers, a ranking and an agreement."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock
from app.database import db
from app.messages.models import Delivery
from app.tasks.jobs import run_queued
from brokerage.ranking.services import rank_due
from marketplace.packages.models import Package
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue
from tests.browser.visitor import Visitor, let_go
from tests.marketplace.makers import a_member, a_provider, a_scheme, coordinator_of
from tests.marketplace.packages.makers import a_file, a_row, a_team
from tests.people import People

AREAS = ("PR1 8XJ", "PR1 9AA", "PR2 1AA")


class County:
    """A scheme with two members in Preston, one elsewhere, and a file of packages that wait for a new provider."""

    def __init__(self, people: People) -> None:
        a_team(people)
        self.scheme = a_scheme(people, name="Testshire care at home", batch_max_km=20)
        self.ash, self.beech, self.cedar = (a_provider(f"{tree} Care") for tree in ("Ash", "Beech", "Cedar"))
        a_member(self.scheme, self.ash, entry_score=85)
        a_member(self.scheme, self.beech, entry_score=60, standing_price_pence=2750)
        a_member(self.scheme, self.cedar, areas=["LA1"])
        asks = {
            "source": "reallocation",
            "skills": "",
            "incumbent_provider": "Cedar Care",
            "weekly_visits": "Mon-Sun 07:30-09:30 45x1; Fri 12:00-14:00 30x2",
        }
        self.file = a_file(*(a_row(n, postcode=area, **asks) for n, area in enumerate(AREAS, 1)))
        self.coordinators = {one.name: coordinator_of(one).email for one in (self.ash, self.beech)}
        let_go()


def test_a_package_goes_from_a_file_to_an_agreement(visitor, people):
    county = County(people)
    the_navigator_loads_the_file(visitor, people, county)
    first, second = the_navigator_offers_a_batch(visitor)
    a_provider_answers_after_signing_in(visitor, county, first, second)
    another_provider_answers_through_the_link_in_its_email(visitor, county)
    with clock.moved_to(after_the_deadline()):
        assert close_due() == 1
        assert rank_due() == 1
        the_broker_awards(visitor, people, first)
        the_winner_reads_who_the_person_is(visitor, county)
        the_other_reads_how_its_answer_came_out(visitor, county, first)


def names_nobody(visitor: Visitor) -> None:
    """Whole words, because the keys and tokens of a form are chance letters."""
    content = visitor.page.content()
    assert not [word for word in ("ZZAda", "ZZMarsden", "Weavers Row", *AREAS) if word in content]


def the_navigator_loads_the_file(visitor: Visitor, people: People, county: County) -> None:
    visitor.sign_in(people["navigator"].email)
    visitor.open_in_menu("Packages")
    visitor.follow("Import packages")
    visitor.page.get_by_label("Scheme", exact=True).select_option(label=county.scheme.name)
    file = {"name": "packages.csv", "mimeType": "text/csv", "buffer": county.file}
    visitor.page.get_by_label("File", exact=True).set_input_files(file)
    visitor.press("Upload and check")
    visitor.sees("Import of packages into Testshire care at home")
    assert run_queued() == 1
    visitor.go(visitor.page.url)
    visitor.sees("3 of 3 done")
    visitor.follow("Go on to what was loaded")
    visitor.leave_by(visitor.page.get_by_role("link", name="PKG-").first)
    visitor.sees("Visits of the week")
    visitor.sees("ZZAda ZZMarsden")


def the_navigator_offers_a_batch(visitor: Visitor) -> tuple[str, str]:
    visitor.open_in_menu("Batches")
    visitor.press("Propose batches")
    visitor.press("Propose batches")
    assert run_queued() == 1
    visitor.go(visitor.page.url)
    visitor.follow("See the drafts")
    visitor.sees("Where the draft batches lie")
    visitor.leave_by(visitor.page.locator("table a[id^=batch-]").first)
    visitor.sees("Where the packages lie")
    visitor.press("Seal the batch")
    visitor.sees("The batch is sealed and can be offered.")
    visitor.press("Offer to providers")
    visitor.sees("does not cover the area (1)")
    visitor.press("Offer now")
    visitor.sees("Who was asked, and proof that they were told")
    return references()


def references() -> tuple[str, str]:
    """The references of the two packages in Preston's centre."""
    query = select(Package.reference).where(Package.outcode == "PR1").order_by(Package.council_reference)
    first, second = db.session.scalars(query)
    return first, second


def a_provider_answers_after_signing_in(visitor: Visitor, county: County, first: str, second: str) -> None:
    visitor.sign_in(county.coordinators["Ash Care"])
    visitor.open_in_menu("Offers")
    visitor.leave_by(visitor.page.get_by_role("link", name="OFF-").first)
    visitor.sees("Lives alone; walks with a frame.")
    names_nobody(visitor)
    visitor.press(f"Answer for {first}")
    visitor.choose("Yes, we accept")
    visitor.fill("Price", "18.00")
    visitor.fill("Anything the council should know", "We visit this street every morning.")
    visitor.press("Send the answer")
    visitor.says_at_field("£22.00")
    assert visitor.page.get_by_label("Price").input_value() == "18.00"
    assert visitor.page.get_by_label("Anything the council").input_value() == "We visit this street every morning."
    visitor.fill("Price", "25.00")
    visitor.fill_day("Earliest start", clock.today() + timedelta(days=30))
    visitor.press("Send the answer")
    visitor.sees("Your answer is sent.")
    visitor.press(f"Answer for {second}")
    visitor.choose("No, we decline")
    visitor.page.get_by_label("Reason", exact=True).select_option(label="Too much travel between visits")
    visitor.press("Send the answer")
    visitor.sees("Too much travel between visits")


def another_provider_answers_through_the_link_in_its_email(visitor: Visitor, county: County) -> None:
    visitor.page.context.clear_cookies()
    links = select(Delivery.path).where(
        Delivery.email == county.coordinators["Beech Care"], Delivery.path.startswith("/offer-links/")
    )
    visitor.go(db.session.scalars(links).one())
    names_nobody(visitor)
    visitor.choose("Yes, as asked, at £27.50")
    visitor.press("Send the answer")
    visitor.sees("This link was used")


def after_the_deadline() -> datetime:
    """A minute after the deadline of the only issue."""
    deadline = db.session.scalars(select(Issue.deadline)).one()
    let_go()
    return deadline + timedelta(minutes=1)


def the_broker_awards(visitor: Visitor, people: People, reference: str) -> None:
    visitor.sign_in(people["broker"].email)
    visitor.open_in_menu("Board")
    visitor.follow(reference)
    visitor.sees("Do you have an interest in a provider?")
    visitor.choose("No, I have none")
    visitor.press("Declare")
    visitor.sees("1. Ash Care")
    visitor.page.get_by_text("Why this place").last.click()
    visitor.look()
    visitor.press("Award to Ash Care")
    visitor.sees("The agreement is made at once and binds both sides")
    visitor.fill("Care is still needed: confirmed with", "The daughter")
    visitor.press("Award")
    visitor.sees("Awarded")
    visitor.follow("AGR-")
    visitor.sees("Cost of a week")


def the_winner_reads_who_the_person_is(visitor: Visitor, county: County) -> None:
    visitor.sign_in(county.coordinators["Ash Care"])
    visitor.open_in_menu("Agreements")
    visitor.follow("AGR-")
    visitor.sees("ZZAda ZZMarsden")


def the_other_reads_how_its_answer_came_out(visitor: Visitor, county: County, reference: str) -> None:
    visitor.sign_in(county.coordinators["Beech Care"])
    visitor.open_in_menu("Outcomes")
    visitor.follow(reference)
    visitor.sees("Your points")
    names_nobody(visitor)
    assert "Ash" not in visitor.page.inner_text("main")
