"""Agreements are made once, cost what their lines say, and start, end and are cancelled each in one way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from contracts.agreements.jobs import start_due
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from contracts.agreements.services import cancel_before_start, cancel_for_withdrawn_package, end, put_in_force, start
from marketplace.packages.models import Funder, FundingShare
from marketplace.packages.rules import PackageStatus
from tests.contracts.agreements.makers import an_agreement, terms_for
from tests.marketplace.makers import a_member, a_package, a_scheme


def test_the_first_version_holds_the_visits_the_lines_and_the_weekly_cost(session, people):
    agreement = an_agreement(people, visits="Mon-Fri 07:00-10:00 30x1; Sat,Sun 12:00-14:00 45x2; Mon 18:00-20:00 30x1")
    (version,) = agreement.versions
    assert (version.number, version.weekly_minutes, len(version.visits)) == (1, 360, 8)
    assert [(line["name"], line["visits_per_week"], line["pence"]) for line in version.lines] == [
        ("Visits of 30 minutes, 1 carer", 6, 7800),
        ("Visits of 45 minutes, 2 carers", 2, 7800),
    ]
    assert version.weekly_cost_pence == 15_600
    assert [(share["funder"], share["percent"]) for share in version.funding] == [("council", 100)]


def test_the_funding_is_that_of_the_first_day(session, people):
    scheme = a_scheme(people)
    package = a_package(scheme, status=PackageStatus.AWARDED)
    start_day = package.planned_start
    package.funding[0].ends_on = start_day + timedelta(days=9)
    for funder, percent in ((Funder.COUNCIL, 30), (Funder.HEALTH, 70)):
        share = {"funder": funder, "percent": percent, "starts_on": start_day + timedelta(days=10)}
        db.session.add(FundingShare(authority_id=package.authority_id, package_id=package.id, **share))
    db.session.flush()
    terms = terms_for(package, a_member(scheme), starts_on=start_day + timedelta(days=10))
    (agreement,) = put_in_force([terms], by=SYSTEM)
    db.session.flush()
    assert [(one["funder"], one["percent"]) for one in agreement.versions[0].funding] == [
        ("council", 30),
        ("health", 70),
    ]


def test_an_agreement_without_the_whole_funding_is_refused(session, people):
    scheme = a_scheme(people)
    package = a_package(scheme, status=PackageStatus.AWARDED)
    package.funding[0].percent = 60
    db.session.flush()
    with pytest.raises(Conflict, match="100 per cent"):
        put_in_force([terms_for(package, a_member(scheme))], by=SYSTEM)


def test_a_package_never_has_two_agreements_in_force(session, people):
    agreement = an_agreement(people)
    terms = terms_for(agreement.package, a_member(agreement.package.scheme))
    with pytest.raises(Conflict, match="already has an agreement"):
        put_in_force([terms], by=SYSTEM)
    cancel_before_start(agreement, "The provider stepped back.", by=SYSTEM)
    assert put_in_force([terms], by=SYSTEM)[0].state is AgreementState.AWAITING_START


def test_care_begins_by_itself_on_the_first_day_and_not_before(session, people):
    agreement = an_agreement(people)
    assert start_due() == 0
    with pytest.raises(Conflict):
        start(agreement, by=SYSTEM)
    with clock.moved_to(clock.now() + timedelta(days=14)):
        assert (start_due(), start_due()) == (1, 0)
    db.session.expire_all()
    agreement = db.session.query(Agreement).one()
    assert (agreement.state, agreement.package.status) == (AgreementState.RUNNING, PackageStatus.RUNNING)


def test_care_that_began_is_not_cancelled_but_ended(session, people):
    agreement = an_agreement(people, starts_on=clock.today())
    start(agreement, by=SYSTEM)
    with pytest.raises(Conflict, match="Care is being given"):
        cancel_before_start(agreement, "Too late", by=SYSTEM)
    with pytest.raises(Invalid):
        end(agreement, clock.today() + timedelta(days=1), "Moved away", by=SYSTEM)
    end(agreement, clock.today(), "Moved away", by=SYSTEM)
    assert (agreement.state, agreement.package.status) == (AgreementState.ENDED, PackageStatus.ENDED)


def test_a_withdrawn_package_cancels_the_agreement_that_waits_for_its_start(session, people):
    agreement = an_agreement(people)
    cancel_for_withdrawn_package(agreement.package, "Went into a care home", SYSTEM)
    assert agreement.state is AgreementState.CANCELLED
    with pytest.raises(Conflict):
        cancel_before_start(agreement, "Again", by=SYSTEM)
