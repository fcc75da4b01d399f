"""What a provider types: an answer to one package, one answer to all, and an answer through a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import FormField, HiddenField
from wtforms.validators import Length, Optional, ValidationError

from app import clock
from app.errors import Invalid, Refusal
from app.ui.fields import (
    CountedTextField,
    DayField,
    LongTextField,
    RadioField,
    SelectField,
    TextField,
    TickField,
    choice,
    looks,
)
from app.ui.forms import HomewardForm
from app.values.money import Money
from marketplace.answers.links import standing_yes
from marketplace.answers.rules import MOST_TYPED_VISITS, TEXT_LIMITS, DeclineReason, ResponseDraft
from marketplace.answers.services import Draft, accepting, declining
from marketplace.rounds.forms import instant_typed
from marketplace.rounds.models import OfferLine
from marketplace.rounds.rules import ResponseKind

YES_NO = [choice(ResponseKind.ACCEPT.value, "Yes, we accept"), choice(ResponseKind.DECLINE.value, "No, we decline")]
EACH = "each"
PRICE_LOOKS = looks(5, prefix="£", inputmode="decimal", autocomplete="off")


def pence_typed(text: str | None) -> int | None:
    """The price typed, in pence; None for nothing. Raises ValidationError with what to do."""
    try:
        return Money.parse(text).pence if text and text.strip() else None
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


def count_typed(text: str | None) -> int | None:
    """The whole number typed; None for nothing. Raises ValidationError with what to do."""
    typed = (text or "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise ValidationError("Enter a whole number, such as 3, or leave it empty.")
    return int(typed)


def _text(name: str, label: str, hint: str = "") -> Any:
    limit = TEXT_LIMITS[name]
    too_long = Length(max=limit, message=f"Write no more than {limit:,} characters.")
    return CountedTextField(label, description=hint, validators=[Optional(), too_long])


def _other_visits(label: str) -> Any:
    hint = (
        "Leave empty if you can do the times asked for. Otherwise the whole week that you can do, one line each: days, "
        "the window, minutes, x, how many carers. For example: Mon-Fri 10:30-11:30 45x1. Only these can be agreed. "
        "A yes with other times is ranked after those without."
    )
    return LongTextField(label, description=hint, validators=[Optional(), Length(max=MOST_TYPED_VISITS)])


def decline_choices(reasons: Sequence[DeclineReason]) -> list[Any]:
    """The authority's reasons, with nothing chosen first."""
    labels = ((reason.code, reason.label + " (say in words)" * reason.needs_text) for reason in reasons)
    return [choice("", "Choose a reason"), *(choice(code, label) for code, label in labels)]


class PricedForm(HomewardForm):
    """A yes with a price or a no with a reason. Numbers are typed as text, and what cannot be read is told at its field."""

    decline_code: SelectField

    def offering(self, reasons: Sequence[DeclineReason]) -> Self:
        """The form with these reasons to decline in its list."""
        self.decline_code.choices = decline_choices(reasons)
        return self

    def validate_price(self, field: Any) -> None:
        """An amount of money, where there is one."""
        pence_typed(field.data)

    def validate_people_nearby_count(self, field: Any) -> None:
        """A whole number, where there is one."""
        count_typed(field.data)


class AnswerForm(PricedForm):
    """An answer to one package. Nothing is required here: a draft may be incomplete, and rules judge what is sent."""

    kind = RadioField("Your answer", choices=YES_NO, validators=[Optional()])
    price = TextField("Price", render_kw=PRICE_LOOKS, validators=[Optional()])
    earliest_start = DayField("Earliest start", validators=[Optional()])
    other_visits = _other_visits("Other times you can do, as visits (if not those asked for)")
    alternative_times = _text("alternative_times", "Other times in your words", "What the visits do not say.")
    assessment_visit_needed = TickField("We need an assessment visit before care starts")
    people_nearby_count = TextField(
        "How many people you visit nearby", render_kw=looks(3, inputmode="numeric"), validators=[Optional()]
    )
    people_nearby_text = _text("people_nearby_text", "People you visit nearby", "Streets or villages, never names.")
    decline_code = SelectField("Reason", validators=[Optional()])
    decline_text = _text("decline_text", "The reason in your words")
    note = _text("note", "Anything the council should know", "No names, telephone numbers or postcodes.")
    version = HiddenField()

    def draft(self) -> ResponseDraft:
        """What was typed as an answer."""
        return ResponseDraft(
            kind=ResponseKind(self.kind.data) if self.kind.data else None,
            price_pence=pence_typed(self.price.data),
            earliest_start=self.earliest_start.data,
            assessment_visit_needed=bool(self.assessment_visit_needed.data),
            people_nearby_count=count_typed(self.people_nearby_count.data),
            decline_code=self.decline_code.data or "",
            **{name: self[name].data or "" for name in (*TEXT_LIMITS, "other_visits")},
        )

    def typed(self) -> tuple[ResponseDraft, int | None]:
        """The answer, and the version that was on the page; None when its field was tampered with: it counts as unknown."""
        seen = self.version.data or ""
        return self.draft(), int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None


class PhoneForm(AnswerForm):
    """An answer that a provider gave by telephone."""

    spoken_on = DayField("Day of the telephone conversation", validators=[Optional()])
    spoken_at = TextField(
        "Time of the telephone conversation", description="For example, 14:30 or 2:30pm.", render_kw=looks(5)
    )

    def heard_now(self) -> None:
        """Fills in this moment, as on a page that nobody has typed on yet."""
        local = clock.now().astimezone(clock.LONDON)
        self.spoken_on.data, self.spoken_at.data = local.date(), f"{local:%H:%M}"

    def heard_at(self) -> datetime:
        """When it was said. Raises Invalid at the field that is wrong."""
        return instant_typed(self.spoken_on.data, self.spoken_at.data or "", "spoken_on", "spoken_at")


class AnswerAllForm(PricedForm):
    """One answer to every package of an offer."""

    kind = RadioField("Your answer to all packages", choices=YES_NO, validators=[Optional()])
    price = TextField("Price for every package", render_kw=PRICE_LOOKS, validators=[Optional()])
    earliest_start = DayField(
        "Earliest start of all",
        description="Leave empty to start each package on the day it asks for.",
        validators=[Optional()],
    )
    decline_code = SelectField("Reason", validators=[Optional()])
    decline_text = _text("decline_text", "The reason in your words")

    def typed(self) -> Draft:
        """What is said of each package. Raises Invalid where nothing was chosen."""
        if self.kind.data == ResponseKind.ACCEPT.value:
            return accepting(pence_typed(self.price.data), self.earliest_start.data)
        if self.kind.data == ResponseKind.DECLINE.value:
            draft = declining(self.decline_code.data, self.decline_text.data)
            return lambda _line: draft
        raise Invalid({"kind": "Choose yes or no for all packages."})


class LinkAnswer(FlaskForm):
    """One package on the page of a link: yes as asked, no with a reason, or nothing yet."""

    class Meta:
        """The outer form carries the token."""

        csrf = False

    kind = RadioField("Your answer", validators=[Optional()])
    other_visits = _other_visits("Other times you can do, as visits, if you say yes to those only")
    decline_code = SelectField("Reason for a no", validators=[Optional()])
    decline_text = _text("decline_text", "The reason in your words")

    def answer(self, line: OfferLine, price_pence: int | None) -> ResponseDraft | None:
        """The answer chosen for this package, or None."""
        if self.kind.data == ResponseKind.ACCEPT.value and price_pence is not None:
            return replace(standing_yes(line, price_pence), other_visits=self.other_visits.data or "")
        if self.kind.data == ResponseKind.DECLINE.value:
            return declining(self.decline_code.data, self.decline_text.data)
        return None


class LinkForm(HomewardForm):
    """The page of a link: a choice for all packages, and one part per package, made by `link_form`."""

    everything = RadioField("All packages", validators=[Optional()])
    decline_code = SelectField("Reason for a no to all", validators=[Optional()])
    decline_text = _text("decline_text", "The reason in your words")

    def part(self, line_id: UUID) -> LinkAnswer:
        """The part of one package."""
        part: LinkAnswer = self[_part_name(line_id)].form
        return part

    def take(self, refusal: Refusal) -> None:
        """Shows a refusal whose fields are named `line:field` in the part of that package, any other above."""
        if isinstance(refusal, Invalid) and self.everything.data not in (None, EACH):
            refusal = Invalid({name.rpartition(":")[2]: text for name, text in refusal.errors.items()})
        rest = {}
        for name, text in (refusal.errors if isinstance(refusal, Invalid) else {"": refusal.sentence}).items():
            line_id, _, field = name.partition(":")
            if field in {"kind", "other_visits", "decline_code", "decline_text"}:
                self.part(UUID(line_id))[field].errors = [text]
            else:
                rest[field or name] = text
        super().take(Invalid(rest))


def link_form(
    lines: Sequence[OfferLine], prices: Mapping[UUID, int | None], reasons: Sequence[DeclineReason]
) -> LinkForm:
    """The form for these packages; yes is offered only where the standing price lies within the limits."""
    fields = {_part_name(line.id): FormField(LinkAnswer) for line in lines}
    form: LinkForm = type("LinkFormOfPackages", (LinkForm,), fields)()
    for line in lines:
        form.part(line.id).kind.choices = _link_choices(prices[line.id])
        form.part(line.id).decline_code.choices = decline_choices(reasons)
    known = [price for price in prices.values() if price is not None]
    whole = known[0] if known and len(known) == len(lines) else None
    form.everything.choices = [choice(EACH, "I answer package by package"), *_link_choices(whole)]
    form.decline_code.choices = decline_choices(reasons)
    return form


def _link_choices(price_pence: int | None) -> list[Any]:
    no = choice(ResponseKind.DECLINE.value, "No, we decline")
    if price_pence is None:
        return [no]
    return [choice(ResponseKind.ACCEPT.value, f"Yes, as asked, at {Money(price_pence)}"), no]


def _part_name(line_id: UUID) -> str:
    return f"package_{line_id.hex}"
