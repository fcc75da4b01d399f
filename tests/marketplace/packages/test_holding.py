"""A package put on hold before its award: its batch lets go of it, its round ends and those asked are told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.database import db
from app.messages.models import Message
from marketplace.batches.models import BatchPackage
from marketplace.batches.rules import BatchState
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import hold, release
from marketplace.rounds.issuing import issue_batch, issue_package
from marketplace.rounds.rules import OfferState, RoundState
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue
from tests.marketplace.packages.makers import a_team
from tests.marketplace.rounds.makers import a_sealed_batch

BECAUSE = "Went into hospital"


@pytest.fixture
def by(people):
    return people.viewer("navigator").actor


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def told() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == "offer:package_withdrawn")))


def test_a_batch_lets_go_of_it_without_the_words_typed_and_of_its_last_one_is_given_up(scheme, by):
    first, second = a_package(scheme), a_package(scheme)
    batch = a_sealed_batch(scheme, [first, second])
    hold(first, because=BECAUSE, by=by)
    assert (batch.state, batch.packages) == (BatchState.SEALED, [second])
    place = db.session.scalars(select(BatchPackage).where(BatchPackage.package_id == first.id)).one()
    assert (place.removed_because, place.lifted) == ("The council put the package on hold.", False)
    hold(second, because=BECAUSE, by=by)
    assert (batch.state, batch.discarded_because) == (BatchState.DISCARDED, "Its last package is on hold now.")


def test_its_round_ends_and_those_asked_are_told_but_not_why(scheme, by):
    a_member(scheme)
    held, stays = a_package(scheme), a_package(scheme)
    issue = issue_batch(a_sealed_batch(scheme, [held, stays]), by=by)
    hold(held, because=BECAUSE, by=by)
    db.session.expire_all()
    assert {one.package_id: one.state for one in issue.rounds} == {
        held.id: RoundState.WITHDRAWN,
        stays.id: RoundState.OPEN,
    }
    assert (issue.state, stays.status) == (OfferState.OPEN, PackageStatus.ON_OFFER)
    (message,) = told()
    assert held.reference in message.body
    assert "hospital" not in message.body


def test_after_the_deadline_it_can_still_be_put_on_hold_before_an_award(scheme, by):
    package = a_package(scheme)
    issue = an_issue(scheme, [package], [a_member(scheme), a_member(scheme)], closed=True)
    hold(package, because=BECAUSE, by=by)
    assert (package.status, issue.rounds[0].state) == (PackageStatus.ON_HOLD, RoundState.WITHDRAWN)
    assert len(told()) == 2


def test_released_it_is_ready_and_can_be_offered_in_a_new_round(people, scheme, by):
    a_member(scheme)
    package = a_package(scheme, referring_team_id=a_team(people).id)
    issue_package(package, by=by)
    hold(package, because=BECAUSE, by=by)
    release(package, by=by)
    assert package.status is PackageStatus.READY
    again = issue_package(package, by=by, changed_since="Home again")
    assert [one.number for one in again.rounds] == [2]


def test_the_page_puts_a_package_on_offer_on_hold(client, people, scheme, by):
    a_member(scheme)
    package = a_package(scheme)
    issue_package(package, by=by)
    db.session.commit()
    client.sign_in(people["navigator"])
    page = f"/packages/{package.id}"
    assert "Put on hold" in client.get(page).text
    assert client.submit(f"{page}/hold", {"because": BECAUSE}).status_code == 302
    assert "Take off hold" in client.get(page).text
