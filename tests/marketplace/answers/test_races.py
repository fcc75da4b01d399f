"""Many at once: one issue, one closing, and no answer lost between an answer and the closing of its round."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app import clock
from app.auth.tokens import create_token
from app.database import db
from app.errors import Refusal
from app.messages.models import Message
from app.parties.viewer import viewer_of
from marketplace.answers.rules import ResponseDraft
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue, Offer, OfferLine, Response
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState
from tests.marketplace.answers.makers import submit
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, line_of
from tests.marketplace.rounds.makers import a_sealed_batch

MANY = 8


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def at_once(house, work, count=MANY):
    """Runs the work in so many threads, each with its own session, all starting together."""
    db.session.rollback()  # a writer of our own would keep all of them waiting
    barrier = Barrier(count)

    def run(number):
        with house.app_context():
            barrier.wait()
            try:
                return work(number)
            except Refusal as trouble:
                db.session.rollback()
                return trouble
            finally:
                db.session.remove()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_a_batch_offered_by_many_at_once_goes_out_once(house, people, scheme):
    for _ in range(3):
        a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme), a_package(scheme)])
    db.session.commit()
    headers = {"Authorization": f"Bearer {_token(people)}"}
    address = f"/api/v1/batches/{batch.id}/offer"
    answers = at_once(house, lambda _: house.test_client().post(address, headers=headers).status_code)
    assert sorted(answers) == [201, *[409] * (MANY - 1)]
    counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (Issue, Offer)]
    letters = db.session.scalar(select(func.count()).select_from(Message).where(Message.kind != "token_made"))
    assert [*counts, letters] == [1, 3, 3]


def test_many_nodes_close_one_issue_once(house, scheme):
    providers = [a_member(scheme) for _ in range(3)]
    issue = an_issue(scheme, [a_package(scheme) for _ in range(3)], providers)
    db.session.commit()
    with clock.moved_to(issue.deadline):
        answers = at_once(house, lambda _: close_due())
    assert sum(answers) == 1
    assert db.session.scalar(select(func.count()).select_from(Response)) == 9


def test_an_answer_and_the_closing_of_its_round_never_contradict_each_other(house, people, scheme):
    providers = [a_member(scheme) for _ in range(MANY - 1)]
    issue = an_issue(scheme, [a_package(scheme)], providers)
    package, by = issue.rounds[0].package, people.viewer("broker").actor
    lines = [line_of(issue, package, provider).id for provider in providers]
    yes = ResponseDraft(ResponseKind.ACCEPT, price_pence=2600, earliest_start=package.planned_start)
    issue.deadline = clock.now() + timedelta(hours=1)
    issue_id, deadline = issue.id, issue.deadline
    db.session.commit()

    def answer_or_close(number):
        if number == 0:
            with_deadline_now(issue_id)
            return close_due()
        submit(db.session.get_one(OfferLine, lines[number - 1]), yes, by=by)
        db.session.commit()
        return "taken"

    answers = at_once(house, answer_or_close)
    with clock.moved_to(deadline):
        close_due()
    db.session.expire_all()
    taken = answers.count("taken")
    sent = db.session.scalar(
        select(func.count()).select_from(Response).where(Response.state == ResponseState.SUBMITTED)
    )
    assert sent == taken
    assert issue.rounds[0].state is (RoundState.CLOSED if taken else RoundState.NONE_ACCEPTED)


def with_deadline_now(issue_id):
    """The deadline comes while answers are under way."""
    issue = db.session.get_one(Issue, issue_id)
    issue.deadline = clock.now()
    db.session.commit()


def _token(people):
    user = people["navigator"]
    secret = create_token(user, "test", by=viewer_of(user).actor)
    db.session.commit()
    return secret
