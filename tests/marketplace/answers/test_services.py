"""Answers: what is taken, until when, what is kept of it and what the audit may know."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit.models import AuditEntry, AuditFact
from app.database import db
from app.errors import Conflict, Invalid
from app.parties.viewer import viewer_of
from marketplace.answers import services
from marketplace.answers.lines import locked_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.membership.models import Membership, Pause, Suspension
from marketplace.membership.rules import MembershipState
from marketplace.rounds.models import Issue, OfferLine, Response
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState
from marketplace.rounds.services import close
from tests.marketplace.answers.makers import (
    accept_all,
    decline_all,
    record_answer,
    save_draft,
    submit,
    withdraw_response,
)
from tests.marketplace.makers import (
    a_member,
    a_package,
    a_provider,
    a_scheme,
    a_zone,
    an_issue,
    coordinator_of,
    line_of,
    utc,
)


@pytest.fixture
def offered(session, people):
    """A line of one package offered to one member, and its coordinator."""
    return Offered(people)


class Offered:
    def __init__(self, people, packages=1, deadline=None, **issue):
        self.scheme = a_scheme(people)
        self.provider = a_provider()
        self.member = a_member(self.scheme, self.provider)
        self.packages = [a_package(self.scheme) for _ in range(packages)]
        self.issue = an_issue(self.scheme, self.packages, [self.provider], deadline=deadline, **issue)
        self.by = viewer_of(coordinator_of(self.provider)).actor
        db.session.commit()

    @property
    def line(self):
        return line_of(self.issue, self.packages[0], self.provider)

    @property
    def offer(self):
        return self.line.offer


def a_yes(price=2650, start=None, **changes):
    start = start or clock.today() + timedelta(days=14)
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=price, earliest_start=start, **changes)


def a_no(code="at_capacity", text=""):
    return ResponseDraft(ResponseKind.DECLINE, decline_code=code, decline_text=text)


def audit_facts(tag):
    query = select(AuditFact.facts).join(AuditEntry, AuditFact.entry_id == AuditEntry.id).where(AuditEntry.tag == tag)
    return db.session.scalars(query).all()


def test_a_yes_is_taken_with_its_price_and_start(offered):
    response = submit(offered.line, a_yes(2650), by=offered.by)
    assert (response.state, response.price_pence, response.version) == (ResponseState.SUBMITTED, 2650, 1)
    assert response.submitted_at is not None
    assert offered.offer.opened_at is not None


def test_an_incomplete_draft_is_kept_and_does_not_count(offered):
    response = save_draft(offered.line, ResponseDraft(ResponseKind.ACCEPT, note="ask Sam"), by=offered.by)
    assert (response.state, response.submitted_at, response.note) == (ResponseState.DRAFT, None, "ask Sam")


def test_a_sent_answer_can_be_changed_taken_back_and_sent_again(offered):
    submit(offered.line, a_yes(2650), by=offered.by)
    changed = submit(offered.line, a_yes(2600), by=offered.by)
    assert (changed.price_pence, changed.version) == (2600, 2)
    taken_back = withdraw_response(offered.line, by=offered.by)
    assert taken_back.state is ResponseState.WITHDRAWN
    again = submit(offered.line, a_no(), by=offered.by)
    assert (again.state, again.kind, again.price_pence) == (ResponseState.SUBMITTED, ResponseKind.DECLINE, None)
    assert again.withdrawn_at is None


def test_a_draft_never_replaces_an_answer_that_was_sent(offered):
    submit(offered.line, a_yes(), by=offered.by)
    with pytest.raises(Conflict, match="has been sent"):
        save_draft(offered.line, a_no(), by=offered.by)


def test_taking_back_what_was_never_sent_is_refused_in_words(offered):
    save_draft(offered.line, a_yes(), by=offered.by)
    with pytest.raises(Conflict, match="No answer was sent"):
        withdraw_response(offered.line, by=offered.by)


def test_one_second_before_the_deadline_is_in_time_and_the_deadline_itself_is_too_late(offered):
    deadline, line = offered.issue.deadline, offered.line
    with clock.moved_to(deadline - timedelta(seconds=1)):
        submit(line, a_yes(), by=offered.by)
    with clock.moved_to(deadline):
        for late in (
            lambda: submit(line, a_yes(2500), by=offered.by),
            lambda: save_draft(line, a_no(), by=offered.by),
            lambda: withdraw_response(line, by=offered.by),
        ):
            with pytest.raises(Conflict, match="The deadline was"):
                late()
    assert line.response.price_pence == 2650


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (utc(2026, 10, 25, 0, 30), "Sunday 25 October 2026 at 1:30am BST"),
        (utc(2026, 10, 25, 1, 30), "Sunday 25 October 2026 at 1:30am GMT"),
    ],
)
def test_in_the_night_when_clocks_go_back_both_half_past_ones_are_told_apart(session, people, deadline, words):
    with clock.moved_to(deadline - timedelta(hours=24)):
        offered = Offered(people, deadline=deadline)
        line = offered.line
    with clock.moved_to(deadline - timedelta(seconds=1)):
        submit(line, a_yes(), by=offered.by)
    with clock.moved_to(deadline), pytest.raises(Conflict, match=words):
        submit(line, a_yes(2500), by=offered.by)


def test_a_closed_or_withdrawn_round_takes_no_answer(offered):
    offered.line.round.state = RoundState.CLOSED
    db.session.flush()
    with pytest.raises(Conflict, match="round is closed"):
        submit(offered.line, a_yes(), by=offered.by)
    withdrawn = offered.line.round
    withdrawn.state, withdrawn.ended_at = RoundState.WITHDRAWN, clock.now()
    db.session.flush()
    with pytest.raises(Conflict, match="taken this package back"):
        submit(offered.line, a_no(), by=offered.by)


@pytest.mark.parametrize("price", [2199, 3301, 0, None])
def test_a_price_outside_the_band_is_refused_at_the_price(offered, price):
    with pytest.raises(Invalid) as refusal:
        submit(offered.line, a_yes(price), by=offered.by)
    assert list(refusal.value.errors) == ["price"]


def test_a_decline_that_needs_words_is_refused_without_them(offered):
    with pytest.raises(Invalid) as refusal:
        submit(offered.line, a_no("other"), by=offered.by)
    assert list(refusal.value.errors) == ["decline_text"]
    assert submit(offered.line, a_no("other", "No car"), by=offered.by).decline_text == "No car"


@pytest.mark.parametrize("name", ["alternative_times", "people_nearby_text", "note"])
@pytest.mark.parametrize(
    "text",
    [
        "Ring 01772 123456", "She lives at PR1 8XJ", "NHS 999 000 0018", "We know her, she is at 7 Weavers Row",
        "The door code is 4471", "Her daughter Susan rang us", "Born 17/4/38",
    ],
)  # fmt: skip
def test_a_text_that_could_identify_somebody_is_refused_at_its_field_and_only_when_sent(offered, name, text):
    draft = a_yes(**{name: text}, **({"other_visits": "Mon 10:30-11:30 45x1"} if name == "alternative_times" else {}))
    save_draft(offered.line, draft, by=offered.by)
    with pytest.raises(Invalid) as refusal:
        submit(offered.line, draft, by=offered.by)
    assert list(refusal.value.errors) == [name]


def test_a_text_too_long_or_unreadable_is_refused_even_as_a_draft(offered):
    for text in ("x" * 1001, "a\x00b"):
        with pytest.raises(Invalid) as refusal:
            save_draft(offered.line, a_yes(note=text), by=offered.by)
        assert list(refusal.value.errors) == ["note"]


def suspended(offered):
    today = clock.today()
    values = {"scheme_id": offered.scheme.id, "provider_id": offered.provider.id, "reason": "Concerns"}
    dates = {"starts_on": today, "review_on": today, "ends_on": today + timedelta(days=30)}
    return Suspension(authority_id=offered.scheme.authority_id, made_by_label="Test", **values, **dates)


def paused(offered):
    values = {"scheme_id": offered.scheme.id, "provider_id": offered.provider.id}
    return Pause(authority_id=offered.scheme.authority_id, **values)


@pytest.mark.parametrize(("stop", "word"), [(suspended, "suspended"), (paused, "paused")])
def test_a_suspended_or_paused_member_cannot_say_yes_but_can_decline(offered, stop, word):
    db.session.add(stop(offered))
    db.session.flush()
    with pytest.raises(Conflict, match=word):
        submit(offered.line, a_yes(), by=offered.by)
    assert submit(offered.line, a_no(), by=offered.by).kind is ResponseKind.DECLINE


def test_a_removed_member_cannot_say_yes(offered):
    membership = db.session.scalars(select(Membership)).one()
    membership.state, membership.ended_on, membership.ended_because = MembershipState.REMOVED, date(2026, 1, 1), "x"
    db.session.flush()
    with pytest.raises(Conflict, match="no longer a member"):
        submit(offered.line, a_yes(), by=offered.by)


def test_a_stale_page_is_told_so_and_changes_nothing(offered):
    submit(offered.line, a_yes(2650), by=offered.by, expected_version=0)
    with pytest.raises(Conflict, match="changed this answer"):
        submit(offered.line, a_yes(2700), by=offered.by, expected_version=0)
    assert offered.line.response.price_pence == 2650


def test_the_same_answer_again_is_the_same_answer(offered):
    first = submit(offered.line, a_yes(), by=offered.by, expected_version=0)
    again = submit(offered.line, a_yes(), by=offered.by, expected_version=0)
    assert (again.id, again.version) == (first.id, 1)
    assert len(audit_facts("response:sent")) == 1


def test_a_double_submit_makes_one_response(offered, house):
    line_id, draft, outcomes = offered.line.id, a_yes(), []

    def send():
        with house.app_context():
            submit(db.session.get_one(OfferLine, line_id), draft, by=offered.by, expected_version=0)
            db.session.commit()
            outcomes.append("sent")

    db.session.rollback()
    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["sent"] * 8
    assert db.session.scalar(select(func.count()).select_from(Response)) == 1
    assert len(audit_facts("response:sent")) == 1


def test_an_offer_answered_as_a_whole_by_several_at_once_has_one_answer_to_each_package(session, people, house):
    offered, outcomes = Offered(people, packages=3), []
    offer_id = offered.offer.id

    def send(price):
        with house.app_context():
            services.answer_all(offer_id, services.accepting(price, None), services.Manner(offered.by))
            db.session.commit()
            outcomes.append("sent")

    db.session.rollback()
    threads = [threading.Thread(target=send, args=(2600 + number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["sent"] * 8
    assert db.session.scalars(select(Response.version)).all() == [8] * 3
    assert (len(audit_facts("response:sent")), len(audit_facts("response:changed"))) == (3, 21)


def test_a_pause_in_one_zone_stops_every_answer_to_all_that_says_yes_there(session, people):
    offered = Offered(people, packages=2)
    stop, zone = paused(offered), a_zone(offered.scheme, "Ribble")
    stop.zone_id = offered.packages[1].zone_id = zone.id
    db.session.add(stop)
    db.session.flush()
    with pytest.raises(Conflict, match="paused"):
        accept_all(offered.offer, 2600, None, by=offered.by)
    assert decline_all(offered.offer, "at_capacity", "", by=offered.by) == 2


def test_closing_waits_for_an_answer_that_has_arrived(offered, house):
    issue_id, line, deadline, closed = offered.issue.id, offered.line, offered.issue.deadline, threading.Event()

    def close_now():
        with house.app_context():
            close(db.session.get_one(Issue, issue_id))
            db.session.commit()
            closed.set()

    with clock.moved_to(deadline - timedelta(seconds=1)):
        submit(line, a_yes(), by=offered.by)
    with clock.moved_to(deadline):
        closing = threading.Thread(target=close_now)
        closing.start()
        assert not closed.wait(0.3)
        db.session.commit()
        closing.join()
    db.session.rollback()
    assert closed.is_set()
    assert (line.round.state, line.response.state) == (RoundState.CLOSED, ResponseState.SUBMITTED)


def test_the_audit_holds_a_digest_of_the_price_and_never_the_price(offered):
    response = submit(offered.line, a_yes(2713), by=offered.by)
    (facts,) = audit_facts("response:sent")
    assert "2713" not in str(facts)
    assert "27.13" not in str(facts)
    assert facts["price"] == services.price_digest(offered.issue.seed, offered.line.id, response.version, 2713)


def test_several_offers_of_one_provider_are_answered_in_one_act_and_one_that_is_late_stops_all(session, people):
    early = Offered(people, deadline=clock.now() + timedelta(hours=1))
    offers = [an_issue(early.scheme, [a_package(early.scheme)], [early.provider]) for _ in range(2)]
    lines = [early.line, *(line_of(issue, issue.rounds[0].package, early.provider) for issue in offers)]
    offer_ids, line_ids = [line.offer_id for line in lines], [line.id for line in lines]

    def answer():
        locked = locked_lines(offer_ids, line_ids)
        services.record([services.LineAnswer(line, a_yes(2650)) for line in locked], services.Manner(early.by))

    with clock.moved_to(clock.now() + timedelta(hours=2)), pytest.raises(Conflict):
        answer()
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0
    answer()
    assert set(db.session.scalars(select(Response.state))) == {ResponseState.SUBMITTED}
    assert all(line.offer.opened_at is not None for line in lines)


def test_declining_all_answers_every_package_that_is_still_open(session, people):
    offered = Offered(people, packages=3)
    closed = line_of(offered.issue, offered.packages[2], offered.provider)
    closed.round.state, closed.round.ended_at = RoundState.WITHDRAWN, clock.now()
    db.session.flush()
    assert decline_all(offered.offer, "at_capacity", "", by=offered.by) == 2
    sent = [line.response.decline_code for line in offered.offer.lines if line.response]
    assert sent == ["at_capacity"] * 2
    assert closed.response is None


def test_accepting_all_uses_the_start_each_package_asks_for(session, people):
    offered = Offered(people, packages=2)
    offered.packages[1].planned_start += timedelta(days=3)
    db.session.flush()
    accept_all(offered.offer, 2600, None, by=offered.by)
    lines = offered.offer.lines
    assert [line.response.earliest_start for line in lines] == [line.round.package.planned_start for line in lines]
    assert sorted(facts["package"] for facts in audit_facts("response:sent")) == sorted(
        package.reference for package in offered.packages
    )


def test_accepting_all_replaces_what_was_sent_before_and_sends_what_was_not(session, people):
    offered = Offered(people, packages=2)
    submit(offered.line, a_yes(2500), by=offered.by)
    assert accept_all(offered.offer, 2600, None, by=offered.by) == 2
    assert sorted((line.response.price_pence, line.response.version) for line in offered.offer.lines) == [
        (2600, 1),
        (2600, 2),
    ]


def test_nothing_is_sent_of_an_answer_to_all_that_comes_too_late(session, people):
    offered = Offered(people, packages=2)
    with clock.moved_to(offered.issue.deadline), pytest.raises(Conflict, match="deadline"):
        decline_all(offered.offer, "at_capacity", "", by=offered.by)
    assert db.session.scalars(select(Response)).all() == []


def test_accepting_all_at_a_price_outside_the_band_names_the_package(session, people):
    offered = Offered(people, packages=2)
    with pytest.raises(Invalid, match="PKG-"):
        accept_all(offered.offer, 100, None, by=offered.by)


def test_an_answer_heard_by_phone_keeps_who_entered_it_when_the_provider_changes_it(offered, people):
    officer = people.viewer("navigator")
    by_phone = services.Manner(officer.actor, "phone", entered_by=officer.user_id, spoken_at=clock.now())
    record_answer(offered.line, a_yes(), by_phone)
    changed = submit(offered.line, a_yes(2500), by=offered.by)
    assert (changed.came_by, changed.entered_by) == ("page", officer.user_id)
