"""Who declined is told how the round ended, also where nobody said yes and so nobody awards."""

from __future__ import annotations

from sqlalchemy import func, select

from app import clock
from app.database import db
from app.messages.models import Message
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.services import write_due
from marketplace.rounds.jobs import close_due
from tests.marketplace.makers import a_member, a_package, a_response, a_scheme, an_issue, line_of


def letters() -> int | None:
    return db.session.scalar(select(func.count()).select_from(FeedbackLetter))


def test_where_nobody_said_yes_everybody_who_declined_is_told_once(people):
    scheme = a_scheme(people)
    declined, silent = a_member(scheme), a_member(scheme)
    package, organisation_id = a_package(scheme), declined.organisation_id
    issue = an_issue(scheme, [package], [declined, silent])
    a_response(line_of(issue, package, declined), decline="travel")
    db.session.commit()
    assert write_due() == 0
    with clock.moved_to(issue.deadline):
        close_due()
        assert (write_due(), write_due()) == (1, 0)
    assert letters() == 1
    told = db.session.scalars(select(Message.organisation_id).where(Message.kind == "feedback:outcome")).all()
    assert told == [organisation_id]
