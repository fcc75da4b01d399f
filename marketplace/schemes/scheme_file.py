"""What a scheme file (TOML) says: the scheme, its policy, lots with prices, zones and referring teams.

Every problem is named by its key, and all of them at once. A file adds and changes; it never takes away.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from app.errors import Invalid
from app.values.email import read_email
from app.values.money import MOST_PENCE
from app.values.postcode import Outcode, Sector
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.rules import TERM_NAMES, PolicyTerms, PriceLimits, problems_with
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
LONGEST_KEY = 60
NEEDED: Any = None
"""The default of a key that must be there: it is judged like any value, and refused in the words of its kind."""
USUAL = PolicyTerms()
SENTENCES = {
    "extra_forbidden": "This key is not known. Correct its spelling or take it out.",
    "int_type": "Enter a whole number.",
    "bool_type": "Enter true or false.",
    "date_type": "Enter a date such as 2026-04-01, without quotation marks.",
}
TEXTS = 'Enter a list of texts, such as ["PR1 8", "PR1 9"].'


def _text(most: int) -> PlainValidator:
    def read(value: object) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise ValueError("Enter a text on one line.")
        if len(value.strip()) > most:
            raise ValueError(f"Shorten it to at most {most} characters.")
        return value.strip()

    return PlainValidator(read)


def _area(kind: type[Sector] | type[Outcode]) -> PlainValidator:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(TEXTS)
        return kind.parse(value).text

    return PlainValidator(read)


def _pence(value: object) -> int:
    """An amount given in pounds, as pence."""
    is_number = type(value) is int or (isinstance(value, Decimal) and value.is_finite())
    if is_number and 0 < (pounds := Decimal(str(value))) <= Decimal(MOST_PENCE) / 100 and not pounds * 100 % 1:
        return int(pounds * 100)
    raise ValueError("Enter an amount in pounds over £0, with up to 2 decimal places, such as 22.00.")


def _number(value: object) -> object:
    if type(value) is not int and not (isinstance(value, Decimal) and value.is_finite()):
        raise ValueError("Enter a number.")
    return float(value) if isinstance(value, Decimal) else value


ShortName = Annotated[str, _text(100)]
Name = Annotated[str, _text(200)]
Time = Annotated[str, _text(5)]
Pence = Annotated[int, PlainValidator(_pence)]
Day = Annotated[date, Strict()]
Numbers = dict[str, Annotated[object, PlainValidator(_number)]]


class _Table(BaseModel):
    """A table of the file. A mistyped key must not pass in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("*")
    @classmethod
    def _fits_the_policy(cls, value: Any, info: ValidationInfo) -> Any:
        """A term is judged with those before it, so that what is wrong stands at its own key."""
        if (name := info.field_name) in TERM_NAMES:
            terms = {known: info.data[known] for known in info.data.keys() & set(TERM_NAMES)}
            if problem := problems_with(PolicyTerms(**terms, **{str(name): value})).get(str(name)):
                raise ValueError(problem)
        return value


class Windows(_Table):
    """The response windows of a policy."""

    urgent_hours: StrictInt = USUAL.urgent_hours
    standard_hours: StrictInt = USUAL.standard_hours
    batch_working_days: StrictInt = USUAL.batch_working_days
    opening: Time = USUAL.opening
    closing: Time = USUAL.closing


class _Limits(_Table):
    floor: Pence = NEEDED
    ceiling: Pence = NEEDED

    @field_validator("ceiling")
    @classmethod
    def _not_below_the_floor(cls, ceiling: int, info: ValidationInfo) -> int:
        if ceiling < info.data.get("floor", ceiling):
            raise ValueError("The ceiling must not be below the floor.")
        return ceiling


class SpecialPrice(_Limits):
    """Floor and ceiling in pence, for one zone (by name) or all, for one band or all hours."""

    zone: ShortName | None = None
    band: PriceBand | None = None

    @field_validator("zone")
    @classmethod
    def _stands_in_the_file(cls, zone: str | None, info: ValidationInfo) -> str | None:
        if zone is not None and zone not in (info.context or ()):
            raise ValueError("There is no zone of this name in the file.")
        return zone


class LotTerms(_Limits):
    """A lot with its unit and its prices."""

    name: ShortName = NEEDED
    unit: LotUnit = LotUnit.HOUR
    prices: tuple[SpecialPrice, ...] = ()

    @field_validator("prices")
    @classmethod
    def _each_once(cls, prices: tuple[SpecialPrice, ...]) -> tuple[SpecialPrice, ...]:
        if len({(None, None), *((price.zone, price.band) for price in prices)}) <= len(prices):
            raise ValueError("Give one floor and ceiling for each zone and band.")
        return prices

    @property
    def limits(self) -> Iterator[tuple[str | None, PriceBand | None, PriceLimits]]:
        """What holds for all zones and hours, then what holds for a zone by its name, for a band, or for both."""
        yield None, None, PriceLimits(self.floor, self.ceiling)
        for price in self.prices:
            yield price.zone, price.band, PriceLimits(price.floor, price.ceiling)


class ZoneTerms(_Table):
    """A zone and its outcodes and sectors in normal form."""

    name: ShortName = NEEDED
    code: Annotated[str, _text(20)] | None = None
    outcodes: tuple[Annotated[str, _area(Outcode)], ...] = ()
    sectors: tuple[Annotated[str, _area(Sector)], ...] = ()

    @field_validator("name")
    @classmethod
    def _is_known_to_prices(cls, name: str, info: ValidationInfo) -> str:
        if info.context is not None:
            info.context.add(name)
        return name

    @field_validator("sectors")
    @classmethod
    def _has_an_area(cls, sectors: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not sectors and not info.data.get("outcodes"):
            raise ValueError("Give the zone at least one sector or outcode.")
        return sectors

    @property
    def areas(self) -> tuple[tuple[AreaKind, str], ...]:
        """Its sectors, then its outcodes."""
        outcodes = ((AreaKind.OUTCODE, area) for area in self.outcodes)
        return (*((AreaKind.SECTOR, area) for area in self.sectors), *outcodes)


class TeamTerms(_Table):
    """A referring team."""

    name: Name = NEEDED
    email: Annotated[str, _text(254)] = NEEDED

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str) -> str:
        return read_email(email)


class SchemeTerms(_Table):
    """A whole file. `valid_from` is the day from which its policy and prices hold; zones are read before the prices."""

    name: Name = NEEDED
    authority: Name = NEEDED
    default_icb: Name | None = None
    regime: Regime = NEEDED
    established_on: Day | None = None
    ends_on: Day | None = None
    valid_from: Day | None = None
    quality_weight: StrictInt = USUAL.quality_weight
    price_weight: StrictInt = USUAL.price_weight
    price_scoring: PriceScoring = USUAL.price_scoring
    quality_minimum: StrictInt = USUAL.quality_minimum
    award_method: AwardMethod = USUAL.award_method
    min_cqc_rating: Rating = USUAL.min_cqc_rating
    unrated_policy: UnratedPolicy = USUAL.unrated_policy
    tolerance_policy: TolerancePolicy = USUAL.tolerance_policy
    yardstick_pence: Pence | None = Field(None, alias="yardstick_per_hour")
    award_limit_pence: Pence | None = Field(None, alias="award_limit_per_week")
    windows: Windows = Windows()
    setup_working_days: StrictInt = USUAL.setup_working_days
    still_needed_after_days: StrictInt = USUAL.still_needed_after_days
    batch_start_spread_days: StrictInt = USUAL.batch_start_spread_days
    batch_max_minutes: StrictInt = USUAL.batch_max_minutes
    batch_max_packages: StrictInt = USUAL.batch_max_packages
    batch_max_km: StrictInt = USUAL.batch_max_km
    batch_join_km: StrictInt = USUAL.batch_join_km
    small_district_below: StrictInt = USUAL.small_district_below
    reopen_working_days: StrictInt = USUAL.reopen_working_days
    assessment_summaries: StrictBool = USUAL.assessment_summaries
    claims: Numbers = {}
    kpi_targets: Numbers = {}
    zones: tuple[ZoneTerms, ...] = ()
    lots: tuple[LotTerms, ...] = ()
    teams: tuple[TeamTerms, ...] = Field((), alias="referring_teams")

    @field_validator("ends_on")
    @classmethod
    def _ends_after_it_began(cls, ends_on: date | None, info: ValidationInfo) -> date | None:
        if ends_on and (began := info.data.get("established_on")) and ends_on <= began:
            raise ValueError("The end must be after established_on.")
        return ends_on

    @field_validator("zones", "lots", "teams")
    @classmethod
    def _each_once(cls, tables: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        if info.field_name == "lots" and not tables:
            raise ValueError("Give the scheme at least one lot: begin it with [[lots]].")
        _refuse_doubles(table.name for table in tables)
        if info.field_name == "zones":
            _refuse_doubles(area for zone in tables for _, area in zone.areas)
        return tables

    @property
    def policy(self) -> PolicyTerms:
        """Its policy, with what is usual where the file says nothing."""
        stated = dict(self) | dict(self.windows)
        return PolicyTerms(**{name: stated[name] for name in TERM_NAMES})


def read_scheme_file(data: bytes) -> SchemeTerms:
    """What a scheme file says; raises Invalid with every problem by its key. Nothing of a bad file is used."""
    if len(data) > MOST_BYTES:
        raise _refused(file="The file is larger than 1 MB. A scheme file is much smaller.")
    try:
        table = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise _refused(file="The file is not UTF-8 text. Save it as UTF-8.") from None
    except (RecursionError, ArithmeticError, ValueError) as failure:
        why = str(failure)[:200].rstrip(".") or "it is nested too deeply"
        raise _refused(file=f"The file is not TOML: {why}.") from failure
    try:
        return SchemeTerms.model_validate(table, context=set())
    except ValidationError as failure:
        problems = failure.errors(include_url=False, include_input=False)
        raise _refused(**{_key(problem): _sentence(problem) for problem in problems}) from failure


def _refuse_doubles(names: Iterable[str]) -> None:
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise ValueError(f"Given more than once: {', '.join(twice[:10])}.")


def _refused(**problems: str) -> Invalid:
    return Invalid({key: f"{key}: {sentence}" for key, sentence in problems.items()})


def _key(problem: ErrorDetails) -> str:
    """Where it stands in the file, such as `lots[1].prices[2].floor`."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part[:LONGEST_KEY]}" for part in problem["loc"]]
    return "".join(parts).removeprefix(".")


def _sentence(problem: ErrorDetails) -> str:
    place, kind = problem["loc"], problem["type"]
    names = [part for part in place if isinstance(part, str)]
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    if kind == "enum":
        words = re.findall("'([^']+)'", problem["ctx"]["expected"])
        return f"Enter one of: {', '.join(words)}."
    if kind == "tuple_type" and names[-1] in ("sectors", "outcodes"):
        return TEXTS
    if kind == "tuple_type" or (kind == "model_type" and isinstance(place[-1], int)):
        return f"Begin each with [[{'.'.join(names)}]]."
    if kind in ("model_type", "dict_type"):
        return f"This must be a table: begin it with [{names[-1]}]."
    return SENTENCES[kind]
