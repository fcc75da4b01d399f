"""A suspension while offers are out: they stay and are flagged, no yes is taken, and all ends with the suspension."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict
from app.messages.models import Message
from marketplace.answers.rules import ResponseDraft
from marketplace.invitations.rules import ReasonCode
from marketplace.membership.models import Membership, Suspension
from marketplace.membership.rules import MembershipState
from marketplace.rounds.issuing import issue_package
from marketplace.rounds.overview import stops_of
from marketplace.rounds.queries import accepting_lines, reasons_by_line
from marketplace.rounds.rules import ResponseKind
from marketplace.rounds.services import close, stop_offers_of
from tests.marketplace.answers.makers import submit
from tests.marketplace.makers import a_lot, a_member, a_package, a_scheme, a_zone, line_of


@pytest.fixture
def by(people):
    return people.viewer("navigator").actor


@pytest.fixture
def scheme(people):
    return a_scheme(people)


@pytest.fixture
def line(scheme, by):
    provider, package = a_member(scheme), a_package(scheme)
    return line_of(issue_package(package, by=by), package, provider)


def a_suspension(scheme, provider, **changes):
    today = clock.today()
    values = {
        "reason": "Missed visits",
        "starts_on": today,
        "review_on": today + timedelta(days=7),
        "ends_on": today + timedelta(days=30),
        "made_by_label": "Contract manager",
        **changes,
    }
    row = Suspension(authority_id=scheme.authority_id, scheme_id=scheme.id, provider_id=provider.id, **values)
    db.session.add(row)
    db.session.flush()
    return row


def yes(line):
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=2600, earliest_start=line.round.package.planned_start)


def stopped_letters():
    return db.session.scalars(select(Message).where(Message.kind == "offer:stopped")).all()


def test_an_open_offer_is_flagged_and_its_provider_told_why(scheme, line):
    stop_offers_of(a_suspension(scheme, line.offer.provider))
    (sentences,) = stops_of([line]).values()
    assert "Missed visits" in sentences[0]
    (letter,) = stopped_letters()
    assert letter.organisation_id == line.offer.provider.organisation_id
    assert db.session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == line.offer_id)).all() == [
        "offer:stopped"
    ]


def test_a_yes_is_refused_with_the_reason_and_a_no_is_taken(scheme, line, by):
    stop_offers_of(a_suspension(scheme, line.offer.provider))
    with pytest.raises(Conflict, match="suspended"):
        submit(line, yes(line), by=by)
    no = ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")
    assert submit(line, no, by=by).kind is ResponseKind.DECLINE


@pytest.mark.parametrize("where", ["another zone", "another lot", "later", "lifted"])
def test_a_suspension_that_does_not_reach_the_offer_stops_nothing(scheme, line, by, where):
    changes = {
        "another zone": lambda: {"zone_id": a_zone(scheme, "Leyland", "PR25 1").id},
        "another lot": lambda: {"lot_id": a_lot(scheme, "respite").id},
        "later": lambda: {
            "starts_on": clock.today() + timedelta(days=9),
            "review_on": clock.today() + timedelta(days=9),
        },
        "lifted": lambda: {"lifted_at": clock.now(), "lifted_because": "Settled"},
    }[where]()
    stop_offers_of(a_suspension(scheme, line.offer.provider, **changes))
    assert stops_of([line]) == {}
    assert stopped_letters() == []
    assert submit(line, yes(line), by=by).kind is ResponseKind.ACCEPT


def test_a_provider_suspended_after_its_yes_is_no_longer_eligible_when_the_award_asks(scheme, line, by):
    submit(line, yes(line), by=by)
    with clock.moved_to(line.offer.issue.deadline):
        close(line.offer.issue)
    (accepted,) = accepting_lines(line.round)
    assert reasons_by_line([accepted]) == {accepted.id: []}
    stop_offers_of(a_suspension(scheme, line.offer.provider))
    assert [reason.code for reason in reasons_by_line([accepted])[accepted.id]] == [ReasonCode.SUSPENDED]


def test_the_flag_goes_by_itself_when_the_suspension_ends(scheme, line):
    suspension = a_suspension(scheme, line.offer.provider)
    assert stops_of([line])
    with clock.moved_to(clock.now() + timedelta(days=31)):
        assert stops_of([line]) == {}
    suspension.lifted_at, suspension.lifted_because = clock.now(), "Settled"
    db.session.flush()
    assert stops_of([line]) == {}


def test_a_provider_that_left_and_joined_again_can_say_yes(scheme, line, by):
    first = db.session.scalars(select(Membership)).one()
    first.state, first.ended_on = MembershipState.LEFT, clock.today()
    db.session.flush()
    with pytest.raises(Conflict, match="no longer a member"):
        submit(line, yes(line), by=by)
    a_member(scheme, line.offer.provider)
    assert submit(line, yes(line), by=by).kind is ResponseKind.ACCEPT
