"""The night of 25 October 2026, when the hour from 1am happens twice, over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app import clock
from app.database import db
from marketplace.packages.rules import Urgency
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue
from tests.marketplace.makers import a_member, a_package, a_scheme, coordinator_of

EVENING = datetime(2026, 10, 24, 16, tzinfo=UTC)  # 5pm BST
SECOND = timedelta(seconds=1)


@pytest.fixture
def offered(client, people):
    """A standard package offered to two providers at 5pm on the Saturday, and how to answer it."""
    with clock.moved_to(EVENING):
        return Offered(client, people)


class Offered:
    """One issue, its providers, and the requests that the tests send."""

    def __init__(self, client, people, urgency=Urgency.STANDARD):
        scheme = a_scheme(people)
        providers = [a_member(scheme), a_member(scheme)]
        self.package = a_package(scheme, urgency=urgency, planned_start=EVENING.date() + timedelta(days=9))
        self.reference, self.client = self.package.reference, client
        self.navigator = client.bearer(people["navigator"])
        self.providers = [client.bearer(coordinator_of(one)) for one in providers]
        path = f"/api/v1/packages/{self.package.id}/offer"
        answer = client.post(path, json={}, headers=self.navigator)
        assert answer.status_code == 201, answer.text
        self.issue = answer.json

    @property
    def deadline(self):
        return datetime.fromisoformat(self.issue["deadline"])

    def extend(self, deadline):
        body = {"deadline": deadline.isoformat(), "reason": "A ward asked for more time."}
        answer = self.client.post(f"/api/v1/issues/{self.issue['id']}/extend", json=body, headers=self.navigator)
        self.issue = answer.json
        return answer

    def answer(self, number, when):
        """The answer to a yes that one provider sends at this instant."""
        headers = self.providers[number]
        with clock.moved_to(when):
            lists = [self.client.get(f"/api/v1/offers?open={which}", headers=headers) for which in ("true", "false")]
            (listed,) = [item for found in lists for item in found.json["items"]]
            start = (EVENING.date() + timedelta(days=9)).isoformat()
            yes = {"package": self.reference, "answer": "accept", "price_pence": 2650, "earliest_start": start}
            body = {"submit": True, "answers": [yes]}
            return self.client.put(f"/api/v1/offers/{listed['id']}/response", json=body, headers=headers)


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "Sunday 25 October 2026 at 1:30am BST"), (1, "Sunday 25 October 2026 at 1:30am GMT")],
)
def test_in_the_repeated_hour_a_second_before_is_taken_and_the_deadline_is_too_late(people, client, hour, words):
    deadline = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    with clock.moved_to(EVENING):
        offered = Offered(client, people, Urgency.URGENT)
    with clock.moved_to(EVENING + timedelta(hours=1)):
        db.session.get_one(Issue, _id(offered)).deadline = EVENING + timedelta(hours=4)
        db.session.commit()
        assert offered.extend(deadline).status_code == 200
    assert offered.deadline == deadline
    assert offered.answer(0, deadline - SECOND).status_code == 200
    late = offered.answer(1, deadline)
    assert late.status_code == 409
    assert words in late.json["detail"]


def test_half_past_one_in_summer_time_is_not_yet_half_past_one_in_winter_time(people, client):
    with clock.moved_to(EVENING):
        offered = Offered(client, people, Urgency.URGENT)
        db.session.get_one(Issue, _id(offered)).deadline = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        db.session.commit()
    with clock.moved_to(datetime(2026, 10, 25, 0, 45, tzinfo=UTC)):
        assert close_due() == 0
    assert offered.answer(0, datetime(2026, 10, 25, 0, 45, tzinfo=UTC)).status_code == 200
    with clock.moved_to(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert close_due() == 1


def test_a_window_of_24_hours_across_the_night_is_24_hours_long_and_ends_an_hour_earlier_by_the_clock(offered):
    assert offered.deadline - EVENING == timedelta(hours=24)
    assert offered.deadline.astimezone(clock.LONDON).hour == 16
    assert offered.answer(0, offered.deadline - SECOND).status_code == 200
    late = offered.answer(1, offered.deadline)
    assert late.status_code == 409
    assert "Sunday 25 October 2026 at 4pm GMT" in late.json["detail"]


def _id(offered):
    return UUID(offered.issue["id"])
