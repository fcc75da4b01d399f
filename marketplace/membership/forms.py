"""What is typed on the pages of memberships, turned into typed values."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeVar

from wtforms.validators import Length

from app.ui.fields import EmailField, LongTextField, SelectField, TextField, TickField, choice, looks
from app.ui.forms import HomewardForm
from app.values.hours import minutes_from_hours
from app.values.money import Money
from marketplace.applications.forms import AREAS_HINT, needed_day, told, value_in
from marketplace.applications.rules import parse_areas
from marketplace.membership.suspensions import SuspensionDraft
from marketplace.providers.services import Carers
from marketplace.schemes.models import Lot, Scheme, Zone

Row = TypeVar("Row", Lot, Zone)


class PauseForm(HomewardForm):
    """Where new offers stop."""

    zone = SelectField("Where")
    everywhere: ClassVar = "Everywhere"

    def of_scheme(self, scheme: Scheme) -> Self:
        """The form with the zones of one scheme."""
        self.scheme = scheme
        self.zone.choices = _or_every(self.everywhere, scheme.zones)
        return self

    def typed(self) -> Any:
        """The zone, None for everywhere."""
        return _chosen(self.scheme.zones, self.zone)


class CapacityForm(PauseForm):
    """New hours a week, whole or in one zone."""

    everywhere = "The whole scheme"
    hours = TextField("New hours a week that you can take from now", render_kw=looks(width=5))

    def typed(self) -> tuple[Zone | None, int]:
        """The zone, None for the whole scheme, and the minutes; raises Invalid when they are no number."""
        return super().typed(), value_in(self.hours, minutes_from_hours)


class SuspensionForm(PauseForm):
    """A suspension with its scope, dates and reason."""

    lot = SelectField("Lot")
    zone = SelectField("Zone")
    everywhere = "Every zone"
    new_offers_only = TickField("Stop new offers only: the care that is given now needs no review")
    reason = told("Reason")
    starts_on = needed_day("First day", "Enter the first day.")
    review_on = needed_day("Look at it again on", "Enter the day of the review.")
    ends_on = needed_day("Last day", "Enter the last day.", "It ends by itself after this day.")

    def of_scheme(self, scheme: Scheme) -> Self:
        """The form with the lots and zones of one scheme."""
        self.lot.choices = _or_every("Every lot", scheme.lots)
        return super().of_scheme(scheme)

    def typed(self) -> SuspensionDraft:
        """The suspension."""
        return SuspensionDraft(
            **{name: self[name].data for name in ("reason", "starts_on", "review_on", "ends_on")},
            lot=_chosen(self.scheme.lots, self.lot),
            zone=super().typed(),
            new_offers_only=bool(self.new_offers_only.data),
        )


class ReviewForm(HomewardForm):
    """A suspension that goes on."""

    because = told("Reason")
    review_on = needed_day("Look at it again on", "Enter the day of the next review.")
    ends_on = needed_day("Last day", "Enter the last day.")


class OverrideForm(HomewardForm):
    """An override of the CQC gate for one member."""

    reason = told("Reason", "The provider and every broker will read it.")
    ends_on = needed_day("Last day", "Enter the last day.", "It ends by itself after this day.")


class RemovalForm(HomewardForm):
    """A removal that is proposed."""

    reasons = told("Reasons", "The provider will read them.")
    representations_until = needed_day("The provider can answer until", "Enter until when the provider can answer.")


class ConsideredForm(HomewardForm):
    """A removal that is approved."""

    considered = told("How you took the provider's answer into account")


class RemovalAnswerForm(HomewardForm):
    """What a provider says about its removal."""

    answer = told("Your answer", "")


class AreasForm(HomewardForm):
    """The areas of one lot."""

    included = LongTextField("Where you give care", description=AREAS_HINT)
    excluded = LongTextField("Except here", description="Smaller parts of these areas where you do not, such as PR1 8.")

    def typed(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both lists in normal form; raises Invalid by field."""
        return value_in(self.included, parse_areas), value_in(self.excluded, parse_areas)


class StandingPriceForm(HomewardForm):
    """The price of a yes by email link."""

    price = TextField(
        "Standing price",
        description="The price of a yes that is given with the link in an email. Leave it empty for none.",
        render_kw=looks(width=5, prefix="£"),
    )

    def typed(self) -> int | None:
        """The price in pence, None when empty; raises Invalid when it is no amount."""
        return value_in(self.price, Money.parse).pence if self.price.data else None


class CarersForm(HomewardForm):
    """Who the carers of a location are."""

    carers_female = TextField("Women among your carers", render_kw=looks(width=4))
    carers_male = TextField("Men among your carers", render_kw=looks(width=4))
    skills = LongTextField("Skills", description="One to a line. At least one carer has each of them.")
    languages = LongTextField("Languages", description="One to a line. At least one carer speaks each of them.")

    def typed(self) -> Carers:
        """Who they are; raises nothing, for the service refuses what is no number."""
        numbers = self._number("carers_female"), self._number("carers_male")
        return Carers(*numbers, self._lines("skills"), self._lines("languages"))

    def _number(self, name: str) -> int:
        """A typed number of carers; -1, which is refused, when it is none."""
        typed = (self[name].data or "").strip()
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def _lines(self, name: str) -> list[str]:
        return [line.strip() for line in (self[name].data or "").splitlines() if line.strip()]


class OfferContactForm(HomewardForm):
    """Somebody who is told of offers."""

    name = TextField("Name", validators=[Length(max=200)])
    email = EmailField("Email address", validators=[Length(max=254)])
    telephone = TextField("Telephone (if wanted)", validators=[Length(max=30)])


def _chosen(rows: Sequence[Row], field: SelectField) -> Row | None:
    """The row that was chosen, None for every one."""
    return next((row for row in rows if str(row.id) == field.data), None)


def _or_every(every: str, rows: Sequence[Lot | Zone]) -> list[Any]:
    return [choice("", every), *(choice(str(row.id), row.name) for row in rows)]
