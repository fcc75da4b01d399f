"""The states of a package: each transition, what it refuses, and what it leaves in the audit."""

from __future__ import annotations

import pytest

from app.audit import SYSTEM, Audience
from app.audit.queries import timeline
from app.database import db
from app.errors import Conflict, Invalid
from app.parties.services import team_named
from marketplace.packages import services
from marketplace.packages.listing import need_confirmed_at
from marketplace.packages.models import Package
from marketplace.packages.queries import verdict_on
from marketplace.packages.rules import TAKEN_BACK, PackageStatus
from marketplace.packages.services import clear_word
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.people import People

_S = PackageStatus


def tags(package: Package) -> list[str]:
    return [item.tag for item in timeline(package.id, Audience.AUDITOR)]


def in_state(scheme, status: PackageStatus) -> Package:
    reason = "Moved away" if status is _S.WITHDRAWN else None
    return a_package(scheme, status=status, status_reason=reason)


def awarded(package: Package) -> None:
    """By its answers where it waits for that, else outside the system: neither goes where the other does."""
    ways = [lambda: services.mark_awarded([package], by=SYSTEM), lambda: services.award_outside(package, by=SYSTEM)]
    own, other = ways if package.status is _S.AWAITING_AWARD else reversed(ways)
    with pytest.raises(Conflict, match="Nothing was changed"):
        other()
    own()


WAYS = {
    _S.IN_BATCH: lambda package: services.move([package], _S.IN_BATCH, "package:batched", by=SYSTEM, batch="BAT-00001"),
    _S.ON_OFFER: lambda package: services.put_on_offer([package], by=SYSTEM),
    _S.AWAITING_AWARD: lambda package: services.await_award([package], by=SYSTEM),
    _S.AWARDED: lambda package: awarded(package),
    _S.RUNNING: lambda package: services.start(package, by=SYSTEM),
    _S.ENDED: lambda package: services.end(package, by=SYSTEM, because="Moved away"),
    _S.UNSOURCED: lambda package: services.mark_unsourced([package], by=SYSTEM, because="Nobody accepted"),
    _S.WITHDRAWN: lambda package: services.withdraw(package, by=SYSTEM, because="Moved away"),
}


@pytest.mark.parametrize("end", WAYS, ids=str)
def test_every_transition_goes_exactly_from_where_the_map_of_moves_allows(end, people: People):
    scheme = a_scheme(people)
    for start in PackageStatus:
        package = in_state(scheme, start)
        if start.may_become(end):
            WAYS[end](package)
        else:
            with pytest.raises(Conflict, match="Nothing was changed"):
                WAYS[end](package)
        db.session.refresh(package)
        moved = start.may_become(end)
        assert (package.status, package.version) == ((end, 2) if moved else (start, 1))
        assert len(tags(package)) == moved


def test_one_package_of_a_set_that_cannot_go_stops_the_whole_set_by_name(people: People):
    scheme = a_scheme(people)
    ready, withdrawn = in_state(scheme, _S.READY), in_state(scheme, _S.WITHDRAWN)
    with pytest.raises(Conflict, match=f"{withdrawn.reference} is withdrawn now"):
        services.put_on_offer([ready, withdrawn], by=SYSTEM)
    db.session.rollback()


def test_a_set_is_recorded_with_an_entry_for_each_package_that_names_the_set(people: People):
    scheme = a_scheme(people)
    packages = [in_state(scheme, _S.READY) for _ in range(3)]
    services.put_on_offer(packages, by=SYSTEM)
    items = [timeline(package.id, Audience.AUDITOR)[0] for package in packages]
    assert {item.tag for item in items} == {"package:offered"}
    assert {item.facts["set_count"] for item in items} == {3}
    assert len({item.facts["set_digest"] for item in items}) == 1


def test_a_transition_looks_at_the_row_and_not_at_what_was_read_before(people: People):
    package = in_state(a_scheme(people), _S.READY)
    db.session.commit()
    db.session.execute(db.update(Package).values(status=_S.ON_HOLD).execution_options(synchronize_session=False))
    with pytest.raises(Conflict, match="is on hold now"):
        services.put_on_offer([package], by=SYSTEM)


def test_a_reason_is_asked_for_wherever_somebody_will_ask_why(people: People):
    package = in_state(a_scheme(people), _S.READY)
    for command in (services.withdraw, services.hold):
        with pytest.raises(Invalid, match="Say why"):
            command(package, by=SYSTEM, because="  ")


BEFORE_AWARD = (_S.DRAFT, _S.READY, _S.IN_BATCH, _S.ON_OFFER, _S.AWAITING_AWARD, _S.UNSOURCED)


def test_a_package_is_put_on_hold_from_every_state_before_the_award_and_from_no_other(people: People):
    scheme = a_scheme(people)
    for start in PackageStatus:
        package = in_state(scheme, start)
        if start in BEFORE_AWARD:
            services.hold(package, by=SYSTEM, because="In hospital")
            assert (package.status, package.status_reason) == (_S.ON_HOLD, "In hospital")
        else:
            with pytest.raises(Conflict, match="Nothing was changed"):
                services.hold(package, by=SYSTEM, because="In hospital")


def test_a_package_taken_off_hold_is_ready_when_everything_is_known_and_else_a_draft(people: People):
    scheme = a_scheme(people)
    whole, unsaid = in_state(scheme, _S.ON_HOLD), in_state(scheme, _S.ON_HOLD)
    whole.referring_team_id = a_team(people)
    services.release(whole, by=SYSTEM)
    services.release(unsaid, by=SYSTEM)
    assert (whole.status, unsaid.status) == (_S.READY, _S.DRAFT)


@pytest.mark.parametrize(
    ("command", "hook"),
    [(services.withdraw, services.package_withdrawn), (services.hold, services.package_held)],
    ids=["withdrawn", "held"],
)
def test_withdrawing_and_holding_tell_the_slices_above_in_the_same_transaction_but_not_why(
    command, hook, people: People
):
    package = in_state(a_scheme(people), _S.ON_OFFER)
    told = []
    before = hook._functions
    hook.connect(lambda *facts: told.append(facts))
    try:
        command(package, by=SYSTEM, because="Went into a home")
    finally:
        hook.connect(*before)
    assert told == [(package, TAKEN_BACK[package.status], SYSTEM)]
    assert package.status_reason == "Went into a home"


def test_a_draft_that_says_too_little_is_not_ready_and_each_reason_stands_at_its_field(people: People):
    package = in_state(a_scheme(people), _S.DRAFT)
    package.pen_picture = "Ring 01772 555 123 before you come."
    package.visits = []
    with pytest.raises(Invalid) as refused:
        services.mark_ready(package, by=SYSTEM)
    assert set(refused.value.errors) == {"pen_picture", "team", "visits"}
    assert "telephone number" in refused.value.errors["pen_picture"]


def test_a_confirmation_counts_from_the_moment_it_was_given_and_a_no_takes_it_back(people: People):
    package = in_state(a_scheme(people), _S.READY)
    assert need_confirmed_at([package.id]) == {}
    (yes,) = services.confirm_need([package], needed=True, with_whom="Ward sister", by=SYSTEM)
    db.session.flush()
    assert need_confirmed_at([package.id]) == {package.id: yes.confirmed_at}
    yes.confirmed_at = yes.confirmed_at.replace(year=2020)
    services.confirm_need([package], needed=False, with_whom="Daughter", by=SYSTEM)
    db.session.flush()
    assert need_confirmed_at([package.id]) == {}


def a_team(people: People):
    return team_named(people.council, "Hospital discharge hub", "hub@testshire.example").id


def test_a_word_that_is_the_persons_name_is_a_question_until_somebody_answers_it(people: People):
    scheme = a_scheme(people)
    package = a_package(
        scheme,
        status=_S.DRAFT,
        person=a_person(scheme, name="George Parkinson"),
        pen_picture="Has Parkinson's; needs two carers in the morning.",
        referring_team_id=a_team(people),
    )
    with pytest.raises(Invalid, match="the person’s name"):
        services.mark_ready(package, by=SYSTEM)
    word = verdict_on(package).questions[0].word
    with pytest.raises(Invalid, match="Say why"):
        clear_word(package, word, "", by=SYSTEM)
    clear_word(package, word, "The illness, not the man", by=SYSTEM)
    services.mark_ready(package, by=SYSTEM)
    assert package.status is _S.READY
    assert set(tags(package)) == {"package:word_cleared", "package:ready"}
