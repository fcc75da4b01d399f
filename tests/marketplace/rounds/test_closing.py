"""How rounds end: at the deadline, early, by withdrawal; and what becomes of packages, batches and the seed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from app.errors import Conflict, Invalid
from app.messages.models import Message
from marketplace.answers.rules import ResponseDraft
from marketplace.batches.rules import BatchState
from marketplace.packages.rules import PackageStatus, Urgency
from marketplace.packages.services import mark_unsourced
from marketplace.rounds.issuing import issue_batch, issue_package
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import DeadlineChange, Issue, OfferLine, Response, Round
from marketplace.rounds.queries import accepting_lines, counts_of_answers
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState
from marketplace.rounds.services import (
    close,
    close_early,
    end_rounds,
    extend,
    reopen_round,
    withdraw_issue,
    withdraw_round_of,
)
from tests.marketplace.answers.makers import save_draft, submit
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, line_of, utc
from tests.marketplace.rounds.makers import a_sealed_batch

SECOND = timedelta(seconds=1)


@pytest.fixture
def by(people):
    return people.viewer("navigator").actor


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def yes(line, pence=2600):
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=pence, earliest_start=line.round.package.planned_start)


def messages(kind):
    return db.session.scalars(select(Message).where(Message.kind == kind)).all()


def test_before_the_deadline_nothing_closes_and_at_it_everything_does(scheme, by):
    provider, package = a_member(scheme), a_package(scheme)
    issue = issue_package(package, by=by)
    submit(line_of(issue, package, provider), yes(line_of(issue, package, provider)), by=by)
    db.session.commit()
    with clock.moved_to(issue.deadline - SECOND):
        assert close_due() == 0
        with pytest.raises(Conflict, match="can still answer"):
            close(issue)
    with clock.moved_to(issue.deadline):
        assert close_due() == 1
        assert close_due() == 0
    db.session.expire_all()
    assert (issue.state, issue.rounds[0].state) == (OfferState.CLOSED, RoundState.CLOSED)
    assert issue.rounds[0].closed_at == issue.deadline
    assert package.status is PackageStatus.AWAITING_AWARD
    assert issue.seed_shown == issue.seed


def test_an_answer_a_second_before_the_deadline_is_taken_and_at_it_refused_in_the_night_of_25_october(scheme, by):
    provider = a_member(scheme)
    package = a_package(scheme, planned_start=utc(2026, 11, 20).date())
    issued_at = utc(2026, 10, 24, 0, 30)
    deadline = issued_at + timedelta(hours=25, minutes=0)  # 01:30 GMT, half an hour after 01:30 BST + 30 minutes
    issue = an_issue(scheme, [package], [provider], issued_at=issued_at, deadline=deadline)
    line = line_of(issue, package, provider)
    with clock.moved_to(deadline - timedelta(hours=1)):
        submit(line, yes(line, 2500), by=by)
    with clock.moved_to(deadline - SECOND):
        submit(line, yes(line, 2600), by=by)
        db.session.commit()
        assert close_due() == 0
    with clock.moved_to(deadline):
        with pytest.raises(Conflict, match="GMT"):
            submit(line, yes(line, 2700), by=by)
        db.session.rollback()
        assert close_due() == 1
    assert [one.response.price_pence for one in accepting_lines(issue.rounds[0])] == [2600]


def test_hours_of_a_window_are_elapsed_hours_when_the_clocks_go_back(scheme, by):
    a_member(scheme)
    package = a_package(scheme, urgency=Urgency.STANDARD, planned_start=utc(2026, 11, 20).date())
    with clock.moved_to(utc(2026, 10, 24, 9, 0)):
        issue = issue_package(package, by=by)
    assert issue.deadline == utc(2026, 10, 25, 9, 0)


def test_drafts_and_silence_become_no_response(scheme, by):
    wrote, silent, said_no = (a_member(scheme) for _ in range(3))
    package = a_package(scheme)
    issue = an_issue(scheme, [package], [wrote, silent, said_no])
    save_draft(line_of(issue, package, wrote), yes(line_of(issue, package, wrote)), by=by)
    draft = ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")
    submit(line_of(issue, package, said_no), draft, by=by)
    with clock.moved_to(issue.deadline):
        close(issue)
    db.session.expire_all()
    states = {one: line_of(issue, package, one).response.state for one in (wrote, silent, said_no)}
    assert states == {
        wrote: ResponseState.NO_RESPONSE,
        silent: ResponseState.NO_RESPONSE,
        said_no: ResponseState.SUBMITTED,
    }
    assert counts_of_answers(issue) == {issue.rounds[0].id: {"yes": 0, "no": 1, "none": 2}}
    assert (issue.rounds[0].state, package.status) == (RoundState.NONE_ACCEPTED, PackageStatus.UNSOURCED)


def test_a_batch_settles_package_by_package(scheme, by):
    provider = a_member(scheme)
    wanted, unwanted = a_package(scheme), a_package(scheme)
    batch = a_sealed_batch(scheme, [wanted, unwanted])
    issue = issue_batch(batch, by=by)
    submit(line_of(issue, wanted, provider), yes(line_of(issue, wanted, provider)), by=by)
    with clock.moved_to(issue.deadline):
        close(issue)
        assert (wanted.status, unwanted.status) == (PackageStatus.AWAITING_AWARD, PackageStatus.UNSOURCED)
        assert batch.state is BatchState.OFFERED
        mark_unsourced([wanted], by=by, because="None suited.")
        last = next(one for one in issue.rounds if one.package_id == wanted.id)
        end_rounds({last: "None suited."}, RoundState.NONE_SUITABLE, by=by)
    assert batch.state is BatchState.SETTLED


def test_what_is_left_of_a_batch_can_be_offered_again_at_once(scheme, by):
    a_member(scheme)
    first, second = a_package(scheme), a_package(scheme)
    issue = issue_batch(a_sealed_batch(scheme, [first, second]), by=by)
    with clock.moved_to(issue.deadline):
        close(issue)
        again = issue_package(first, by=by, changed_since="A later start")
    assert (again.rounds[0].number, first.status) == (2, PackageStatus.ON_OFFER)


def test_prices_are_sealed_until_the_round_is_closed(scheme, by):
    provider, package = a_member(scheme), a_package(scheme)
    issue = issue_package(package, by=by)
    submit(line_of(issue, package, provider), yes(line_of(issue, package, provider)), by=by)
    with pytest.raises(Conflict, match="sealed until"):
        accepting_lines(issue.rounds[0])
    with clock.moved_to(issue.deadline):
        with pytest.raises(Conflict, match="being gathered"):
            accepting_lines(issue.rounds[0])
        close(issue)
        assert [line.offer.provider_id for line in accepting_lines(issue.rounds[0])] == [provider.id]


def test_closing_early_moves_the_deadline_to_now_and_tells_everybody(scheme, by):
    for _ in range(3):
        a_member(scheme)
    issue = issue_package(a_package(scheme), by=by)
    was = issue.deadline
    with clock.moved_to(issue.issued_at + timedelta(hours=2)):
        close_early(issue, "All have answered.", by=by)
        assert issue.deadline == clock.now()
    change = db.session.scalars(select(DeadlineChange)).one()
    assert (change.was, change.becomes, issue.first_deadline) == (was, issue.deadline, was)
    assert len(messages("offer:closed_early")) == 3


def test_an_extension_gives_everybody_more_time_and_tells_everybody(scheme, by):
    members = [a_member(scheme) for _ in range(3)]
    issue = issue_package(a_package(scheme), by=by)
    was, later = issue.deadline, issue.deadline + timedelta(hours=3)
    extend(issue, later, "The first emails were late.", by=by)
    db.session.commit()
    assert {one.organisation_id for one in messages("offer:extended")} == {one.organisation_id for one in members}
    with clock.moved_to(was):
        assert close_due() == 0
    with clock.moved_to(later):
        assert close_due() == 1


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        (timedelta(0), "More time", "deadline"),
        (timedelta(hours=-1), "More time", "deadline"),
        (timedelta(days=70), "More time", "deadline"),
        (timedelta(hours=1), "  ", "reason"),
        (timedelta(hours=1), "Ring 01772 555012", "reason"),
        (timedelta(hours=1), "Mrs ZZThornber is away", "reason"),
        (timedelta(hours=1), "The key safe code is 4471 now", "reason"),
        (timedelta(hours=1), "12 canal bank has no water", "reason"),
        (timedelta(hours=1), "Her daughter Susan asked for it", "reason"),
    ],
)
def test_an_extension_must_be_later_and_say_why_without_saying_who(scheme, by, change, reason, field):
    a_member(scheme)
    package = a_package(scheme)
    package.person.name = "Mabel ZZThornber"
    issue = issue_package(package, by=by)
    with pytest.raises(Invalid) as refusal:
        extend(issue, issue.deadline + change, reason, by=by)
    assert set(refusal.value.errors) == {field}


def test_taking_back_and_closing_early_say_why_without_saying_who_too(scheme, by):
    a_member(scheme)
    package = a_package(scheme)
    package.person.known_as = "ZZPeg"
    issue = issue_package(package, by=by)
    for act in (withdraw_issue, close_early):
        with pytest.raises(Invalid, match="Providers will read this"):
            act(issue, "ZZPeg is in hospital", by=by)


def test_at_the_deadline_nothing_can_be_extended_or_withdrawn(scheme, by):
    a_member(scheme)
    issue = issue_package(a_package(scheme), by=by)
    with clock.moved_to(issue.deadline):
        for act in (
            lambda: extend(issue, issue.deadline + timedelta(days=1), "More time", by=by),
            lambda: withdraw_issue(issue, "Not needed", by=by),
        ):
            with pytest.raises(Conflict, match="deadline was"):
                act()


def test_a_withdrawn_offer_frees_its_packages_and_tells_everybody(scheme, by):
    provider = a_member(scheme)
    package = a_package(scheme)
    batch = a_sealed_batch(scheme, [package])
    issue = issue_batch(batch, by=by)
    withdraw_issue(issue, "The wrong lot was offered.", by=by)
    db.session.expire_all()
    assert (issue.state, issue.rounds[0].state) == (OfferState.WITHDRAWN, RoundState.WITHDRAWN)
    assert (package.status, batch.state) == (PackageStatus.READY, BatchState.SETTLED)
    assert "wrong lot" in messages("offer:withdrawn")[0].body
    line = line_of(issue, package, provider)
    with pytest.raises(Conflict, match="taken this package back"):
        submit(line, yes(line), by=by)


def test_a_withdrawn_package_leaves_the_others_on_offer_and_its_reason_untold(scheme, by):
    a_member(scheme)
    gone, stays = a_package(scheme), a_package(scheme)
    issue = issue_batch(a_sealed_batch(scheme, [gone, stays]), by=by)
    gone.status, gone.status_reason = PackageStatus.WITHDRAWN, "Mabel died."
    withdraw_round_of(gone, "Mabel died.", by)
    db.session.expire_all()
    states = {one.package_id: one.state for one in issue.rounds}
    assert states == {gone.id: RoundState.WITHDRAWN, stays.id: RoundState.OPEN}
    assert issue.state is OfferState.OPEN
    (told,) = messages("offer:package_withdrawn")
    assert "died" not in told.body
    assert gone.reference in told.body


def test_with_its_last_package_the_whole_offer_is_withdrawn(scheme, by):
    a_member(scheme)
    package = a_package(scheme)
    issue = issue_package(package, by=by)
    package.status, package.status_reason = PackageStatus.WITHDRAWN, "No longer needed."
    withdraw_round_of(package, "No longer needed.", by)
    assert issue.state is OfferState.WITHDRAWN


def test_a_package_that_went_another_way_is_left_where_it_is_at_the_deadline(scheme, by):
    a_member(scheme)
    held, other = a_package(scheme), a_package(scheme)
    issue = issue_batch(a_sealed_batch(scheme, [held, other]), by=by)
    held.status = PackageStatus.ON_HOLD
    db.session.flush()
    with clock.moved_to(issue.deadline):
        close(issue)
    assert (held.status, other.status) == (PackageStatus.ON_HOLD, PackageStatus.UNSOURCED)
    states = {one.package_id: one.state for one in issue.rounds}
    assert states == {held.id: RoundState.WITHDRAWN, other.id: RoundState.NONE_ACCEPTED}


def test_of_two_who_end_a_round_one_does(scheme, by):
    issue = an_issue(scheme, [a_package(scheme)], [a_member(scheme)], closed=True)
    end_rounds({issue.rounds[0]: "Awarded."}, RoundState.AWARDED, by=by)
    with pytest.raises(Conflict, match="was awarded"):
        end_rounds({issue.rounds[0]: "None suited."}, RoundState.NONE_SUITABLE, by=by)
    reopen_round(issue.rounds[0], "The winner withdrew.", by=by)
    assert issue.rounds[0].state is RoundState.CLOSED


def test_every_issue_that_is_due_is_closed_in_one_pass(scheme, by):
    a_member(scheme)
    first, second = (issue_package(a_package(scheme), by=by) for _ in range(2))
    db.session.commit()
    with clock.moved_to(max(first.deadline, second.deadline)):
        assert close_due() == 2
    assert db.session.scalars(select(Issue.state)).all() == [OfferState.CLOSED, OfferState.CLOSED]
    assert db.session.scalars(select(Round.state)).all() == [RoundState.NONE_ACCEPTED] * 2
    assert len(db.session.scalars(select(Response).join(OfferLine)).all()) == 2
