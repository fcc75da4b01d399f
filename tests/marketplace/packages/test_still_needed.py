"""Where "still needed?" is asked: on the work list and before an offer once a need has grown old, and before the award."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit import SYSTEM
from app.database import db
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import confirm_need
from tests.marketplace.makers import a_member, a_package, a_scheme

OLD = timedelta(days=15)


@pytest.fixture
def scheme(people):
    return a_scheme(people, still_needed_after_days=14)


def asks(client, package) -> tuple[bool, bool]:
    """Whether the work list asks, and whether the page before an offer warns."""
    on_list = f"Ask whether {package.reference} is still needed" in client.get("/").text
    return on_list, "Ask whether it is still needed" in client.get(f"/packages/{package.id}/offer").text


def test_an_old_need_is_asked_about_before_it_is_offered_until_a_yes_and_again_after_a_no(client, people, scheme):
    a_member(scheme)
    package = a_package(scheme, created_at=clock.now() - OLD)
    client.sign_in(people["navigator"])
    assert asks(client, package) == (True, True)
    (yes,) = confirm_need([package], needed=True, with_whom="Daughter", by=SYSTEM)
    db.session.flush()
    assert asks(client, package) == (False, False)
    yes.confirmed_at -= timedelta(hours=1)
    confirm_need([package], needed=False, with_whom="Ward sister", by=SYSTEM)
    db.session.flush()
    assert asks(client, package) == (True, True)


def test_a_young_need_is_not_asked_about(client, people, scheme):
    a_member(scheme)
    package = a_package(scheme)
    client.sign_in(people["navigator"])
    assert asks(client, package) == (False, False)


def test_before_an_award_a_fresh_yes_is_asked_for_whatever_the_age(client, people, scheme):
    package = a_package(scheme, status=PackageStatus.AWAITING_AWARD)
    client.sign_in(people["broker"])
    assert f"Ask whether {package.reference} is still needed" in client.get("/").text
    assert "not older than 24 hours" in client.get(f"/packages/{package.id}").text
