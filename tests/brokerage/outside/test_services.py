"""Awards outside the system: asked for, agreed by somebody else, and an agreement like any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.messages.models import Message
from brokerage.outside import services
from brokerage.outside.models import OutsideAward
from brokerage.outside.queries import shares_by_month
from brokerage.outside.rules import OutsideGround, OutsideState
from contracts.agreements.models import Agreement
from contracts.agreements.rules import AgreementState
from marketplace.packages import services as packages
from marketplace.packages.rules import PackageStatus
from marketplace.providers.models import Provider
from marketplace.vocabulary import Rating
from tests.brokerage.allocation.makers import CONFIRMED, actor, award, ready
from tests.brokerage.outside.makers import agree, an_unsourced, asked, bought_from, wanted
from tests.marketplace.makers import a_member, a_provider


def a_good_one(people, package):
    """A member of the package's scheme in good standing."""
    provider = a_member(package.scheme, a_provider("Ash Care"))
    db.session.commit()
    return provider


def test_a_member_in_good_standing_needs_a_second_person_and_the_agreement_is_like_any_other(session, people):
    package = an_unsourced(people)
    provider = a_good_one(people, package)
    row = asked(people, package, **bought_from(provider))
    assert (row.state, row.clearance, row.weekly_cost_pence) == (OutsideState.ASKED, None, 15_750)
    assert db.session.query(Agreement).count() == 0
    assert agree(people, row, "manager").state is OutsideState.AWARDED
    agreement = db.session.query(Agreement).one()
    assert (agreement.award_id, agreement.provider, agreement.starts_on) == (row.id, provider, clock.today())
    assert agreement.versions[0].weekly_cost_pence == 15_750
    assert (package.status, agreement.state) == (PackageStatus.AWARDED, AgreementState.AWAITING_START)
    kinds = set(db.session.scalars(select(Message.kind)))
    assert {"outside:asked", "outside:decided", "outside:awarded"} <= kinds


def test_nobody_agrees_to_what_they_asked_for_nor_as_two_of_the_three(session, people):
    row = asked(people)
    with pytest.raises(NotAllowed, match="You asked for this award"):
        services.second(row, has_interest=False, need_confirmed_with="", by=actor(people, "broker"))
    agree(people, row, "manager")
    for name, words in (("broker", "You asked"), ("manager", "You agreed to this award already")):
        with pytest.raises(NotAllowed, match=words):
            services.clear(row, has_interest=False, need_confirmed_with="", by=actor(people, name))
    with pytest.raises(NotAllowed, match="You asked"):
        services.refuse(row, "No", by=actor(people, "broker"))


def test_whoever_declares_an_interest_neither_asks_nor_agrees(session, people):
    with pytest.raises(NotAllowed, match="You declared an interest"):
        services.ask(people.viewer("broker"), an_unsourced(people), wanted(has_interest=True))
    row = asked(people)
    with pytest.raises(NotAllowed, match="You declared an interest"):
        agree(people, row, "manager", has_interest=True)


def test_a_provider_that_is_not_registered_is_registered_with_the_award_alone_and_a_contract_manager_decides(
    session, people
):
    row = asked(people, cqc_location_id="1-555000111")
    assert "CQC has not rated this location" in row.clearance
    assert agree(people, row, "manager").state is OutsideState.SECONDED
    assert db.session.query(Provider).count() == 0
    agree(people, row, "contracts", clearing=True)
    provider = db.session.query(Provider).one()
    assert (provider.name, provider.cqc_location, provider.cqc_rating) == (
        "Juniper Care",
        "1-555000111",
        Rating.UNRATED,
    )
    assert db.session.query(Agreement).one().provider == provider
    second = asked(people, provider_name="Another name", cqc_location_id="1-555000111")
    assert (second.provider, second.provider_name) == (provider, "Juniper Care")


def test_one_without_a_location_at_the_cqc_is_registered_under_its_own_reference(session, people):
    row = asked(people)
    agree(people, row, "manager")
    agree(people, row, "contracts", clearing=True)
    provider = db.session.query(Provider).one()
    assert (provider.cqc_location, provider.cqc_location_id) == ("", provider.reference)


def test_below_the_gate_or_suspended_since_then_a_contract_manager_decides_too(session, people):
    package = an_unsourced(people)
    provider = a_good_one(people, package)
    row = asked(people, package, **bought_from(provider))
    provider.cqc_rating = Rating.INADEQUATE
    db.session.commit()
    assert agree(people, row, "manager").state is OutsideState.SECONDED
    assert "Inadequate" in row.clearance
    assert agree(people, row, "contracts", clearing=True).state is OutsideState.AWARDED


def test_an_urgent_package_is_bought_before_any_offer_and_another_one_is_not(session, people):
    package = an_unsourced(people, status=PackageStatus.READY)
    with pytest.raises(Invalid) as refusal:
        services.ask(people.viewer("broker"), package, wanted())
    assert list(refusal.value.errors) == ["ground"]
    row = asked(people, package, by="navigator", ground=OutsideGround.URGENT, reason="Goes home from hospital today.")
    assert agree(people, row, "manager").state is OutsideState.SECONDED


def test_one_is_live_for_a_package_and_a_package_that_has_changed_or_is_on_offer_is_not_awarded(session, people):
    row = asked(people)
    with pytest.raises(Conflict, match="asked for already"):
        asked(people, row.package)
    packages.move([row.package], PackageStatus.ON_OFFER, "package:offered", by=actor(people, "broker"))
    db.session.commit()
    with pytest.raises(Conflict, match="has changed since"):
        agree(people, row, "manager")


def test_the_last_yes_to_the_need_is_no_older_than_a_day(session, people):
    package = an_unsourced(people)
    row = asked(
        people, package, **bought_from(a_good_one(people, package)), starts_on=clock.today() + timedelta(days=9)
    )
    with clock.moved_to(clock.now() + timedelta(days=2)):
        with pytest.raises(Invalid) as refusal:
            agree(people, row, "manager")
        assert list(refusal.value.errors) == ["need_confirmed_with"]
        assert agree(people, row, "manager", need_confirmed_with="Ward 4").state is OutsideState.AWARDED


def test_it_is_refused_taken_back_or_falls_with_the_package(session, people):
    refused, own, withdrawn = asked(people), asked(people), asked(people)
    services.refuse(refused, "Too dear.", by=actor(people, "manager"))
    with pytest.raises(NotAllowed):
        services.take_back(own, "Mistaken.", by=actor(people, "broker2"))
    services.take_back(own, "Mistaken.", by=actor(people, "broker"))
    packages.withdraw(withdrawn.package, because="Moved away", by=actor(people, "broker"))
    db.session.commit()
    states = [db.session.get_one(OutsideAward, row.id).state for row in (refused, own, withdrawn)]
    assert states == [OutsideState.REFUSED, OutsideState.TAKEN_BACK, OutsideState.CANCELLED]
    assert asked(people, refused.package).state is OutsideState.ASKED


def test_a_provider_that_withdraws_before_care_begins_leaves_the_package_without_one(session, people):
    package = an_unsourced(people)
    row = asked(people, package, **bought_from(a_good_one(people, package)))
    agree(people, row, "manager")
    services.pull_out(row, "No carers after all.", by=actor(people, "broker"))
    db.session.commit()
    assert (row.state, package.status) == (OutsideState.PULLED_OUT, PackageStatus.UNSOURCED)
    assert db.session.query(Agreement).one().state is AgreementState.CANCELLED


def test_the_share_counts_awards_that_stand_by_the_month_in_which_they_were_made(session, people):
    all_set = ready(people, packages=3)
    for package in all_set.packages:
        award(all_set.line(package=package), CONFIRMED, by=actor(people, "broker"))
    package = an_unsourced(people)
    agree(people, asked(people, package, **bought_from(a_good_one(people, package))), "manager")
    asked(people)
    *before, this = shares_by_month(people.viewer("contracts"))
    assert (len(before), this.on_system, this.outside, this.text) == (11, 3, 1, "75.0 %")
    assert all(month.permille is None for month in before)
    assert this.first_day == clock.today().replace(day=1)
    assert shares_by_month(people.viewer("stranger"))[-1].permille is None


def test_the_audit_tells_who_asked_who_agreed_the_price_and_that_no_interest_was_declared(session, people):
    row = asked(people)
    agree(people, row, "manager")
    agree(people, row, "contracts", clearing=True)
    query = select(AuditEntry.tag).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.at, AuditEntry.id)
    assert set(db.session.scalars(query)) == {"outside:asked", "outside:seconded", "outside:awarded"}
