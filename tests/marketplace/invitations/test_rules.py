"""Who is offered a package."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.invitations.eligibility import Eligibility
from marketplace.invitations.rules import (
    MemberFacts,
    PackageNeed,
    Reason,
    ReasonCode,
)
from marketplace.membership.rules import SuspensionFacts
from marketplace.providers.coverage import AreaKind, CoverageKind, CoverageRow, ProviderBase
from marketplace.providers.ratings import Rating
from marketplace.vocabulary import CarerGender
from tests.marketplace.invitations.oracle import InvitedByName, eligible_members, reasons_not_eligible

PR1 = CoverageRow(CoverageKind.INCLUDE, AreaKind.OUTCODE, "PR1", "homecare")
NOT_PR1_8 = CoverageRow(CoverageKind.EXCLUDE, AreaKind.SECTOR, "PR1 8", "homecare")
STOP = SuspensionFacts("Concern", date(2026, 11, 1), date(2026, 12, 31), zone="Preston")

NEED = PackageNeed(
    lot="homecare",
    zone="Preston",
    outcode="PR1",
    sector="PR1 8",
    judged_on=date(2026, 12, 1),
    minimum_rating=Rating.GOOD,
    unrated_allowed=True,
    skills=frozenset({"dementia"}),
    carer_gender=CarerGender.FEMALE,
    place=ProviderBase(0, 0),
)
MEMBER = MemberFacts(
    member_id="m1",
    organisation_id="o1",
    lots=frozenset({"homecare"}),
    coverage=(PR1,),
    rating=Rating.GOOD,
    skills=frozenset({"dementia", "autism"}),
    carers_female=1,
)


def reasons(need: PackageNeed, member: MemberFacts) -> list[Reason]:
    return Eligibility([member]).reasons(need).get(member.member_id, [])


def by_name(need: PackageNeed, facts: list[MemberFacts]) -> InvitedByName:
    """What the rule says, each member with all its reasons."""
    eligibility = Eligibility(facts)
    invited = eligibility.invited(need)
    why = {
        member_id: tuple(
            Reason(excluded.code, sentence)
            for excluded in invited.excluded
            for sentence, member_ids in excluded.sentences.items()
            if member_id in member_ids
        )
        for member_id in sorted(member.member_id for member in facts)
    }
    left_out = tuple((member_id, told) for member_id, told in why.items() if told)
    return InvitedByName(eligibility.ids(invited.members), left_out)


def test_a_member_that_meets_everything_is_eligible():
    assert reasons(NEED, MEMBER) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lots": frozenset({"respite"})}, ReasonCode.NOT_A_MEMBER),
        ({"coverage": ()}, ReasonCode.NOT_COVERED),
        ({"coverage": (PR1, NOT_PR1_8)}, ReasonCode.NOT_COVERED),
        ({"suspensions": (STOP,)}, ReasonCode.SUSPENDED),
        ({"rating": Rating.REQUIRES_IMPROVEMENT}, ReasonCode.BELOW_GATE),
        ({"paused_zones": frozenset({"Preston"})}, ReasonCode.PAUSED),
        ({"paused_everywhere": True}, ReasonCode.PAUSED),
        ({"carers_female": 0, "carers_male": 9}, ReasonCode.NO_CARER_OF_GENDER),
        ({"skills": frozenset({"autism"})}, ReasonCode.SKILLS_MISSING),
    ],
)
def test_each_reason_alone_keeps_a_member_out(change, code):
    (reason,) = reasons(NEED, replace(MEMBER, **change))
    assert reason.code is code
    assert reason.sentence.endswith(".")


def test_all_reasons_are_told_not_only_the_first():
    member = replace(MEMBER, coverage=(), skills=frozenset(), carers_female=0)
    codes = [reason.code for reason in reasons(NEED, member)]
    assert codes == [ReasonCode.NOT_COVERED, ReasonCode.NO_CARER_OF_GENDER, ReasonCode.SKILLS_MISSING]


def test_an_unrated_member_counts_only_when_the_scheme_admits_such():
    member = replace(MEMBER, rating=Rating.UNRATED)
    assert reasons(NEED, member) == []
    assert reasons(replace(NEED, unrated_allowed=False), member)[0].code is ReasonCode.BELOW_GATE


def test_a_managers_recorded_override_opens_the_gate():
    assert reasons(NEED, replace(MEMBER, rating=Rating.INADEQUATE, gate_override="Re-rated soon")) == []


def test_a_suspension_or_pause_elsewhere_does_not_matter():
    member = replace(MEMBER, suspensions=(replace(STOP, zone="Wyre"),), paused_zones=frozenset({"Wyre"}))
    assert reasons(NEED, member) == []


def test_only_the_nearest_eligible_sister_is_invited():
    far = replace(MEMBER, base=ProviderBase(9000, 0))
    near = replace(MEMBER, member_id="m2", base=ProviderBase(100, 0))
    nearest_but_paused = replace(MEMBER, member_id="m3", base=ProviderBase(1, 0), paused_everywhere=True)
    answer = by_name(NEED, [far, near, nearest_but_paused])
    assert answer.members == ("m2",)
    codes = {key: [reason.code for reason in why] for key, why in answer.left_out}
    assert codes == {"m1": [ReasonCode.SISTER_NEARER], "m3": [ReasonCode.PAUSED]}


def test_without_a_place_for_the_package_one_sister_still_stands_for_all():
    sisters = [replace(MEMBER, member_id=key, base=ProviderBase(i, 0)) for i, key in enumerate(["b", "a"])]
    assert by_name(replace(NEED, place=None), sisters).members == ("a",)


members = st.lists(
    st.builds(
        replace,
        st.just(MEMBER),
        member_id=st.sampled_from("abcdefgh"),
        organisation_id=st.sampled_from(["o1", "o2", "o3"]),
        coverage=st.sampled_from([(), (PR1,), (PR1, NOT_PR1_8)]),
        rating=st.sampled_from(list(Rating)),
        carers_female=st.integers(0, 1),
        skills=st.sampled_from([frozenset(), frozenset({"dementia"})]),
        base=st.sampled_from([None, ProviderBase(0, 1), ProviderBase(5, 5), ProviderBase(900, 0)]),
    ),
    unique_by=lambda one: one.member_id,
)


@given(members, st.randoms(use_true_random=False))
def test_everyone_is_either_invited_or_told_why_whatever_the_order(found, random):
    answer = by_name(NEED, found)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert by_name(NEED, shuffled) == answer
    assert sorted([*answer.members, *(key for key, _ in answer.left_out)]) == sorted(one.member_id for one in found)


def farness(one: MemberFacts) -> tuple[int, str]:
    return (one.base.easting**2 + one.base.northing**2 if one.base else 10**12, one.member_id)


@given(members)
def test_the_invited_are_exactly_the_nearest_eligible_location_of_each_organisation(found):
    able = [one for one in found if not reasons_not_eligible(NEED, one)]
    expected = set()
    for organisation in {one.organisation_id for one in able}:
        sisters = [one for one in able if one.organisation_id == organisation]
        expected.add(min(sisters, key=farness).member_id)
    assert set(by_name(NEED, found).members) == expected


needs = st.lists(
    st.builds(
        replace,
        st.just(NEED),
        lot=st.sampled_from([NEED.lot, "night sitting"]),
        sector=st.sampled_from([NEED.sector, "PR1 9", "PR10 1"]),
        zone=st.sampled_from([None, NEED.zone]),
        skills=st.sampled_from([frozenset(), frozenset({"dementia"})]),
        carer_gender=st.sampled_from(list(CarerGender)),
        place=st.sampled_from([None, ProviderBase(0, 0), ProviderBase(899, 0)]),
    ),
    max_size=5,
)


@given(members, needs)
def test_of_many_packages_at_once_the_same_is_said_as_of_each_alone(found, asked):
    eligibility = Eligibility(found)
    for need in asked:
        invited, expected = eligibility.invited(need), eligible_members(need, found)
        told = [
            (key, excluded.code, sentence)
            for excluded in invited.excluded
            for sentence, keys in excluded.sentences.items()
            for key in keys
        ]
        assert eligibility.ids(invited.members) == expected.members
        assert sorted(told) == sorted((key, one.code, one.sentence) for key, why in expected.left_out for one in why)
