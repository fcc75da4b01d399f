"""Capacity is taken by awards alone and never goes below zero, however many meet at one instant."""

from __future__ import annotations

from threading import Barrier, Thread

from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from marketplace.membership.models import Capacity
from marketplace.membership.queries import members_of
from marketplace.membership.services import CapacityInHand, declare_capacity, release_capacity
from tests.marketplace.makers import a_lot, a_member, a_scheme, a_zone


def left(scheme, provider, zone=None):
    return CapacityInHand(scheme.id, [provider.id]).left(provider.id, zone.id if zone else None)


def commit_capacity(scheme_id, provider_id, zone_id, minutes):
    """As an award does; whether there was enough."""
    capacity = CapacityInHand(scheme_id, [provider_id], lock=True)
    enough = capacity.left(provider_id, zone_id) >= minutes
    if enough:
        capacity.take(provider_id, zone_id, minutes)
    db.session.flush()
    return enough


def test_an_award_takes_minutes_and_gives_them_back(people):
    scheme = a_scheme(people)
    provider = a_member(scheme, capacity_hours=10)
    assert commit_capacity(scheme.id, provider.id, None, 400)
    assert left(scheme, provider) == 200
    assert not commit_capacity(scheme.id, provider.id, None, 201)
    assert left(scheme, provider) == 200
    release_capacity(scheme.id, provider.id, None, 400)
    assert left(scheme, provider) == 600


def test_the_zone_and_the_whole_must_both_have_enough(people):
    scheme = a_scheme(people)
    provider, zone = a_member(scheme, capacity_hours=10), scheme.zones[0]
    declare_capacity(scheme, provider, zone, 120, by=SYSTEM)
    assert not commit_capacity(scheme.id, provider.id, zone.id, 180)
    assert (left(scheme, provider), left(scheme, provider, zone)) == (600, 120)
    assert commit_capacity(scheme.id, provider.id, zone.id, 90)
    assert (left(scheme, provider), left(scheme, provider, zone)) == (510, 30)


def test_a_zone_without_a_figure_of_its_own_has_the_whole(people):
    scheme = a_scheme(people)
    provider, preston = a_member(scheme, capacity_hours=10), scheme.zones[0]
    other = a_zone(scheme, "Fylde", "FY4 2")
    declare_capacity(scheme, provider, preston, 60, by=SYSTEM)
    assert left(scheme, provider, other) == 600


def test_who_declared_nothing_can_take_nothing(people):
    scheme = a_scheme(people)
    stranger = a_member(a_scheme(people))
    assert left(scheme, stranger) == 0
    assert not commit_capacity(scheme.id, stranger.id, None, 1)


def test_minutes_taken_before_a_new_declaration_are_not_given_back_to_it(people):
    scheme = a_scheme(people)
    provider = a_member(scheme, capacity_hours=10)
    taken_at = clock.now()
    commit_capacity(scheme.id, provider.id, None, 300)
    declare_capacity(scheme, provider, None, 600, by=SYSTEM)
    commit_capacity(scheme.id, provider.id, None, 100)
    release_capacity(scheme.id, provider.id, None, 300, taken_at=taken_at)
    assert left(scheme, provider) == 500


def test_more_is_never_given_back_than_was_taken(people):
    scheme = a_scheme(people)
    provider = a_member(scheme, capacity_hours=10)
    release_capacity(scheme.id, provider.id, None, 60)
    assert left(scheme, provider) == 600


def test_of_ten_awards_at_one_instant_only_as_many_succeed_as_there_is_capacity_for(house, people):
    scheme = a_scheme(people)
    provider = a_member(scheme, capacity_hours=5)
    zone = scheme.zones[0]
    declare_capacity(scheme, provider, zone, 180, by=SYSTEM)
    ids = scheme.id, provider.id, zone.id
    db.session.commit()
    start, outcomes = Barrier(10), []

    def award():
        with house.app_context():
            start.wait()
            outcomes.append(commit_capacity(*ids, 60))
            db.session.commit()
            db.session.remove()

    threads = [Thread(target=award) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True] * 3
    rows = db.session.scalars(select(Capacity).order_by(Capacity.declared_minutes)).all()
    assert [row.committed_minutes for row in rows] == [180, 180]


def test_members_of_a_lot_come_with_their_areas(people):
    scheme = a_scheme(people)
    night = a_lot(scheme, "night sitting")
    both = a_member(scheme)
    a_member(scheme, both, lot=night)
    a_member(scheme)
    assert len(members_of(scheme.id)) == 3
    [membership] = members_of(scheme.id, night.id)
    assert membership.provider_id == both.id
    assert {area.area for area in membership.areas} == {"PR1", "PR2"}
