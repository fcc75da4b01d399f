"""The audit of answers before the deadline: for nobody of the council, auditors included, neither on pages nor in files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.database import db
from app.parties.roles import Role
from app.parties.viewer import viewer_of
from marketplace.answers.rules import ResponseDraft
from marketplace.rounds.rules import ResponseKind
from marketplace.rounds.services import close, withdraw_issue, withdraw_round_of
from tests.abuse.test_exports import take
from tests.marketplace.answers.makers import save_draft, submit, withdraw_response
from tests.marketplace.makers import a_member as member_of
from tests.marketplace.makers import a_package, a_provider, a_scheme, an_issue, coordinator_of, line_of
from tests.marketplace.rounds.makers import counted
from tests.people import a_user

TELLING = ("accept", "decline", "at_capacity", "kind", "price")


class Answered:
    """Two packages offered to some members; each has drafted, declined, changed to a yes, and taken one yes back."""

    def __init__(self, people, members=1):
        self.scheme = a_scheme(people)
        self.packages = [a_package(self.scheme) for _ in range(2)]
        self.providers = [member_of(self.scheme, a_provider()) for _ in range(members)]
        self.issue = an_issue(self.scheme, self.packages, self.providers)
        self.users = [coordinator_of(one) for one in self.providers]
        for provider, user in zip(self.providers, self.users, strict=True):
            by = viewer_of(user).actor
            for package in self.packages:
                line = line_of(self.issue, package, provider)
                save_draft(line, a_yes(), by=by)
                submit(line, ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity"), by=by)
                submit(line, a_yes(), by=by)
            withdraw_response(line_of(self.issue, self.packages[1], provider), by=by)
        db.session.commit()

    @property
    def offer_id(self):
        return line_of(self.issue, self.packages[0], self.providers[0]).offer_id

    def facts(self, tag, audience=Audience.AUDITOR):
        return [one.facts for one in timeline(self.offer_id, audience, limit=200) if one.tag == f"response:{tag}"]


def a_yes():
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=2650, earliest_start=clock.today() + timedelta(days=14))


@pytest.fixture
def answered(session, people):
    return Answered(people)


def responses_in(text):
    return [line for line in text.splitlines() if ",response:" in line]


def test_auditors_read_no_yes_and_no_no_before_the_deadline_on_pages_in_files_or_over_the_api(client, people, answered):
    client.sign_in(people["auditor"])
    page = client.get(f"/audit/{answered.offer_id}").text
    file = responses_in(take(client, "/audit/export").get_data(as_text=True))
    headers = client.bearer(people["auditor"])
    rows = client.post("/api/v1/audit/export", json={"format": "json"}, headers=headers).json
    told = [row["facts"] for row in rows if row["tag"].startswith("response:")]
    assert "An answer was sent" in page
    assert "until the deadline" in page
    assert len(file) == len(told) == 7
    for text in (page.partition("What has happened")[2], *file, *told):
        assert not any(word in text for word in TELLING), text


def test_nor_between_the_deadline_and_the_closing_and_afterwards_they_read_all_but_drafts(answered):
    assert answered.facts("changed") == [{"sealed": "until the deadline"}] * 2
    assert answered.facts("sent", Audience.COUNCIL) == [{"sealed": "until the deadline"}] * 2
    with clock.moved_to(answered.issue.deadline):
        assert answered.facts("withdrawn") == [{"sealed": "until the deadline"}]
        close(answered.issue)
    assert {one["kind"] for one in answered.facts("changed")} == {"accept"}
    assert {one["decline_code"] for one in answered.facts("sent")} == {"at_capacity"}
    assert [one["kind"] for one in answered.facts("withdrawn")] == ["accept"]
    assert answered.facts("saved") == [{"sealed": "for ever: a draft is its provider's own"}] * 2


def test_what_is_taken_back_before_its_deadline_stays_sealed_in_the_audit_too(answered, people):
    by = people.viewer("navigator").actor
    withdraw_round_of(answered.packages[0], "Not needed", by)
    closed_without_it, both = Answered(people), answered
    withdraw_round_of(closed_without_it.packages[0], "Not needed", by)
    withdraw_issue(both.issue, "The wrong lot", by=by)
    for_ever = {"sealed": "for ever: it was taken back before the deadline"}
    with clock.moved_to(closed_without_it.issue.deadline):
        close(closed_without_it.issue)
        assert both.facts("changed") == [for_ever] * 2
        assert both.facts("withdrawn") == [for_ever]
        gone, left = (package.reference for package in closed_without_it.packages)
        told = closed_without_it.facts("changed")
    assert [one for one in told if one == for_ever] == [for_ever]
    assert [one["package"] for one in told if one != for_ever] == [left]
    assert gone != left


def test_a_provider_goes_on_reading_what_its_own_people_sent(client, answered):
    organisation = answered.users[0].organisation
    client.sign_in(a_user(organisation, "administrator@ours.example", Role.PROVIDER_ADMINISTRATOR))
    file = responses_in(take(client, "/audit/own/export").get_data(as_text=True))
    assert len(file) == 7
    assert any("accept" in line for line in file)
    assert not any("sealed" in line for line in file)
    assert {one["kind"] for one in answered.facts("changed", Audience.PROVIDER)} == {"accept"}


def test_reading_the_audit_asks_as_many_queries_for_one_answer_as_for_many(client, people, session):
    def cost(members):
        page = f"/audit/{Answered(people, members).offer_id}"
        client.sign_in(people["auditor"])
        with counted() as statements:
            client.get(page)
        with counted() as of_file:
            take(client, "/audit/export")
        client.sign_out()
        return len(statements), len([one for one in of_file if "FROM offer" in one])

    one, many = cost(1), cost(5)
    assert one == many
    assert one[1] == 1
