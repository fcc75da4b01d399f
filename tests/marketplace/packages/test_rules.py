"""States of a package, what makes it ready, how fresh a yes is, who pays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from app.values.postcode import Postcode
from marketplace.packages.rules import (
    Funding,
    FundingSplit,
    Need,
    PackageStatus,
    Source,
    Urgency,
    funding_split,
    need_confirmation_is_fresh,
    reasons_not_ready,
)
from marketplace.packages.visits import Visit
from marketplace.vocabulary import CarerGender

GOVUK_COLOURS = {
    "grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow",
}  # fmt: skip
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
READY = Need(
    lot_id=UUID(int=1),
    source=Source.COMMUNITY,
    urgency=Urgency.STANDARD,
    planned_start=date(2026, 12, 6),
    postcode=Postcode("PR1 8XJ"),
    visits=(Visit(0, 420, 600, 45, 1),),
    pen_picture="Walks with a frame.",
    referring_team_id=UUID(int=2),
)


def test_every_status_has_a_label_a_sentence_and_a_colour():
    assert {status.colour for status in PackageStatus} <= GOVUK_COLOURS
    assert all(status.sentence.endswith(".") and status.label for status in PackageStatus)


def test_from_every_living_status_a_package_can_come_to_an_end():
    ends = {PackageStatus.ENDED, PackageStatus.WITHDRAWN}
    for start in PackageStatus:
        reached, frontier = {start}, {start}
        while frontier:
            frontier = {after for status in frontier for after in status.next_states} - reached
            reached |= frontier
        assert reached & ends


def test_every_status_but_the_first_can_be_reached():
    assert {after for status in PackageStatus for after in status.next_states} == set(PackageStatus)


@pytest.mark.parametrize(
    "path",
    [
        "draft ready on_offer awaiting_award awarded running ended",
        "ready in_batch on_offer unsourced in_batch",
        "ready unsourced on_offer",
        "awarded awaiting_award awarded",
        "on_offer on_hold ready withdrawn",
    ],
)
def test_the_lives_of_packages_are_possible(path):
    statuses = [PackageStatus(word) for word in path.split()]
    assert all(start.may_become(end) for start, end in pairwise(statuses))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("draft", "on_offer"),
        ("on_offer", "awarded"),
        ("running", "ready"),
        ("ended", "running"),
        ("withdrawn", "draft"),
        ("ready", "ready"),
    ],
)
def test_a_move_that_skips_a_step_is_refused_with_a_sentence(start, end):
    reason = PackageStatus(start).reason_against(PackageStatus(end))
    assert reason
    assert reason.startswith("This package is ")
    assert not PackageStatus(start).may_become(PackageStatus(end))


def test_a_move_that_is_possible_has_no_reason_against_it():
    assert PackageStatus.DRAFT.reason_against(PackageStatus.READY) is None


def test_a_complete_package_is_ready():
    assert reasons_not_ready(READY, TODAY) == {}


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"referring_team_id": None}, "team", "Choose the referring team."),
        ({"planned_start": date(2026, 11, 22)}, "planned_start", "The planned start is in the past: enter a new one."),
        ({"pen_picture": "  "}, "pen_picture", "Describe the person's needs in the pen picture."),
        ({"carer_gender": CarerGender.FEMALE}, "carer_gender_reason", "Say why the carer must be female."),
        ({"visits": ()}, "visits", "Add at least one visit."),
    ],
)
def test_what_is_missing_is_said_at_its_field(change, field, sentence):
    assert reasons_not_ready(replace(READY, **change), TODAY) == {field: sentence}


def test_shares_that_do_not_add_up_are_said():
    sentence = "Say who pays: the shares must add up to 100 per cent."
    assert reasons_not_ready(READY, TODAY, funding_is_split=False) == {"health_percent": sentence}


def test_a_start_today_is_not_in_the_past():
    assert reasons_not_ready(replace(READY, planned_start=TODAY), TODAY) == {}


def test_everything_missing_is_said_at_once():
    wanting = reasons_not_ready(replace(READY, referring_team_id=None, pen_picture="", visits=()), TODAY)
    assert set(wanting) == {"team", "pen_picture", "visits"}


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        (timedelta(), True), (timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)  # fmt: skip
def test_a_yes_is_fresh_for_twenty_four_hours(age, fresh):
    assert need_confirmation_is_fresh(NOW - age, NOW) is fresh


def test_no_yes_is_not_fresh():
    assert not need_confirmation_is_fresh(None, NOW)


@pytest.mark.parametrize(
    ("funding", "percent"), [(Funding.COUNCIL, 0), (Funding.HEALTH, 100), (Funding.JOINT, 1), (Funding.JOINT, 99)]
)
def test_the_shares_add_up_to_a_hundred(funding, percent):
    assert funding_split(funding, percent) == FundingSplit(100 - percent, percent)


@pytest.mark.parametrize(
    ("funding", "percent", "sentence"),
    [
        (Funding.COUNCIL, 1, "share of 0"), (Funding.HEALTH, 99, "share of 100"), (Funding.JOINT, 0, "from 1 to 99"),
        (Funding.JOINT, 100, "from 1 to 99"), (Funding.JOINT, 101, "from 0 to 100"), (Funding.JOINT, -1, "from 0 to 100"),
    ],
)  # fmt: skip
def test_a_share_that_does_not_fit_its_funding_is_refused(funding, percent, sentence):
    with pytest.raises(ValueError, match=sentence):
        funding_split(funding, percent)


@pytest.mark.parametrize("shares", [(50, 49), (101, -1), (-1, 101)])
def test_a_split_that_does_not_add_up_cannot_be(shares):
    with pytest.raises(ValueError, match="add up to 100"):
        FundingSplit(*shares)
