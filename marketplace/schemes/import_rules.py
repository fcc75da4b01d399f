"""What a scheme file (TOML) says: the scheme, its policy, lots with prices, zones and referring teams.

Every problem is named by its key, and all of them at once. A file adds and changes; it never takes away.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.values.postcode import Outcode, Sector
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.rules import WHOLE_NUMBERS, PolicyTerms, problems_with
from marketplace.schemes.table_rules import TableReader
from marketplace.vocabulary import (
    AreaKind,
    AwardMethod,
    LotUnit,
    PriceBand,
    PriceScoring,
    Rating,
    TolerancePolicy,
    UnratedPolicy,
)

MOST_BYTES = 1_000_000
WINDOW_NUMBERS = ("urgent_hours", "standard_hours", "batch_working_days")
WINDOW_TIMES = ("opening", "closing")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]+")
_FIELD_KEYS = {name: f"windows.{name}" for name in (*WINDOW_NUMBERS, *WINDOW_TIMES)} | {
    "yardstick_pence": "yardstick_per_hour",
    "award_limit_pence": "award_limit_per_week",
}


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """Floor and ceiling in pence, for one zone (by name) or all, for one band or all hours."""

    floor_pence: int
    ceiling_pence: int
    zone: str = ""
    band: PriceBand | None = None


@dataclass(frozen=True, slots=True)
class LotTerms:
    """A lot with its unit and its prices."""

    name: str
    unit: LotUnit
    prices: tuple[PriceTerms, ...]


@dataclass(frozen=True, slots=True)
class ZoneTerms:
    """A zone and its outcodes and sectors in normal form."""

    name: str
    code: str
    areas: tuple[tuple[AreaKind, str], ...]


@dataclass(frozen=True, slots=True)
class TeamTerms:
    """A referring team."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class SchemeTerms:
    """A whole file. `valid_from` is the day from which its policy and prices hold."""

    name: str
    authority: str
    default_icb: str
    regime: Regime
    established_on: date | None
    ends_on: date | None
    valid_from: date | None
    policy: PolicyTerms
    lots: tuple[LotTerms, ...]
    zones: tuple[ZoneTerms, ...]
    teams: tuple[TeamTerms, ...]


@dataclass(frozen=True, slots=True)
class SchemeReading:
    """What came of reading a file: its terms, or its problems by key."""

    terms: SchemeTerms | None
    problems: dict[str, str]


def read_scheme_file(data: bytes) -> SchemeReading:
    """Reads a scheme file; nothing of a file with a problem is used."""
    if len(data) > MOST_BYTES:
        return SchemeReading(None, {"file": "The file is larger than 1 MB. A scheme file is much smaller."})
    try:
        table = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        return SchemeReading(None, {"file": "The file is not UTF-8 text. Save it as UTF-8."})
    except (tomllib.TOMLDecodeError, RecursionError, ArithmeticError, ValueError) as failure:
        return SchemeReading(None, {"file": f"The file is not TOML: {_in_short(failure)}."})
    problems: dict[str, str] = {}
    terms = _scheme(TableReader(table, "", problems))
    return SchemeReading(None if problems else terms, problems)


def _in_short(failure: Exception) -> str:
    return str(failure)[:200].rstrip(".") or "it is nested too deeply"


def _scheme(reader: TableReader) -> SchemeTerms:
    regime = reader.needed_word("regime", Regime)
    zones = tuple(_zone(table) for table in reader.tables("zones"))
    lots = tuple(_lot(table, {zone.name for zone in zones}) for table in reader.tables("lots"))
    terms = SchemeTerms(
        name=reader.text("name", most=200),
        authority=reader.text("authority", most=200),
        default_icb=reader.text("default_icb", most=200, required=False),
        regime=regime or Regime.PCR2015_LTR,
        established_on=reader.day("established_on"),
        ends_on=reader.day("ends_on"),
        valid_from=reader.day("valid_from"),
        policy=_policy(reader),
        lots=lots,
        zones=zones,
        teams=tuple(_team(table) for table in reader.tables("referring_teams")),
    )
    reader.refuse_the_rest()
    _refuse_contradictions(reader, terms)
    return terms


def _policy(reader: TableReader) -> PolicyTerms:
    usual = PolicyTerms()
    policy = PolicyTerms(
        **_numbers(reader, usual),
        **_windows(reader.table("windows"), usual),
        price_scoring=reader.word("price_scoring", PriceScoring, usual.price_scoring),
        award_method=reader.word("award_method", AwardMethod, usual.award_method),
        min_cqc_rating=reader.word("min_cqc_rating", Rating, usual.min_cqc_rating),
        unrated_policy=reader.word("unrated_policy", UnratedPolicy, usual.unrated_policy),
        tolerance_policy=reader.word("tolerance_policy", TolerancePolicy, usual.tolerance_policy),
        yardstick_pence=reader.pence("yardstick_per_hour"),
        award_limit_pence=reader.pence("award_limit_per_week"),
        assessment_summaries=reader.flag("assessment_summaries", usual.assessment_summaries),
        claims=reader.numbers("claims"),
        kpi_targets=reader.numbers("kpi_targets"),
    )
    for name, sentence in problems_with(policy).items():
        reader.refuse(_FIELD_KEYS.get(name, name), sentence)
    return policy


def _numbers(reader: TableReader, usual: PolicyTerms) -> dict[str, Any]:
    names = (name for name in WHOLE_NUMBERS if name not in WINDOW_NUMBERS)
    return {name: reader.whole(name, getattr(usual, name)) for name in names}


def _windows(reader: TableReader, usual: PolicyTerms) -> dict[str, Any]:
    windows: dict[str, Any] = {name: reader.whole(name, getattr(usual, name)) for name in WINDOW_NUMBERS}
    windows |= {name: reader.text(name, most=5, required=False) or getattr(usual, name) for name in WINDOW_TIMES}
    reader.refuse_the_rest()
    return windows


def _lot(reader: TableReader, zones: set[str]) -> LotTerms:
    name = reader.text("name", most=100)
    unit = reader.word("unit", LotUnit, LotUnit.HOUR)
    prices = [_limits(reader)]
    for table in reader.tables("prices"):
        prices.append(_special_price(table, zones))
        table.refuse_the_rest()
    reader.refuse_the_rest()
    if len({(price.zone, price.band) for price in prices}) < len(prices):
        reader.refuse("prices", "Give one floor and ceiling for each zone and band.")
    return LotTerms(name, unit, tuple(prices))


def _special_price(reader: TableReader, zones: set[str]) -> PriceTerms:
    zone = reader.text("zone", most=100, required=False)
    band = reader.needed_word("band", PriceBand) if reader.has("band") else None
    if zone and zone not in zones:
        reader.refuse("zone", "There is no zone of this name in the file.")
    limits = _limits(reader)
    return PriceTerms(limits.floor_pence, limits.ceiling_pence, zone, band)


def _limits(reader: TableReader) -> PriceTerms:
    floor, ceiling = (reader.pence(key, required=True) for key in ("floor", "ceiling"))
    if floor is not None and ceiling is not None and floor > ceiling:
        reader.refuse("ceiling", "The ceiling must not be below the floor.")
    return PriceTerms(floor or 0, ceiling or 0)


def _zone(reader: TableReader) -> ZoneTerms:
    name, code = reader.text("name", most=100), reader.text("code", most=20, required=False)
    areas = [(AreaKind.SECTOR, area) for area in _areas(reader, "sectors", Sector)]
    areas += [(AreaKind.OUTCODE, area) for area in _areas(reader, "outcodes", Outcode)]
    if not areas:
        reader.refuse("sectors", "Give the zone at least one sector or outcode.")
    reader.refuse_the_rest()
    return ZoneTerms(name, code, tuple(areas))


def _areas(reader: TableReader, key: str, kind: type[Sector] | type[Outcode]) -> list[str]:
    areas = []
    for number, text in enumerate(reader.texts(key), start=1):
        try:
            areas.append(kind.parse(text).text)
        except ValueError as problem:
            reader.refuse(f"{key}[{number}]", str(problem))
    return areas


def _team(reader: TableReader) -> TeamTerms:
    team = TeamTerms(reader.text("name", most=200), reader.text("email", most=254))
    if team.email and not _EMAIL.fullmatch(team.email):
        reader.refuse("email", "Enter an email address like name@example.org.")
    reader.refuse_the_rest()
    return team


def _refuse_contradictions(reader: TableReader, terms: SchemeTerms) -> None:
    if not terms.lots:
        reader.refuse("lots", "Give the scheme at least one lot: begin it with [[lots]].")
    _refuse_doubles(reader, "lots", (lot.name for lot in terms.lots))
    _refuse_doubles(reader, "zones", (zone.name for zone in terms.zones))
    _refuse_doubles(reader, "referring_teams", (team.name for team in terms.teams))
    _refuse_doubles(reader, "zones", (area for zone in terms.zones for _, area in zone.areas))
    if terms.established_on and terms.ends_on and terms.ends_on <= terms.established_on:
        reader.refuse("ends_on", "The end must be after established_on.")


def _refuse_doubles(reader: TableReader, key: str, names: Iterable[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
    if twice:
        reader.refuse(key, f"Given more than once: {', '.join(twice[:10])}.")
