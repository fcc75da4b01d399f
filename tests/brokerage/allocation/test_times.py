"""An award and its agreement hold visits that the provider said yes to, agreed with the person, and never others."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app import clock
from app.database import db
from app.errors import Conflict, Invalid
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice
from brokerage.allocation.times import TimesSaid, reason_against_day, reasons_against_times, visits_agreed
from contracts.agreements.models import Agreement
from marketplace.packages.visits import not_within, parse_weekly_visits, weekly_visits_text
from marketplace.rounds.models import Response
from tests.brokerage.allocation.makers import actor, award, ready
from tests.marketplace.answers.test_routes import Market, a_yes
from tests.marketplace.makers import coordinator_of

ASKED = "Mon-Sun 07:30-09:30 45x1"
OFFERED = "Mon-Fri 10:30-11:30 45x1"
SAID = TimesSaid(parse_weekly_visits(ASKED), parse_weekly_visits(OFFERED))
AS_ASKED = TimesSaid(parse_weekly_visits(ASKED))
WORDS = {"alternative_times": "Only 10:30 to 11:30, never at weekends"}
AGREED = {"agreed_with_person": "Her daughter Joan, by telephone", "skip_reason": "Nobody can come earlier"}
NEED = {"need_confirmed_with": "Ward 4"}


def outside(visits, allowed):
    return weekly_visits_text(not_within(parse_weekly_visits(visits), parse_weekly_visits(allowed)))


@pytest.mark.parametrize(
    ("visits", "allowed", "left"),
    [
        (OFFERED, OFFERED, ""),
        ("Mon-Fri 10:30-11:15 45x1", OFFERED, ""),
        ("Mon 10:30-11:30 45x1", OFFERED, ""),
        (ASKED, OFFERED, ASKED),
        ("Sat 10:30-11:30 45x1", OFFERED, "Sat 10:30-11:30 45x1"),
        ("Mon 10:15-11:15 45x1", OFFERED, "Mon 10:15-11:15 45x1"),
        ("Mon 10:30-11:30 30x1", OFFERED, "Mon 10:30-11:30 30x1"),
        ("Mon 10:30-11:30 45x2", OFFERED, "Mon 10:30-11:30 45x2"),
        ("Sun 23:30-00:30 30x1", "Sun 22:00-02:00 30x1", ""),
        ("Mon 00:30-01:30 30x1", "Sun 22:00-02:00 30x1", ""),
        ("Mon 12:00-13:00 30x1", "Mon 00:00-24:00 30x1", ""),
        ("Mon 08:00-09:30 30x1; Mon 09:00-09:30 30x1", "Mon 08:00-10:00 30x1; Mon 09:00-12:00 30x1", ""),
        ("Mon 08:00-09:00 30x1; Mon 09:00-10:00 30x1", "Mon 08:00-10:00 30x1", "Mon 08:00-09:00 30x1"),
    ],
)
def test_a_visit_lies_in_one_offered_of_its_length_and_carers_and_each_holds_one(visits, allowed, left):
    assert outside(visits, allowed) == left


def test_what_is_agreed_lies_in_what_was_offered_or_in_what_was_asked_where_the_yes_is_as_asked():
    assert list(reasons_against_times(OFFERED, SAID)) == []
    (reason,) = reasons_against_times(ASKED, SAID)
    assert "Monday 07:30-09:30, 45 minutes" in reason
    assert reason.endswith(f"and 4 more. The provider offered {OFFERED}.")
    assert OFFERED in next(reasons_against_times("", SAID))
    assert "cannot be read" in next(reasons_against_times("at ten", SAID))
    assert list(reasons_against_times("", AS_ASKED)) == []
    assert list(reasons_against_times("Mon-Sun 08:00-09:00 45x1", AS_ASKED)) == []
    assert "as asked" in next(reasons_against_times(OFFERED, AS_ASKED))


def test_agreed_visits_keep_the_tasks_and_marks_of_the_nearest_visit_asked_for():
    asked = parse_weekly_visits("Mon 07:30-09:30 45x1: wash; Mon 18:00-19:00 45x1: supper", True, with_tasks=True)
    agreed = visits_agreed("Mon 17:00-18:00 45x1", TimesSaid(asked, parse_weekly_visits("Mon 16:00-18:00 45x1")))
    assert [(visit.tasks, visit.time_critical) for visit in agreed] == [("supper", False)]
    assert visits_agreed("", TimesSaid(asked)) == asked


def test_nothing_is_agreed_before_the_offer_or_in_the_future():
    today = date(2026, 11, 30)
    assert reason_against_day(today, today, today) is None
    assert reason_against_day(today - timedelta(days=1), today, today)
    assert reason_against_day(today + timedelta(days=1), today, today)


def scene(people, **responses):
    return ready(people, prices=(2400,), package={"visits": ASKED}, responses={**WORDS, **responses})


def test_seven_mornings_that_the_provider_did_not_offer_are_never_awarded(session, people):
    all_set, by = scene(people, other_visits=OFFERED), actor(people, "broker")
    for agreed in ("", ASKED, "Mon-Fri 10:30-11:30 45x1; Sat 10:30-11:30 45x1"):
        with pytest.raises(Invalid) as refusal:
            award(all_set.line(), AwardChoice(**AGREED, **NEED, agreed_visits=agreed), by=by)
        assert list(refusal.value.errors) == ["agreed_visits"]
    made = award(all_set.line(), AwardChoice(**AGREED, **NEED, agreed_visits=OFFERED), by=by)
    version = db.session.query(Agreement).one().versions[0]
    assert version.visits == made.visits
    assert (made.week, made.agreed_on, made.held_minutes) == (OFFERED, clock.today(), 225)
    assert (version.weekly_minutes, version.weekly_cost_pence, made.weekly_cost_pence) == (225, 9000, 9000)


def test_other_times_in_words_alone_are_not_awarded(session, people):
    all_set = scene(people)
    with pytest.raises(Conflict, match="in words alone"):
        award(all_set.line(), AwardChoice(**AGREED, **NEED, agreed_visits=ASKED), by=actor(people, "broker"))


def test_a_yes_as_asked_is_agreed_as_asked_and_less_than_that_with_the_person(session, people):
    all_set, by = ready(people, prices=(2400,), packages=2, package={"visits": ASKED}), actor(people, "broker")
    assert award(all_set.line(), AwardChoice(**NEED), by=by).week == ASKED
    other, fewer = all_set.line(package=all_set.packages[1]), "Mon-Fri 08:00-09:00 45x1"
    with pytest.raises(Invalid) as refusal:
        award(other, AwardChoice(**NEED, agreed_visits=fewer), by=by)
    assert "agreed_with_person" in refusal.value.errors
    assert award(other, AwardChoice(**AGREED, **NEED, agreed_visits=fewer), by=by).week == fewer


def test_over_the_api_the_award_holds_the_visits_agreed_and_a_day_that_cannot_be_is_422(client, people):
    all_set, headers = scene(people, other_visits=OFFERED), client.bearer(people["broker"])
    url, body = (
        f"/api/v1/packages/{all_set.package.id}/award",
        {"offer_line_id": str(all_set.line().id), **AGREED, **NEED},
    )

    def send(**more):
        return client.post(url, json={**body, **more}, headers={**headers, "Idempotency-Key": str(uuid4())})

    missing, outside_it = send(), send(agreed_weekly_visits=ASKED)
    assert [answer.json["errors"][0]["field"] for answer in (missing, outside_it)] == ["agreed_visits"] * 2
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert send(agreed_weekly_visits=OFFERED, agreed_on=tomorrow).json["errors"][0]["field"] == "agreed_on"
    one = {"weekday": 0, "window_start": 630, "window_end": 690, "minutes": 45}
    assert send(agreed_visits=[one], agreed_weekly_visits=OFFERED).status_code == 422
    made = send(agreed_visits=[one])
    assert made.status_code == 201, made.json
    assert [(visit["weekday"], visit["window_start"]) for visit in made.json["visits"]] == [(0, 630)]
    agreement = client.get(f"/api/v1/agreements/{made.json['agreement']['id']}", headers=headers).json
    assert agreement["versions"][0]["visits"] == made.json["visits"]


def test_the_page_begins_with_all_that_was_offered_and_award_and_agreement_show_what_was_agreed(client, people):
    all_set = scene(people, other_visits=OFFERED)
    client.sign_in(people["broker"])
    page = f"/offer-lines/{all_set.line().id}/award"
    asked = client.get(page).text
    assert "Visits that the provider offered" in asked
    assert OFFERED in asked.split("<textarea", 1)[1]
    refused = client.submit(page, {**AGREED, **NEED, "agreed_visits": ASKED})
    assert 'href="#agreed_visits"' in refused.text
    assert AGREED["agreed_with_person"] in refused.text
    answer = client.submit(page, {**AGREED, **NEED, "agreed_visits": OFFERED})
    assert answer.status_code == 302
    agreement = db.session.query(Agreement).one()
    for shown in (answer.location, f"/agreements/{agreement.id}"):
        text = client.get(shown).text
        assert all(words in text for words in (OFFERED, "Joan, by telephone")), shown
    client.sign_in(coordinator_of(all_set.providers[0]))
    own = client.get(f"/awards/{db.session.query(Award).one().id}").text
    assert OFFERED in own
    assert "Joan" not in own


def test_the_second_person_approves_the_visits_that_were_agreed(client, session, people):
    all_set = ready(
        people, prices=(2400,), package={"visits": ASKED}, responses={"other_visits": OFFERED}, award_limit_pence=5000
    )
    made = award(all_set.line(), AwardChoice(**AGREED, **NEED, agreed_visits=OFFERED), by=actor(people, "broker"))
    db.session.commit()
    headers = client.bearer(people["manager"])
    approved = client.post(f"/api/v1/awards/{made.id}/approve", json=NEED, headers=headers)
    assert approved.status_code == 201, approved.json
    assert db.session.query(Agreement).one().versions[0].visits == approved.json["visits"]


def test_a_provider_gives_other_times_as_visits_on_its_page_and_reads_them_back(client, session, people):
    market = Market(people)
    client.sign_in(market.user)
    refused = client.submit(market.page(), a_yes(**WORDS))
    assert 'href="#other_visits"' in refused.text
    assert WORDS["alternative_times"] in refused.text
    assert client.submit(market.page(), a_yes(**WORDS, other_visits="mon - fri 10:30–11:30 45 x 1")).status_code == 302
    assert db.session.query(Response).one().other_visits == OFFERED
    assert OFFERED in client.get(f"/offers/{market.offer.id}").text
