"""Which policy, which zone, which floor and ceiling; when answers are due; and who may read a scheme."""

from datetime import UTC, date, datetime

import pytest

from app.database import db
from app.errors import Conflict, NotFoundForViewer
from app.parties.viewer import viewer_of
from marketplace.schemes import queries
from marketplace.schemes.models import LotPrice, SchemePolicy, ZoneArea
from marketplace.vocabulary import AreaKind, PriceBand, Window
from tests.marketplace import makers


@pytest.fixture
def scheme(people):
    return makers.a_scheme(people)


def a_price(scheme, floor, ceiling, **changes):
    values = {"valid_from": date(2025, 1, 1), **changes}
    owned = {"authority_id": scheme.authority_id, "lot_id": scheme.lots[0].id}
    db.session.add(LotPrice(**owned, floor_pence=floor, ceiling_pence=ceiling, **values))
    db.session.flush()


def limits(scheme, zone=None, day=date(2026, 1, 1), band=None):
    found = queries.limits_for(scheme.lots[0].id, zone.id if zone else None, day, band)
    return found.floor_pence, found.ceiling_pence


def test_the_newest_policy_that_has_begun_holds(scheme):
    later = makers.a_policy(scheme, valid_from=date(2026, 4, 1), quality_weight=70, price_weight=30)
    assert queries.policy_on(scheme.id, date(2026, 3, 31)).quality_weight == 60
    assert queries.policy_on(scheme.id, date(2026, 4, 1)).id == later.id


def test_before_the_first_policy_there_is_a_sentence(scheme):
    with pytest.raises(Conflict, match="contract manager"):
        queries.policy_on(scheme.id, date(2020, 1, 1))


def test_a_place_is_in_the_zone_of_its_sector_before_that_of_its_outcode(scheme):
    wide = makers.a_zone(scheme, "Wide")
    area = {"authority_id": scheme.authority_id, "zone_id": wide.id, "area_kind": AreaKind.OUTCODE, "area": "PR1"}
    db.session.add(ZoneArea(**area))
    db.session.flush()
    find = queries.zone_finder(scheme.id)
    assert find("PR1", "PR1 8").name == "Preston"
    assert find("PR1", "PR1 2").name == "Wide"
    assert find("PR11", "PR11 1") is None


def test_a_zones_own_price_beats_the_general_one_and_a_band_refines_it(scheme):
    zone = scheme.zones[0]
    a_price(scheme, 2400, 3500, zone_id=zone.id)
    a_price(scheme, 2500, 3600, zone_id=zone.id, band=PriceBand.NIGHT)
    a_price(scheme, 2600, 3700, band=PriceBand.WEEKEND)
    assert limits(scheme) == (2200, 3300)
    assert limits(scheme, zone) == (2400, 3500)
    assert limits(scheme, zone, band=PriceBand.NIGHT) == (2500, 3600)
    assert limits(scheme, zone, band=PriceBand.WEEKEND) == (2400, 3500)
    assert limits(scheme, band=PriceBand.WEEKEND) == (2600, 3700)


def test_a_new_price_holds_from_its_day_and_the_old_one_until_then(scheme):
    a_price(scheme, 2300, 3400, valid_from=date(2026, 4, 1))
    assert limits(scheme, day=date(2026, 3, 31)) == (2200, 3300)
    assert limits(scheme, day=date(2026, 4, 1)) == (2300, 3400)


def test_a_lot_without_a_price_on_the_day_says_so(scheme):
    with pytest.raises(Conflict, match="no floor and ceiling"):
        limits(scheme, day=date(2020, 1, 1))


def test_another_council_does_not_see_the_scheme_and_the_icb_that_shares_in_it_does(people, scheme):
    assert queries.schemes_for(people.viewer("navigator")) == [scheme]
    assert queries.scheme_for(people.viewer("healthassessor"), scheme.id) == scheme
    assert queries.schemes_for(people.viewer("stranger")) == []
    with pytest.raises(NotFoundForViewer):
        queries.scheme_for(people.viewer("stranger"), scheme.id)


def test_only_the_authority_itself_changes_its_scheme(people, scheme):
    assert queries.managed_scheme(people.viewer("contracts"), scheme.id) == scheme
    with pytest.raises(NotFoundForViewer):
        queries.managed_scheme(people.viewer("healthassessor"), scheme.id)


def test_a_provider_reads_the_scheme_it_may_join(scheme):
    provider = makers.a_provider()
    viewer = viewer_of(makers.coordinator_of(provider))
    assert queries.scheme_for(viewer, scheme.id) == scheme
    with pytest.raises(NotFoundForViewer):
        queries.managed_scheme(viewer, scheme.id)


# ---------------------------------------------------------------------------------------------- when answers are due

POLICY = SchemePolicy(urgent_hours=4, standard_hours=24, batch_working_days=5, opening="08:00", closing="20:00")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_urgent_and_standard_count_elapsed_hours():
    issued = utc(2026, 11, 23, 10, 0)
    assert queries.deadline_of(POLICY, Window.URGENT, issued) == utc(2026, 11, 23, 14, 0)
    assert queries.deadline_of(POLICY, Window.STANDARD, issued) == utc(2026, 11, 24, 10, 0)


def test_hours_that_end_at_night_wait_for_the_opening():
    assert queries.deadline_of(POLICY, Window.URGENT, utc(2026, 11, 23, 18, 0)) == utc(2026, 11, 24, 8, 0)


def test_the_night_when_clocks_go_back_costs_nobody_an_hour():
    issued = utc(2026, 10, 24, 12, 0)  # 1pm BST
    assert queries.deadline_of(POLICY, Window.STANDARD, issued) == utc(2026, 10, 25, 12, 0)  # midday GMT


def test_a_batch_has_five_working_days_without_bank_holidays():
    assert queries.deadline_of(POLICY, Window.BATCH, utc(2025, 12, 22, 9, 0)) == utc(2025, 12, 31, 17, 0)


def test_beyond_the_known_bank_holidays_there_is_a_sentence():
    with pytest.raises(Conflict, match="bank holidays"):
        queries.deadline_of(POLICY, Window.BATCH, utc(2099, 1, 1, 9, 0))
