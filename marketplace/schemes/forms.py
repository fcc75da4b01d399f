"""What is typed about schemes: a file, a new policy, a new floor and ceiling, another end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any, NamedTuple

from flask_wtf.file import FileRequired
from wtforms.validators import InputRequired, Length, Optional

from app.errors import MOST_REASON, Reading
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
from app.values.money import Money, pounds_number
from marketplace.schemes.models import Lot, Scheme, Zone
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

WEEKLY_HOURS = "batch_max_minutes"
MONEY = ("yardstick_pence", "award_limit_pence")


class NewPrice(NamedTuple):
    """Floor and ceiling of a lot that hold from a day on, for one zone or all, one band or all hours; and why."""

    lot: Lot
    limits: PriceLimits
    valid_from: date
    zone: Zone | None
    band: PriceBand | None
    because: str


def _pence(text: str) -> int:
    return Money.parse(text).pence


def _pence_or_none(text: str) -> int | None:
    return _pence(text) if text else None


def _whole(name: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(whole_number_sentence(name))
        return int(text)

    return read


TERMS: dict[str, Callable[[Any], Any]] = {
    **{name: _whole(name) for name in WHOLE_NUMBERS},
    WEEKLY_HOURS: minutes_from_hours,
    **dict.fromkeys(MONEY, _pence_or_none),
    "price_scoring": PriceScoring,
    "award_method": AwardMethod,
    "min_cqc_rating": Rating,
    "unrated_policy": UnratedPolicy,
    "tolerance_policy": TolerancePolicy,
    "opening": str,
    "closing": str,
    "assessment_summaries": bool,
}
"""The terms of a policy that are typed, and how each is read."""


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
    setup_working_days = _number("Batches: working days to set care up after the deadline")
    opening = TextField("Opening time", description="For example 08:00", render_kw=looks(width=5))
    closing = TextField("Closing time", description="For example 20:00", render_kw=looks(width=5))
    still_needed_after_days = _number("Confirm a need that is older than", suffix="days")
    batch_start_spread_days = _number("Starts within a batch", suffix="days")
    batch_max_minutes = _number("Most hours a week in a batch", suffix="hours")
    batch_max_packages = _number("Most packages in a batch")
    batch_max_km = _number("Longest round of a carer", "Through every place of a batch and back, straight lines.", "km")
    batch_join_km = _number("Join small neighbours within", "Between the middles of two batches.", "km")
    small_district_below = _number("Show the zone instead of a district with fewer packages than")
    reopen_working_days = _number("Ranking open again after a withdrawal", suffix="working days")
    assessment_summaries = TickField("Release assessment summaries after an award above the threshold")
    because = _reason("Why is the policy changed?")

    def of_terms(self, base: PolicyTerms) -> PolicyForm:
        """The form for a policy that has these terms where the form shows none."""
        self.base = base
        return self

    def typed(self) -> tuple[PolicyTerms, date, str]:
        """The policy, its first day, and why; raises Invalid at the fields."""
        terms = replace(self.base, **_read(self, TERMS))
        return terms, self.valid_from.data or date.max, self.because.data or ""


class PriceForm(HomewardForm):
    """A new floor and ceiling."""

    lot = SelectField("Lot", validators=[InputRequired("Choose a lot.")])
    zone = SelectField("Zone")
    band = SelectField("Hours", choices=[choice("", "All hours"), *_words(BANDS)])
    floor = _pounds("Floor", "The lowest price that can be offered.")
    ceiling = _pounds("Ceiling", "The highest price that can be offered.")
    valid_from = _starts("First day of the new floor and ceiling")
    because = _reason("Why are they changed?")

    def of_scheme(self, scheme: Scheme) -> PriceForm:
        """The form with the lots and zones of one scheme."""
        self.scheme = scheme
        self.lot.choices = [choice(str(lot.id), f"{lot.name} ({UNITS[lot.unit]})") for lot in scheme.lots]
        self.zone.choices = [choice("", "All zones"), *(choice(str(zone.id), zone.name) for zone in scheme.zones)]
        return self

    def typed(self) -> NewPrice:
        """What was typed; raises Invalid at the fields."""
        return NewPrice(
            lot=next(lot for lot in self.scheme.lots if str(lot.id) == self.lot.data),
            limits=PriceLimits(*_read(self, dict.fromkeys(("floor", "ceiling"), _pence)).values()),
            valid_from=self.valid_from.data or date.max,
            zone=next((zone for zone in self.scheme.zones if str(zone.id) == self.zone.data), None),
            band=PriceBand(self.band.data) if self.band.data else None,
            because=self.because.data or "",
        )


class EndForm(HomewardForm):
    """Another last day."""

    ends_on = DayField("Last day of the scheme", description="Leave it empty for no end.", validators=[Optional()])
    because = _reason("Why is the end changed?")

    def typed(self) -> tuple[date | None, str]:
        """The day, if there is to be one, and why."""
        return self.ends_on.data, self.because.data or ""


def policy_form(base: PolicyTerms) -> PolicyForm:
    """The form filled with the policy that holds now."""
    shown = asdict(base) | {name: str(getattr(base, name)) for name in WHOLE_NUMBERS}
    shown[WEEKLY_HOURS] = hours_number(base.batch_max_minutes).removesuffix(".00")
    for name in MONEY:
        shown[name] = pounds_number(getattr(base, name))
    return PolicyForm(data=shown).of_terms(base)


def _read(form: HomewardForm, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """What stands in these fields; raises Invalid with everything that cannot be read."""
    reading = Reading()
    values = {name: reading.value(name, read, form[name].data or "") for name, read in readers.items()}
    reading.finish()
    return values
