"""A new earliest start: given on the page and over the API, shown beside the first one, and a yes from it is as asked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from app.parties.services import team_named
from app.values.days import date_text
from marketplace.answers.rules import ResponseDraft, is_firm
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import give_new_start
from marketplace.rounds.issuing import issue_each
from marketplace.rounds.rules import ResponseKind
from marketplace.schemes.queries import first_start, policy_on
from marketplace.vocabulary import Window
from tests.marketplace.makers import a_member, a_package, a_scheme, coordinator_of


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def parts(day):
    return [str(day.day), str(day.month), str(day.year)]


def test_a_package_whose_start_has_passed_is_not_offered_and_says_so_on_page_and_api(client, people, scheme):
    a_member(scheme)
    package = a_package(scheme, planned_start=clock.today() - timedelta(days=2))
    client.sign_in(people["navigator"])
    page = f"/packages/{package.id}/offer"
    told = f"{package.reference} is to start on {date_text(package.planned_start)}."
    shown = client.get(page)
    assert told in text_of(shown)
    assert "Offer now" not in text_of(shown)
    refused = client.submit(f"/packages/{package.id}/start", {}, to=page)
    assert (refused.status_code, told in text_of(refused)) == (409, True)
    answer = client.post(f"/api/v1{page}", json={}, headers=client.bearer(people["navigator"]))
    assert (answer.status_code, answer.json["detail"].startswith(told)) == (409, True)


def test_with_a_new_start_it_is_offered_and_providers_see_both(client, people, scheme):
    provider = a_member(scheme)
    wanted, day = clock.today() - timedelta(days=2), clock.today() + timedelta(days=20)
    package = a_package(scheme, planned_start=wanted)
    client.sign_in(people["navigator"])
    page = f"/packages/{package.id}/start"
    first = first_start(policy_on(scheme.id, clock.today()), Window.BATCH, clock.now())
    assert [part in client.get(page).text for part in (f'value="{first.day}"', f'value="{first.year}"')] == [True, True]
    assert client.submit(page, {"start": parts(day)}, to=page).status_code == 302
    db.session.expire_all()
    both = f"{date_text(day)} (first wanted: {date_text(wanted)})"
    for shown in (f"/packages/{package.id}", "/packages", f"/packages/{package.id}/offer"):
        assert both in text_of(client.get(shown))
    (issue,) = issue_each([package], by=SYSTEM)
    db.session.commit()
    client.sign_out()
    client.sign_in(coordinator_of(provider))
    offer = issue.offers[0]
    assert both in text_of(client.get(f"/offers/{offer.id}"))
    given = client.get(f"/api/v1/offers/{offer.id}", headers=client.bearer(coordinator_of(provider))).json["packages"][
        0
    ]
    assert (given["wanted_start"], given["first_wanted_start"]) == (day.isoformat(), wanted.isoformat())
    assert is_firm(ResponseDraft(ResponseKind.ACCEPT, earliest_start=day), package.planned_start)


def test_over_the_api_it_is_given_and_told(client, people, scheme):
    package, day = a_package(scheme), clock.today() + timedelta(days=40)
    wanted, headers = package.planned_start, client.bearer(people["navigator"])
    given = client.post(f"/api/v1/packages/{package.id}/start", json={"start": day.isoformat()}, headers=headers)
    assert (given.status_code, given.json["planned_start"]) == (200, day.isoformat())
    assert given.json["first_wanted_start"] == wanted.isoformat()
    again = client.post(f"/api/v1/packages/{package.id}/start", json={"start": wanted.isoformat()}, headers=headers)
    assert again.status_code == 422
    strangers = client.bearer(people["stranger"])
    told = client.post(f"/api/v1/packages/{package.id}/start", json={"start": day.isoformat()}, headers=strangers)
    assert told.status_code == 404


def test_the_start_wanted_first_is_kept_through_several_new_ones(scheme):
    package, today = a_package(scheme), clock.today()
    wanted = package.planned_start
    for days in (30, 60):
        give_new_start([package], today + timedelta(days=days), by=SYSTEM)
    assert (package.first_wanted_start, package.planned_start) == (wanted, today + timedelta(days=60))


def test_a_draft_that_only_waited_for_a_start_to_come_becomes_ready(scheme, people):
    past, team = clock.today() - timedelta(days=1), team_named(people.council, "East", None)
    package = a_package(scheme, status=PackageStatus.DRAFT, planned_start=past, referring_team_id=team.id)
    give_new_start([package], clock.today() + timedelta(days=20), by=SYSTEM)
    assert package.status is PackageStatus.READY


@pytest.mark.parametrize("status", [PackageStatus.ON_OFFER, PackageStatus.AWAITING_AWARD, PackageStatus.RUNNING])
def test_once_providers_are_asked_the_start_stays(scheme, status):
    package = a_package(scheme, status=status)
    with pytest.raises(Conflict, match="moved on"):
        give_new_start([package], clock.today() + timedelta(days=40), by=SYSTEM)


def test_a_new_start_is_later_and_not_in_the_past(scheme):
    package = a_package(scheme, planned_start=clock.today() - timedelta(days=9))
    with pytest.raises(Invalid, match="in the past"):
        give_new_start([package], clock.today() - timedelta(days=1), by=SYSTEM)
    other = a_package(scheme)
    with pytest.raises(Invalid, match="Enter a later day"):
        give_new_start([other], other.planned_start, by=SYSTEM)
