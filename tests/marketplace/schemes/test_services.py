"""Setting up a scheme from its file, and changing what may be changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.database import db, metadata
from app.errors import Conflict, Invalid
from app.parties.models import Organisation
from marketplace.schemes import queries
from marketplace.schemes.importing import import_scheme, own_terms
from marketplace.schemes.models import DeclineCode, LotPrice, Scheme, SchemePolicy
from marketplace.schemes.queries import terms_of
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.rules import PriceLimits
from marketplace.schemes.services import DEFAULT_DECLINE_CODES, add_policy, change_end, set_price
from marketplace.vocabulary import PriceBand, Rating, UnratedPolicy
from tests.marketplace import makers
from tests.marketplace.schemes.makers import a_file

LANCASHIRE = Path(__file__).resolve().parents[3] / "demo/lancashire/scheme.toml"
BY = {"because": "Decided by the board", "by": SYSTEM}


def imported(*changes):
    return import_scheme(a_file(*changes), by=SYSTEM)


def rows_per_table():
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables}


def test_a_file_sets_up_the_whole_scheme(people):
    done = imported()
    scheme = done.scheme
    assert done.created
    assert scheme.authority_id == people.council.id
    assert scheme.default_icb_id == people.icb.id
    assert [lot.name for lot in scheme.lots] == ["homecare", "night sitting"]
    assert [zone.name for zone in scheme.zones] == ["Chorley", "Preston"]
    assert [team.name for team in queries.teams_of(people.council.id)] == ["Discharge hub"]
    assert queries.policy_on(scheme.id, date(2024, 11, 1)).yardstick_pence == 2410
    codes = select(func.count()).where(DeclineCode.authority_id == people.council.id)
    assert db.session.scalar(codes) == len(DEFAULT_DECLINE_CODES)


def test_the_prices_of_the_file_hold_from_the_day_the_scheme_began(people):
    scheme = imported().scheme
    preston, lot = scheme.zones[1], scheme.lots[0]
    assert queries.limits_for(lot.id, None, date(2024, 11, 1)) == PriceLimits(2200, 3300)
    assert queries.limits_for(lot.id, preston.id, date(2024, 11, 1), PriceBand.NIGHT) == PriceLimits(2550, 3600)


def test_the_shipped_scheme_is_taken_and_knows_every_zone(session):
    scheme = import_scheme(LANCASHIRE.read_bytes(), by=SYSTEM, established_on=date(2024, 11, 1)).scheme
    assert db.session.get_one(Organisation, scheme.authority_id).name == "Lancashire County Council"
    assert len(scheme.zones) == 12
    assert queries.zone_finder(scheme.id)("PR1", "PR1 8").name == "Preston"
    assert queries.policy_on(scheme.id, date(2024, 11, 1)).award_limit_pence == 150_000


def test_the_same_file_again_changes_nothing_at_all(people):
    imported()
    before = rows_per_table()
    again = imported()
    assert (again.created, again.changes) == (False, ())
    assert rows_per_table() == before


def test_the_same_file_again_on_a_later_day_changes_nothing_either(people):
    imported()
    before = rows_per_table()
    with clock.moved_to(datetime.now(UTC) + timedelta(days=40)):
        assert imported().changes == ()
    assert rows_per_table() == before


def test_a_changed_file_adds_a_policy_from_today_and_keeps_the_old_one(people):
    scheme = imported().scheme
    done = imported(("quality_weight = 60", "quality_weight = 70"), ("price_weight = 40", "price_weight = 30"))
    assert done.scheme is scheme
    assert len(done.changes) == 1
    assert queries.policy_on(scheme.id, clock.today()).quality_weight == 70
    assert queries.policy_on(scheme.id, clock.today() - timedelta(days=1)).quality_weight == 60


def test_a_changed_file_moves_areas_between_zones_and_adds_lots_teams_and_prices(people):
    scheme = imported().scheme
    done = imported(
        (', "pr1  9"', ""),
        ('outcodes = ["PR7"]', 'outcodes = ["PR7"]\nsectors = ["PR1 9"]'),
        ("floor = 22.00", "floor = 22.50"),
        ("discharge@", "hub@"),
    )
    assert done.changes == ("Zone Preston.", "Zone Chorley.", "Floor and ceiling of homecare.", "Team Discharge hub.")
    assert queries.zone_finder(scheme.id)("PR1", "PR1 9").name == "Chorley"
    assert queries.limits_for(scheme.lots[0].id, None, clock.today()) == PriceLimits(2250, 3300)
    assert queries.teams_of(people.council.id)[0].email == "hub@testshire.example"


def test_what_a_file_no_longer_names_stays(people):
    scheme = imported().scheme
    imported(('[[zones]]\nname = "Chorley"\noutcodes = ["PR7"]\n', ""))
    assert queries.zone_finder(scheme.id)("PR7", "PR7 1").name == "Chorley"


def test_an_area_cannot_be_given_to_two_zones_by_two_files(people):
    imported()
    with pytest.raises(Invalid, match="In another zone of the scheme already: PR7"):
        imported(('name = "Chorley"', 'name = "Chorley and beyond"'))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('regime = "PCR2015_LTR"', 'regime = "PA2023_DM"', "keeps its regime"),
        ("established_on = 2024-11-01", "established_on = 2024-12-01", "does not change"),
        ('unit = "night"', 'unit = "hour"', "keeps its unit"),
        ("quality_weight = 60", "quality_weight = 61", "price_weight: The weights"),
    ],
)
def test_what_a_file_may_not_change_is_refused(people, old, new, said):
    imported()
    with pytest.raises(Invalid, match=said):
        imported((old, new))


def test_a_file_of_another_authority_is_not_taken_from_a_page(people):
    with pytest.raises(Invalid, match="another authority than Testshire"):
        own_terms(people.council, a_file(("Testshire County Council", "Elsewhere Council")))
    assert db.session.scalar(select(func.count()).select_from(Scheme)) == 0


def test_a_new_policy_begins_on_its_day_and_the_audit_says_what_changed_and_why(people):
    scheme = makers.a_scheme(people)
    terms = replace(terms_of(queries.policy_on(scheme.id, clock.today())), quality_weight=70, price_weight=30)
    start = clock.today() + timedelta(days=30)
    add_policy(scheme, terms, start, **BY)
    assert queries.policy_on(scheme.id, start - timedelta(days=1)).quality_weight == 60
    assert queries.policy_on(scheme.id, start).quality_weight == 70
    entry = timeline(scheme.id, Audience.COUNCIL)[0]
    assert (entry.tag, entry.reason) == ("scheme:policy_added", "Decided by the board")
    assert entry.facts["changes"] == "quality weight from 60 to 70; price weight from 40 to 30"


def test_a_policy_that_has_not_begun_can_be_corrected_and_one_that_has_cannot(people):
    scheme = makers.a_scheme(people)
    terms, today = terms_of(queries.policy_on(scheme.id, clock.today())), clock.today()
    tomorrow = today + timedelta(days=1)
    first = add_policy(scheme, replace(terms, quality_minimum=45), tomorrow, **BY)
    assert add_policy(scheme, replace(terms, quality_minimum=50), tomorrow, **BY).id == first.id
    add_policy(scheme, replace(terms, quality_minimum=55), today, **BY)
    with pytest.raises(Conflict, match="Choose a later day"):
        add_policy(scheme, terms, today, **BY)
    with pytest.raises(Invalid, match="in the past"):
        add_policy(scheme, terms, today - timedelta(days=1), **BY)


@pytest.mark.parametrize(
    "change", [{"min_cqc_rating": Rating.REQUIRES_IMPROVEMENT}, {"unrated_policy": UnratedPolicy.ADMIT}]
)
def test_the_conditions_of_a_dynamic_market_lock_when_it_begins(people, change):
    tomorrow = clock.today() + timedelta(days=1)
    market = makers.a_scheme(people, regime=Regime.PA2023_DM)
    terms = terms_of(queries.policy_on(market.id, clock.today()))
    with pytest.raises(Invalid, match="cannot change once it has begun") as refused:
        add_policy(market, replace(terms, **change), tomorrow, **BY)
    assert set(refused.value.errors) == set(change)
    add_policy(market, replace(terms, quality_weight=50, price_weight=50), tomorrow, **BY)
    elsewhere = makers.a_scheme(people)
    add_policy(elsewhere, replace(terms, **change), tomorrow, **BY)


def test_a_dynamic_market_that_has_not_begun_may_still_set_its_conditions(people):
    tomorrow = clock.today() + timedelta(days=1)
    market = makers.a_scheme(people, regime=Regime.PA2023_DM, established_on=tomorrow)
    terms = terms_of(queries.policy_on(market.id, clock.today()))
    assert add_policy(market, replace(terms, min_cqc_rating=Rating.OUTSTANDING), tomorrow, **BY)


def test_the_end_of_an_old_purchasing_system_cannot_be_changed_any_more(people):
    scheme = makers.a_scheme(people, regime=Regime.PCR2015_DPS, ends_on=date(2028, 1, 31))
    with clock.moved_to(datetime(2026, 11, 22, 9, tzinfo=UTC)), pytest.raises(Invalid, match="until 23 February 2026"):
        change_end(scheme, date(2028, 6, 30), **BY)
    assert scheme.ends_on == date(2028, 1, 31)


def test_another_schemes_end_can_be_changed_but_not_before_its_beginning(people):
    scheme = makers.a_scheme(people)
    change_end(scheme, date(2030, 3, 31), **BY)
    assert scheme.ends_on == date(2030, 3, 31)
    with pytest.raises(Invalid, match="after the day on which the scheme began"):
        change_end(scheme, scheme.established_on, **BY)


def test_a_price_that_has_not_begun_can_be_corrected_and_one_that_has_cannot(people):
    lot, today = makers.a_scheme(people).lots[0], clock.today()
    tomorrow = today + timedelta(days=1)
    first = set_price(lot, PriceLimits(2300, 3400), tomorrow, by=SYSTEM)
    assert set_price(lot, PriceLimits(2310, 3410), tomorrow, by=SYSTEM).id == first.id
    set_price(lot, PriceLimits(2250, 3350), today, by=SYSTEM)
    with pytest.raises(Conflict, match="Choose a later day"):
        set_price(lot, PriceLimits(2260, 3350), today, by=SYSTEM)
    with pytest.raises(Invalid, match="in the past"):
        set_price(lot, PriceLimits(2260, 3350), today - timedelta(days=1), by=SYSTEM)
    with pytest.raises(Invalid, match="below the floor"):
        set_price(lot, PriceLimits(2260, 2259), tomorrow, by=SYSTEM)
    assert db.session.query(LotPrice).filter_by(lot_id=lot.id).count() == 3


def test_nothing_is_written_when_a_policy_is_refused(people):
    scheme = makers.a_scheme(people)
    before = rows_per_table()
    terms = terms_of(queries.policy_on(scheme.id, clock.today()))
    with pytest.raises(Invalid):
        add_policy(scheme, replace(terms, quality_weight=70), clock.today(), **BY)
    assert rows_per_table() == before
    assert db.session.query(SchemePolicy).count() == 1
    assert db.session.query(AuditEntry).filter_by(subject_id=scheme.id).count() == 0


def test_the_first_list_of_decline_codes_has_twelve_and_only_other_needs_words():
    assert len({code for code, _, _ in DEFAULT_DECLINE_CODES}) == 12
    assert [code for code, _, needs_words in DEFAULT_DECLINE_CODES if needs_words] == ["other"]
    assert ("travel", "Too much travel between visits", False) in DEFAULT_DECLINE_CODES
