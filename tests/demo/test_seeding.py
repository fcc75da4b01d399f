"""The demo: a small county goes through the same weeks as the whole one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit.verify import verify
from app.database import db
from app.demo_mode import is_demo_database, is_loopback
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from app.parties.models import User
from contracts.agreements.models import Agreement
from demo import county
from demo.accounts import OFFICERS, PASSWORD
from demo.behaviour import HABITS, Temper, intention, temper_of
from demo.seeding import seed
from marketplace.membership.models import Membership
from marketplace.membership.rules import MembershipState
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue
from marketplace.rounds.rules import OfferState
from tests.careful import token_in

SMALL = 8


@pytest.fixture
def small_county(session) -> None:
    """Two past weeks and this one, with the first packages of each."""
    weeks = county.weeks_until(datetime.now(UTC).astimezone(clock.LONDON).date())[-3:]
    seed(say=lambda _sentence: None, weeks=[county.Week(week.monday, week.rows[:SMALL]) for week in weeks])


def test_a_small_county_has_a_past_a_present_and_something_to_do(small_county, client):
    assert is_demo_database()
    members = select(func.count(Membership.provider_id.distinct())).where(Membership.state == MembershipState.ACTIVE)
    assert db.session.scalar(members) == 69
    assert db.session.scalar(select(func.count()).select_from(Package)) == 3 * SMALL
    assert db.session.scalar(select(func.count()).select_from(Agreement)) > 3
    states = set(db.session.scalars(select(Issue.state)))
    assert OfferState.CLOSED in states
    assert db.session.scalar(select(func.count()).where(Delivery.state == DeliveryState.QUEUED)) == 0
    assert verify().fault is None
    everybody_can_sign_in(client)


def everybody_can_sign_in(client) -> None:
    """Every officer, and a coordinator, by the one password."""
    coordinator = db.session.scalars(select(User.email).where(User.email.like("coordinator%")).limit(1)).one()
    for email in (*OFFICERS, "healthassessor@lsc-icb.example", coordinator):
        client.sign_out()
        page = client.get("/sign-in").get_data(as_text=True)
        form = {"email": email, "password": PASSWORD, "csrf_token": token_in(page)}
        assert client.post("/sign-in", data=form).status_code == 302, email
        assert client.get("/").status_code == 200, email


def test_weeks_together_hold_every_package_once_and_weekdays_stay_true():
    weeks = county.weeks_until(date(2027, 3, 10))
    references = [row["reference"] for week in weeks for row in week.rows]
    assert len(references) == len(set(references)) == 600
    with county.PACKAGES.open(encoding="utf-8") as file:
        wanted = {row["reference"]: date.fromisoformat(row["planned_start"]) for row in county.csv.DictReader(file)}
    for week in weeks:
        for row in week.rows:
            start = date.fromisoformat(row["planned_start"])
            assert (start - wanted[row["reference"]]).days % 7 == 0
            assert start >= week.monday + timedelta(days=county.SOONEST_DAYS)


def test_a_provider_means_the_same_thing_every_time_it_is_asked():
    day = timedelta(hours=24)
    assert intention(4, "LCC-00001", day, 2200, 3300) == intention(4, "LCC-00001", day, 2200, 3300)
    tempers = {temper_of(place) for place in range(20)}
    assert tempers == set(Temper)
    prices = [one.price_pence for place in range(69) if (one := intention(place, "LCC-00002", day, 2200, 3300))]
    assert min(prices) >= 2200
    assert max(prices) <= 3300
    assert all(price % 5 == 0 for price in prices)
    assert HABITS[Temper.SLOW].latest > 1


@pytest.mark.parametrize(("address", "own"), [("127.0.0.1", True), ("::1", True), ("192.0.2.7", False), ("", False)])
def test_only_this_machine_counts_as_its_own(address, own):
    assert is_loopback(address) is own
