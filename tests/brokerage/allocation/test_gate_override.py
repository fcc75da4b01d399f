"""A CQC rating that falls while an offer is out: it stays with a flag, and an award needs a contract manager's override."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.database import db
from app.errors import Refusal
from brokerage.allocation.rules import AwardState
from brokerage.ranking.views import stops_now
from marketplace.membership.suspensions import hold_members_to_gate, override_gate, take_back
from marketplace.rounds.overview import view_of
from marketplace.vocabulary import Rating
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, ready
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue


def falls(provider):
    provider.cqc_rating = Rating.INADEQUATE
    db.session.flush()
    hold_members_to_gate([provider.cqc_location_id])


def overridden(people, scheme, provider, days=30):
    last_day = clock.today() + timedelta(days=days)
    return override_gate(scheme, provider, "The report is out of date.", last_day, by=actor(people, "contracts"))


def test_an_open_offer_stays_with_the_stop_flag_when_the_rating_falls(session, people, client):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    issue = an_issue(scheme, [a_package(scheme)], [provider])
    falls(provider)
    (offer,) = view_of(issue).offers
    assert len(offer.stopped) == 2
    db.session.commit()
    client.sign_in(people["broker"])
    page = client.get(f"/issues/{issue.id}").text
    assert provider.name in page
    assert "Stopped" in page
    assert "Inadequate" in page
    overridden(people, scheme, provider)
    db.session.commit()
    page = client.get(f"/issues/{issue.id}").text
    assert "Gate overridden" in page
    assert "Stopped" not in page


def test_the_award_is_refused_until_a_contract_manager_overrides(session, people):
    all_set, broker = ready(people), actor(people, "broker")
    falls(all_set.providers[0])
    with pytest.raises(Refusal, match=r"Inadequate|[Ss]uspended"):
        award(all_set.line(), CONFIRMED, by=broker)
    made = overridden(people, all_set.scheme, all_set.providers[0])
    assert stops_now(all_set.round) == {all_set.providers[0].id: [made.sentence]}
    assert award(all_set.line(), CONFIRMED, by=broker).state is AwardState.AWARDED


def test_the_award_is_refused_again_once_the_override_is_taken_back(session, people):
    all_set, broker = ready(people), actor(people, "broker")
    falls(all_set.providers[0])
    take_back(overridden(people, all_set.scheme, all_set.providers[0]), "It has not lasted.", by=broker)
    with pytest.raises(Refusal, match=r"Inadequate|[Ss]uspended"):
        award(all_set.line(), CONFIRMED, by=broker)
