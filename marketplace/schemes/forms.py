"""What is typed about schemes: a file, a new policy, a new floor and ceiling, another end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from flask_wtf.file import FileRequired
from wtforms.validators import InputRequired, Length, Optional

from app.errors import MOST_REASON, Invalid
from app.import_steps import FileForm
from app.ui.fields import (
    CountedTextField,
    DayField,
    RadioField,
    SelectField,
    TextField,
    TickField,
    UploadField,
    choice,
    looks,
)
from app.ui.forms import HomewardForm
from app.values.hours import hours_number, minutes_from_hours
from app.values.money import Money
from marketplace.schemes.models import Scheme
from marketplace.schemes.rules import (
    AWARD_METHODS,
    BANDS,
    SCORING,
    TOLERANCES,
    UNITS,
    UNRATED,
    WHOLE_NUMBERS,
    PolicyTerms,
    PriceLimits,
    whole_number_sentence,
)
from marketplace.vocabulary import AwardMethod, PriceBand, PriceScoring, Rating, TolerancePolicy, UnratedPolicy

V = TypeVar("V")
MONEY = ("yardstick_pence", "award_limit_pence")
CHOICES: dict[str, Callable[[str], Any]] = {
    "price_scoring": PriceScoring,
    "award_method": AwardMethod,
    "min_cqc_rating": Rating,
    "unrated_policy": UnratedPolicy,
    "tolerance_policy": TolerancePolicy,
}


class NewPolicy(NamedTuple):
    """Terms that hold from a day on, and why."""

    terms: PolicyTerms
    valid_from: date
    because: str


class NewPrice(NamedTuple):
    """Floor and ceiling of a lot that hold from a day on, for one zone or all, one band or all hours; and why."""

    lot_id: UUID
    zone_id: UUID | None
    band: PriceBand | None
    limits: PriceLimits
    valid_from: date
    because: str


class NewEnd(NamedTuple):
    """Another last day, or none; and why."""

    ends_on: date | None
    because: str


def _reason(label: str) -> CountedTextField:
    too_long = f"Shorten the reason to at most {MOST_REASON} characters."
    needed = InputRequired("Say why, so that it can be read later.")
    return CountedTextField(label, validators=[needed, Length(max=MOST_REASON, message=too_long)])


def _number(label: str, hint: str = "", suffix: str = "") -> TextField:
    return TextField(label, description=hint, render_kw=looks(width=5, suffix=suffix, inputmode="numeric"))


def _pounds(label: str, hint: str = "") -> TextField:
    return TextField(label, description=hint, render_kw=looks(width=10, prefix="£", inputmode="decimal"))


def _words(sentences: dict[Any, str]) -> list[Any]:
    return [choice(word.value, sentence) for word, sentence in sentences.items()]


def _starts(label: str) -> DayField:
    return DayField(label, description="Today or a later day.", validators=[InputRequired("Enter the first day.")])


class SchemeFileForm(FileForm):
    """A scheme's file."""

    file = UploadField(
        "Scheme file (TOML)",
        description="It names the scheme, its policy, lots with floor and ceiling, zones and referring teams.",
        validators=[FileRequired("Choose the scheme's file.")],
    )


class PolicyForm(HomewardForm):
    """A new policy; every field is a term of it under its own name."""

    valid_from = _starts("First day of the policy")
    quality_weight = _number("Weight of quality", suffix="%")
    price_weight = _number("Weight of price", "The two weights add up to 100.", "%")
    price_scoring = RadioField("How a price becomes points", choices=_words(SCORING))
    quality_minimum = _number("Least quality to be ranked", "Of 100.")
    award_method = RadioField("Who decides", choices=_words(AWARD_METHODS))
    min_cqc_rating = SelectField(
        "Least CQC rating of a member",
        choices=[choice(rating.value, rating.value) for rating in reversed(Rating) if rating is not Rating.UNRATED],
    )
    unrated_policy = RadioField("Branches without a rating", choices=_words(UNRATED))
    tolerance_policy = RadioField("How reviews by providers are judged", choices=_words(TOLERANCES))
    yardstick_pence = _pounds("Sustainable cost an hour", "Lower prices are flagged. Leave it empty for none.")
    award_limit_pence = _pounds("Award limit a week", "Higher awards need a second person. Leave it empty for none.")
    urgent_hours = _number("Urgent offers: hours to answer")
    standard_hours = _number("Standard offers: hours to answer")
    batch_working_days = _number("Batches: working days to answer")
    opening = TextField("Opening time", description="For example 08:00", render_kw=looks(width=5))
    closing = TextField("Closing time", description="For example 20:00", render_kw=looks(width=5))
    still_needed_after_days = _number("Confirm a need that is older than", suffix="days")
    batch_start_spread_days = _number("Starts within a batch", suffix="days")
    batch_max_minutes = _number("Most hours a week in a batch", suffix="hours")
    batch_max_packages = _number("Most packages in a batch")
    batch_max_km = _number("Widest batch", suffix="km")
    batch_join_km = _number("Join small neighbours within", suffix="km")
    small_district_below = _number("Show the zone instead of a district with fewer packages than")
    reopen_working_days = _number("Ranking open again after a withdrawal", suffix="working days")
    assessment_summaries = TickField("Release assessment summaries after an award above the threshold")
    because = _reason("Why is the policy changed?")

    def policy(self, base: PolicyTerms) -> NewPolicy:
        """The policy as typed, on top of the terms that the form does not show; raises Invalid at the fields."""
        problems: dict[str, str] = {}
        typed: dict[str, Any] = {name: read(self[name].data or "") for name, read in CHOICES.items()}
        typed |= {name: _read(self, name, _reader_of(name), problems) for name in WHOLE_NUMBERS}
        for name in MONEY:
            typed[name] = _read(self, name, _pence, problems) if self[name].data else None
        if problems:
            raise Invalid(problems)
        typed |= {name: self[name].data or "" for name in ("opening", "closing")}
        terms = replace(base, **typed, assessment_summaries=bool(self.assessment_summaries.data))
        return NewPolicy(terms, self.valid_from.data or date.max, self.because.data or "")


class PriceForm(HomewardForm):
    """A new floor and ceiling."""

    lot = SelectField("Lot", validators=[InputRequired("Choose a lot.")])
    zone = SelectField("Zone")
    band = SelectField("Hours", choices=[choice("", "All hours"), *_words(BANDS)])
    floor = _pounds("Floor", "The lowest price that can be offered.")
    ceiling = _pounds("Ceiling", "The highest price that can be offered.")
    valid_from = _starts("First day of the new floor and ceiling")
    because = _reason("Why are they changed?")

    def typed(self) -> NewPrice:
        """What was typed; raises Invalid at the fields."""
        problems: dict[str, str] = {}
        floor, ceiling = (_read(self, name, _pence, problems) for name in ("floor", "ceiling"))
        if floor is None or ceiling is None:
            raise Invalid(problems)
        return NewPrice(
            lot_id=UUID(self.lot.data),
            zone_id=UUID(self.zone.data) if self.zone.data else None,
            band=PriceBand(self.band.data) if self.band.data else None,
            limits=PriceLimits(floor, ceiling),
            valid_from=self.valid_from.data or date.max,
            because=self.because.data or "",
        )


class EndForm(HomewardForm):
    """Another last day."""

    ends_on = DayField("Last day of the scheme", description="Leave it empty for no end.", validators=[Optional()])
    because = _reason("Why is the end changed?")

    def typed(self) -> NewEnd:
        """The day, if there is to be one, and why."""
        return NewEnd(self.ends_on.data, self.because.data or "")


def policy_form(base: PolicyTerms) -> PolicyForm:
    """The form filled with the policy that holds now."""
    shown = {name: getattr(base, name) for name in PolicyForm.__dict__ if hasattr(base, name)}
    shown |= {name: str(shown[name]) for name in WHOLE_NUMBERS}
    shown["batch_max_minutes"] = hours_number(base.batch_max_minutes).removesuffix(".00")
    for name in MONEY:
        shown[name] = _plain(getattr(base, name))
    return PolicyForm(data=shown)


def price_form(scheme: Scheme) -> PriceForm:
    """The form with this scheme's lots and zones."""
    form = PriceForm()
    form.lot.choices = [choice(str(lot.id), f"{lot.name} ({UNITS[lot.unit]})") for lot in scheme.lots]
    form.zone.choices = [choice("", "All zones"), *(choice(str(zone.id), zone.name) for zone in scheme.zones)]
    return form


def _plain(pence: int | None) -> str:
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"


def _read(form: HomewardForm, name: str, read: Callable[[str], V], problems: dict[str, str]) -> V | None:
    try:
        return read(form[name].data or "")
    except ValueError as problem:
        problems[name] = str(problem)
        return None


def _reader_of(name: str) -> Callable[[str], int]:
    if name == "batch_max_minutes":
        return minutes_from_hours

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(whole_number_sentence(name))
        return int(text)

    return read


def _pence(text: str) -> int:
    return Money.parse(text).pence
