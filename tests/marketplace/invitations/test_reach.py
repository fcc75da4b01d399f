"""Each provider's offer holds exactly the packages that a naive reference, written on its own, gives it.

The reference shares no line with the rule: it reads the rows that the generator wrote down in plain dictionaries.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from marketplace.membership.models import Membership, MembershipArea, Pause, Suspension
from marketplace.membership.rules import MembershipState
from marketplace.providers.coverage import AreaKind, CoverageKind
from marketplace.rounds.issuing import issue_batch
from marketplace.rounds.models import Exclusion, NotInvited, Offer, OfferLine, Round
from marketplace.vocabulary import CarerGender, Rating
from tests.marketplace.makers import a_lot, a_member, a_package, a_provider, a_scheme, a_zone
from tests.marketplace.rounds.makers import a_sealed_batch

SECTORS = {"PR1 8": "PR1 8XJ", "PR1 9": "PR1 9AB", "PR2 1": "PR2 1AA", "PR25 1": "PR25 1AA", "LA1 1": "LA1 1AA"}
ZONES = {"PR1 8": "Preston", "PR1 9": "Preston", "PR2 1": "Preston", "PR25 1": "Leyland", "LA1 1": None}
SKILLS = ["dementia", "hoist", "peg feeding"]
GOOD_ENOUGH = {Rating.GOOD, Rating.OUTSTANDING}


def county(people, seed):
    """A scheme with members of every kind, and beside it what was written, in plain words."""
    chance = random.Random(seed)
    scheme = a_scheme(people)
    other = a_lot(scheme, "respite")
    zones = {"Preston": scheme.zones[0], "Leyland": a_zone(scheme, "Leyland", "PR25 1")}
    lot = next(one for one in scheme.lots if one.name == "homecare")
    members = [member(chance, scheme, lot, other, zones) for _ in range(14)]
    for first, second in ((0, 1), (2, 3)):
        members[second]["provider"].organisation_id = members[first]["provider"].organisation_id
        members[second]["organisation"] = members[first]["organisation"]
    packages = [package(chance, scheme, lot) for _ in range(6)]
    db.session.flush()
    db.session.expire_all()
    return scheme, members, packages


def member(chance, scheme, lot, other, zones):
    facts = {
        "rating": chance.choice([*Rating, Rating.GOOD, Rating.GOOD]),
        "skills": {skill for skill in SKILLS if chance.random() < 0.7},
        "female": chance.choice([0, 3, 5]),
        "male": chance.choice([0, 1, 2]),
        "base": (chance.randrange(340_000, 370_000), chance.randrange(420_000, 440_000)),
        "in_lot": chance.random() < 0.9,
        "state": chance.choice([*MembershipState, MembershipState.ACTIVE, MembershipState.ACTIVE]),
        "areas": {},
        "pause": chance.choice([None, None, None, "Preston", "everywhere", "over"]),
        "suspension": chance.choice([None, None, None, "Preston", "everywhere", "another lot", "over", "lifted"]),
    }
    provider = a_provider(
        skills=sorted(facts["skills"]),
        rating=facts["rating"],
        carers_female=facts["female"],
        carers_male=facts["male"],
        base_easting=facts["base"][0],
        base_northing=facts["base"][1],
    )
    a_member(scheme, provider, lot=lot if facts["in_lot"] else other, areas=[])
    membership = db.session.scalars(select(Membership).where(Membership.provider_id == provider.id)).one()
    membership.state = facts["state"]
    if facts["state"] in {MembershipState.REMOVED, MembershipState.LEFT}:
        membership.ended_on = clock.today()
    for area in ["PR1", "PR2", "PR25", "LA1", *SECTORS]:
        if chance.random() < 0.4:
            facts["areas"][area] = chance.choice([True, True, True, False])
            cover(membership, area, included=facts["areas"][area])
    pause(scheme, provider, zones, facts["pause"])
    suspend(scheme, provider, zones, other, facts["suspension"])
    return facts | {"provider": provider, "organisation": provider.organisation_id}


def cover(membership, area, *, included):
    row = {
        "membership_id": membership.id,
        "kind": CoverageKind.INCLUDE if included else CoverageKind.EXCLUDE,
        "area_kind": AreaKind.SECTOR if " " in area else AreaKind.OUTCODE,
        "area": area,
    }
    db.session.add(MembershipArea(authority_id=membership.authority_id, **row))


def pause(scheme, provider, zones, kind):
    if kind is None:
        return
    row = {"scheme_id": scheme.id, "provider_id": provider.id, "started_at": clock.now() - timedelta(days=3)}
    ended = clock.now() - timedelta(days=1) if kind == "over" else None
    zone = zones.get(kind)
    db.session.add(Pause(authority_id=scheme.authority_id, **row, zone_id=zone.id if zone else None, ended_at=ended))


def suspend(scheme, provider, zones, other, kind):
    if kind is None:
        return
    today, zone = clock.today(), zones.get(kind)
    ends = today - timedelta(days=1) if kind == "over" else today + timedelta(days=30)
    row = {"scheme_id": scheme.id, "provider_id": provider.id, "starts_on": date(2026, 1, 5), "review_on": ends}
    db.session.add(
        Suspension(
            authority_id=scheme.authority_id,
            **row,
            ends_on=ends,
            reason="Concern",
            made_by_label="Test",
            zone_id=zone.id if zone else None,
            lot_id=other.id if kind == "another lot" else None,
            lifted_at=clock.now() - timedelta(days=2) if kind == "lifted" else None,
            lifted_because="Settled" if kind == "lifted" else None,
        )
    )


def package(chance, scheme, lot):
    sector = chance.choice(list(SECTORS))
    needs = {skill for skill in SKILLS if chance.random() < 0.2}
    gender = chance.choice([CarerGender.ANY, CarerGender.ANY, CarerGender.FEMALE, CarerGender.MALE])
    place = (chance.randrange(340_000, 370_000), chance.randrange(420_000, 440_000))
    row = a_package(
        scheme,
        lot=lot,
        postcode=SECTORS[sector],
        skills=sorted(needs),
        carer_gender=gender,
        carer_gender_reason="Asked for" if gender is not CarerGender.ANY else None,
        easting=place[0],
        northing=place[1],
    )
    return {"row": row, "sector": sector, "skills": needs, "gender": gender.value, "place": place}


def naive(members, packages):
    """Provider to the packages it is offered, by the written rule and nothing else."""
    found = {}
    for one in packages:
        fit = [other for other in members if fits(one, other)]
        for organisation in {other["organisation"] for other in fit}:
            sisters = [other for other in fit if other["organisation"] == organisation]
            nearest = min(sisters, key=lambda other: (distance(one, other), str(other["provider"].id)))
            found.setdefault(nearest["provider"].id, set()).add(one["row"].id)
    return found


def fits(one, other):
    outcode, zone = one["sector"].split(" ")[0], ZONES[one["sector"]]
    covered = other["areas"].get(one["sector"], other["areas"].get(outcode, False))
    member_now = other["in_lot"] and other["state"] in {MembershipState.ACTIVE, MembershipState.REMOVAL_PROPOSED}
    rated = other["rating"] in GOOD_ENOUGH or other["rating"] is Rating.UNRATED
    paused = other["pause"] == "everywhere" or (other["pause"] is not None and other["pause"] == zone)
    suspended = other["suspension"] == "everywhere" or (other["suspension"] is not None and other["suspension"] == zone)
    carers = {"any": 1, "female": other["female"], "male": other["male"]}[one["gender"]]
    return (
        member_now
        and covered
        and rated
        and not paused
        and not suspended
        and carers > 0
        and one["skills"] <= other["skills"]
    )


def distance(one, other):
    return (one["place"][0] - other["base"][0]) ** 2 + (one["place"][1] - other["base"][1]) ** 2


def offered(issue):
    query = (
        select(Offer.provider_id, Round.package_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .where(Offer.issue_id == issue.id)
    )
    found = {}
    for provider_id, package_id in db.session.execute(query):
        found.setdefault(provider_id, set()).add(package_id)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_each_offer_holds_exactly_what_a_naive_reference_gives_and_the_others_have_their_reasons(people, seed):
    scheme, members, packages = county(people, seed)
    batch = a_sealed_batch(scheme, [one["row"] for one in packages])
    issue = issue_batch(batch, by=people.viewer("navigator").actor)
    expected = naive(members, packages)
    assert offered(issue) == expected
    current = {MembershipState.ACTIVE, MembershipState.REMOVAL_PROPOSED}
    listed = {str(one["provider"].id) for one in members if one["state"] in current}
    for one in db.session.scalars(select(Round).where(Round.issue_id == issue.id)):
        asked = {str(provider) for provider, held in expected.items() if one.package_id in held}
        lists = select(Exclusion).join(NotInvited, NotInvited.exclusion_id == Exclusion.id)
        rows = db.session.scalars(lists.where(NotInvited.round_id == one.id))
        left_out = {provider for row in rows for keys in row.providers.values() for provider in keys}
        assert asked | left_out == listed
        assert not asked & left_out


def test_the_counties_of_these_tests_are_worth_testing(people):
    """Some are asked and some are not, and offers differ: else the property above would say little."""
    sizes = set()
    for seed in range(3):
        scheme, members, packages = county(people, seed)
        expected = naive(members, packages)
        sizes |= {len(held) for held in expected.values()}
        assert 0 < len(expected) < len(members)
        assert scheme.id
    assert len(sizes) > 2
