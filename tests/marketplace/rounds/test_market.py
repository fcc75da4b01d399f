"""How full a scheme's market is: members by lot and zone, shares, capacity, and who never answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.messages import Address, Letter, Recipient, send
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.letters import NEW_OFFER
from marketplace.rounds.market import LATELY_DAYS, market_of
from marketplace.rounds.rules import ResponseState, RoundState
from marketplace.schemes.queries import managed_scheme
from tests.marketplace.makers import (
    a_member,
    a_package,
    a_response,
    a_scheme,
    a_zone,
    an_issue,
    coordinator_of,
    line_of,
)
from tests.marketplace.rounds.makers import counted


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def awarded(scheme, provider, others=(), **package):
    """A package of 5.25 hours a week that was awarded to a provider and runs."""
    need = a_package(scheme, **package)
    issue = an_issue(scheme, [need], [provider, *others], closed=True)
    a_response(line_of(issue, need, provider), state=ResponseState.AWARDED)
    issue.rounds[0].state, issue.rounds[0].ended_at = RoundState.AWARDED, clock.now()
    issue.rounds[0].package.status = PackageStatus.RUNNING
    db.session.flush()
    return issue


def told(issue, provider, after=timedelta(minutes=1), **fate):
    """The email about a provider's offer has left, so long after the issue."""
    offer = next(one for one in issue.offers if one.provider_id == provider.id)
    letter = Letter(NEW_OFFER, "An offer", "Please answer.", "/offers", "offer", offer.id, issue.authority_id)
    send(Recipient(provider.organisation_id, addresses=(Address("told@provider.example"),)), letter)
    delivery = db.session.scalars(select(Delivery).where(Delivery.sent_at.is_(None))).one()
    delivery.state, delivery.sent_at = DeliveryState.SENT, issue.issued_at + after
    for name, value in fate.items():
        setattr(delivery, name, value)
    db.session.flush()


def named(market, provider):
    return next(one for one in market.members if one.provider_id == provider.id)


def test_members_are_counted_by_lot_and_zone_with_what_runs_there(scheme):
    a_zone(scheme, "Lancaster", "LA1 1", "LA1 2")
    first = a_member(scheme, areas=["PR1"])
    a_member(scheme, areas=["PR2 1", "LA1"])
    awarded(scheme, first)
    parts = {(one.lot, one.zone): (one.members, one.packages, one.minutes) for one in market_of(scheme).parts}
    assert parts == {("homecare", "Preston"): (2, 1, 315), ("homecare", "Lancaster"): (1, 0, 0)}


def test_shares_are_of_the_hours_that_members_hold_and_stand_against_the_range(scheme):
    big, small, idle = a_member(scheme), a_member(scheme), a_member(scheme)
    for _ in range(2):
        awarded(scheme, big, visits="Mon-Sun 07:00-20:00 600x1")
    awarded(scheme, small, visits="Mon-Sun 07:00-20:00 240x1")
    market = market_of(scheme)
    assert [one.provider_id for one in market.members] == [big.id, small.id, idle.id]
    assert [(one.packages, one.share, one.standing) for one in market.members] == [
        (2, 83, "within the range"),
        (1, 17, "below the range"),
        (0, 0, "below the range"),
    ]


def test_a_member_that_was_asked_and_sent_nothing_is_named(scheme):
    speaks, silent, unasked = a_member(scheme), a_member(scheme), a_member(scheme)
    told(awarded(scheme, speaks, others=[silent]), silent)
    market = market_of(scheme)
    assert [one.provider_id for one in market.members if one.never_answered] == [silent.id]
    assert (named(market, speaks).asked, named(market, speaks).answered, named(market, unasked).asked) == (1, 1, 0)
    with clock.moved_to(clock.now() + timedelta(days=LATELY_DAYS + 1)):
        assert not any(one.never_answered for one in market_of(scheme).members)


@pytest.mark.parametrize(
    "fate",
    [
        {"state": DeliveryState.BOUNCED, "bounced_at": clock.now()},
        {"after": timedelta(hours=13)},
        None,
    ],
    ids=["bounced", "too late", "never sent"],
)
def test_a_member_that_was_not_reached_in_time_is_not_called_silent(scheme, fate):
    speaks, unreached = a_member(scheme), a_member(scheme)
    issue = awarded(scheme, speaks, others=[unreached])
    if fate:
        told(issue, unreached, **fate)
    found = named(market_of(scheme), unreached)
    assert (found.asked, found.never_answered) == (0, False)


def test_capacity_is_the_sum_of_what_is_declared_and_taken(scheme):
    a_member(scheme, capacity_hours=100)
    a_member(scheme, capacity_hours=50)
    assert [(one.where, one.declared, one.committed) for one in market_of(scheme).rooms] == [
        ("The whole scheme", 9000, 0)
    ]


def test_the_number_of_queries_does_not_grow_with_the_market(people, scheme):
    def queries():
        db.session.expire_all()
        loaded = managed_scheme(people.viewer("contracts"), scheme.id)
        with counted() as statements:
            market_of(loaded)
        return len(statements)

    awarded(scheme, a_member(scheme))
    few = queries()
    for _ in range(4):
        awarded(scheme, a_member(scheme), others=[a_member(scheme)])
    assert queries() == few


@pytest.mark.parametrize("role", ["navigator", "broker", "manager", "contracts", "auditor"])
def test_the_council_reads_the_page_from_its_scheme(client, people, scheme, role):
    silent = a_member(scheme)
    told(awarded(scheme, a_member(scheme), others=[silent]), silent)
    db.session.commit()
    client.sign_in(people[role])
    assert f"/schemes/{scheme.id}/market" in client.get(f"/schemes/{scheme.id}").text
    page = client.get(f"/schemes/{scheme.id}/market")
    assert page.status_code == 200
    assert f"{silent.name}: asked about 1 package" in page.text


def test_an_empty_scheme_says_so(client, people, scheme):
    db.session.commit()
    client.sign_in(people["contracts"])
    assert "no members yet" in client.get(f"/schemes/{scheme.id}/market").text


def test_a_provider_does_not_read_the_market(client, scheme):
    provider = a_member(scheme)
    db.session.commit()
    client.sign_in(coordinator_of(provider))
    assert client.get(f"/schemes/{scheme.id}/market").status_code == 403
