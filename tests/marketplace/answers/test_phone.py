"""Answers by telephone: what they never replace, and what they replace knowingly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.errors import Conflict
from app.messages.models import Message
from app.parties.viewer import viewer_of
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.telephone import heard_version
from marketplace.rounds.models import Response, Round
from marketplace.rounds.queries import rounds_entered_by
from marketplace.rounds.rules import ResponseKind, ResponseState
from tests.marketplace.answers.makers import enter_by_phone, save_draft, submit, withdraw_response
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, coordinator_of, line_of

NO = ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")


@pytest.fixture
def line(session, people):
    """One package offered to one member an hour ago."""
    scheme = a_scheme(people)
    provider, package = a_member(scheme), a_package(scheme)
    issue = an_issue(scheme, [package], [provider], issued_at=clock.now() - timedelta(hours=1))
    return line_of(issue, package, provider)


def a_yes(pence=2650):
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=pence, earliest_start=clock.today() + timedelta(days=14))


def its_own(line):
    return viewer_of(coordinator_of(line.offer.provider)).actor


def typed(local, version):
    return {
        "spoken_on": [str(local.day), str(local.month), str(local.year)],
        "spoken_at": f"{local:%H:%M}",
        "kind": "decline",
        "decline_code": "at_capacity",
        "version": version,
    }


@pytest.mark.parametrize("came_by", ["page", "api", "link"])
def test_an_answer_that_the_provider_sent_itself_is_never_replaced_by_telephone(line, people, came_by):
    submit(line, a_yes(2650), by=its_own(line), came_by=came_by)
    for draft in (NO, a_yes(2650), a_yes(2200)):
        with pytest.raises(Conflict, match="can change its answer on its own page until the deadline"):
            enter_by_phone(line, draft, clock.now(), by=people.viewer("broker").actor)
    kept = line.response
    assert (kept.kind, kept.price_pence, kept.came_by, kept.version) == (ResponseKind.ACCEPT, 2650, came_by, 1)
    assert kept.entered_by is None
    assert db.session.scalars(select(Message.id).where(Message.about_id == line.offer_id)).all() == []


def test_what_the_provider_changed_itself_after_a_call_stays_its_own(line, people):
    enter_by_phone(line, NO, clock.now(), by=people.viewer("broker").actor)
    submit(line, a_yes(), by=its_own(line))
    with pytest.raises(Conflict, match="answered this package itself"):
        enter_by_phone(line, NO, clock.now(), by=people.viewer("broker").actor)


def test_after_the_provider_took_its_answer_back_one_can_be_entered(line, people):
    submit(line, a_yes(), by=its_own(line))
    withdraw_response(line, by=its_own(line))
    entered = enter_by_phone(line, NO, clock.now(), by=people.viewer("broker").actor)
    assert (entered.state, entered.kind, entered.came_by) == (ResponseState.SUBMITTED, ResponseKind.DECLINE, "phone")


def test_an_answer_by_telephone_replaces_one_that_its_officer_has_seen(line, people):
    by = people.viewer("broker").actor
    enter_by_phone(line, NO, clock.now(), by=by, expected_version=0)
    assert enter_by_phone(line, a_yes(), clock.now(), by=by, expected_version=1).version == 2
    with pytest.raises(Conflict, match="since you opened this page"):
        enter_by_phone(line, NO, clock.now(), by=by, expected_version=1)


def test_whoever_entered_an_answer_stays_shut_out_when_a_colleague_enters_it_anew(session, people):
    scheme = a_scheme(people)
    provider, phoned, other = a_member(scheme), a_package(scheme), a_package(scheme)
    issue = an_issue(scheme, [phoned, other], [provider], issued_at=clock.now() - timedelta(hours=1))
    for name, draft in (("broker", NO), ("broker2", a_yes())):
        enter_by_phone(line_of(issue, phoned, provider), draft, clock.now(), by=people.viewer(name).actor)
    submit(line_of(issue, other, provider), a_yes(), by=its_own(line_of(issue, other, provider)))
    both = select(Round.id).where(Round.issue_id == issue.id)
    for name in ("broker", "broker2"):
        assert rounds_entered_by(both, people[name].id) == {line_of(issue, phoned, provider).round_id}, name
    for user in (people["manager"], coordinator_of(provider)):
        assert rounds_entered_by(both, user.id) == set()


def test_a_providers_draft_is_no_version_that_an_officer_learns_of(line, people):
    save_draft(line, a_yes(), by=its_own(line))
    assert heard_version(line) == 0
    entered = enter_by_phone(line, NO, clock.now(), by=people.viewer("broker").actor, expected_version=0)
    assert entered.kind is ResponseKind.DECLINE


def test_the_page_says_so_before_anything_is_typed_and_refuses_what_is_sent_all_the_same(client, people, line):
    client.sign_in(people["broker"])
    page, local = f"/offer-lines/{line.id}/by-phone", clock.now().astimezone(clock.LONDON)
    assert "Enter the answer" in client.get(page).text
    submit(line, a_yes(2719), by=its_own(line))
    shown = client.get(page)
    assert "The provider has answered this package itself" in shown.text
    assert "Enter the answer" not in shown.text
    assert "27.19" not in shown.text
    answer = client.submit("/", typed(local - timedelta(minutes=1), "0"), to=page)
    assert answer.status_code == 409
    assert db.session.scalars(select(Response.kind)).all() == [ResponseKind.ACCEPT]


def test_of_two_officers_who_heard_the_same_provider_the_second_is_told(client, people, line):
    client.sign_in(people["broker"])
    page, local = f"/offer-lines/{line.id}/by-phone", clock.now().astimezone(clock.LONDON) - timedelta(minutes=1)
    enter_by_phone(line, a_yes(), clock.now(), by=people.viewer("broker2").actor)
    assert client.submit("/", typed(local, "0"), to=page).status_code == 409
    assert "entered already" in client.get(page).text
    assert client.submit(page, typed(local, "1")).status_code == 302
    assert db.session.scalars(select(Response.version)).all() == [2]


def test_an_officer_enters_other_times_as_visits_and_words_alone_are_asked_for_them(client, people, line):
    client.sign_in(people["broker"])
    page, local = f"/offer-lines/{line.id}/by-phone", clock.now().astimezone(clock.LONDON)
    start = clock.today() + timedelta(days=14)
    yes = {"kind": "accept", "price": "26.50", "earliest_start": [str(start.day), str(start.month), str(start.year)]}
    said = {**typed(local, "0"), **yes, "decline_code": "", "alternative_times": "Only half past ten"}
    refused = client.submit(page, said)
    assert 'href="#other_visits"' in refused.text
    assert "Only half past ten" in refused.text
    assert client.submit(page, {**said, "other_visits": "Mon-Fri 10:30-11:30 45x1"}).status_code == 302
    assert db.session.scalars(select(Response.other_visits)).one() == "Mon-Fri 10:30-11:30 45x1"
