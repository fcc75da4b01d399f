"""The pages about email: one's own choices, and the notice when mail is down."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest

from app import clock
from app.database import db
from app.messages.letters import MailWish
from app.messages.queries import wishes_of
from tests.app.messages.makers import a_letter
from tests.marketplace.makers import a_member, a_scheme, coordinator_of

NOTICE = "Emails have been waiting since"


def test_a_coordinator_chooses_topic_by_topic_and_finds_the_choice_again(client, people):
    coordinator = coordinator_of(a_member(a_scheme(people)))
    client.sign_in(coordinator)
    assert "Choose" in client.get("/account").text
    chosen = {"offers": "at_once", "awards": "daily", "outcomes": "never", "memberships": "at_once"}
    chosen |= {"agreement_changes": "at_once", "outside_awards": "at_once"}
    assert client.submit("/account/emails", chosen).status_code == 302
    wishes = wishes_of(coordinator.organisation_id, coordinator.email)
    assert wishes == {"awards": MailWish.DAILY, "outcomes": MailWish.NEVER}
    assert client.get("/account/emails").text.count(" checked") == 6


def test_what_is_no_choice_is_refused_at_its_field(client, people):
    client.sign_in(people["contracts"])
    answer = client.submit("/account/emails", {"suspension_reviews": "whenever", "own_awards": "daily"})
    assert answer.status_code == 422
    assert wishes_of(people.council.id, people["contracts"].email) == {}


def test_nobody_unsubscribes_anybody_without_signing_in(client, people):
    assert client.get("/account/emails").status_code == 302
    assert client.submit("/sign-in", {"offers": "never"}, to="/account/emails").status_code == 302


@pytest.mark.parametrize(
    ("role", "told"), [("admin", True), ("navigator", True), ("broker", True), ("finance", False), ("auditor", False)]
)
def test_those_who_can_do_something_read_on_every_page_that_mail_is_down(client, people, role, told):
    with clock.moved_to(clock.now() - timedelta(minutes=9)):
        a_letter(people, "one@provider.example")
    client.sign_in(people[role])
    assert NOTICE not in client.get("/").text
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        assert (NOTICE in client.get("/").text) is told
        assert (NOTICE in client.get("/inbox").text) is told
        assert client.get("/mail").status_code == (200 if told else 403)


def test_readiness_says_that_mail_waits_and_stays_as_it_was(client, people):
    assert client.get("/readyz").json["mail"] == "well, 0 waiting, 0 held back"
    before = client.get("/readyz").status_code
    a_letter(people, "one@provider.example")
    db.session.rollback()
    with clock.moved_to(clock.now() + timedelta(minutes=30)):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json["mail"]) == (
        before,
        "1 waiting, the oldest for 30 minutes, 0 held back",
    )


@pytest.mark.parametrize(
    ("role", "reads"), [("admin", True), ("contracts", True), ("auditor", True), ("broker", False), ("finance", False)]
)
def test_every_letter_stands_on_a_page_for_those_who_answer_for_them(client, people, house, role, reads):
    client.sign_in(people[role])
    answer = client.get("/letters")
    assert answer.status_code == (200 if reads else 403)
    assert ('href="/letters"' in client.get("/").text) is reads
    if reads:
        text = unescape(answer.text)
        assert text.count("<details") == len(house.letters) > 30
        assert not [letter.name for letter in house.letters if letter.sample().subject not in text]
        assert "Letters that nobody can turn off" in text
        assert "The provider that was awarded the package, and its contacts" in text


def test_the_page_of_waiting_emails_leads_to_the_letters(client, people):
    client.sign_in(people["admin"])
    assert "Every letter that the system sends" in client.get("/mail").text
