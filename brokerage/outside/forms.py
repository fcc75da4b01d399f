"""Forms of awards outside the system."""

from typing import Self

from wtforms.validators import InputRequired, Length, Optional

from app.database import db
from app.errors import MOST_REASON
from app.parties.viewer import Viewer
from app.ui.fields import CountedTextField, DayField, RadioField, SelectField, TextField, choice, is_yes, looks
from app.ui.forms import HomewardForm
from brokerage.outside.queries import sellers_known_to
from brokerage.outside.rules import OutsideGround, OutsideWanted
from marketplace.answers.forms import PRICE_LOOKS, pence_typed


def _interest() -> RadioField:
    return RadioField(
        "Do you have an interest in this provider?",
        description="You, or somebody close to you, works there, owns part of it, or gains from its awards.",
        choices=[choice("no", "No, I have none"), choice("yes", "Yes", "A colleague does this.")],
        coerce=is_yes,
        validators=[InputRequired("Choose yes or no.")],
    )


class OutsideForm(HomewardForm):
    """What is asked for. Empty fields are told by the rule, so that all are told at once."""

    ground = RadioField(
        "Why outside the system?",
        choices=[choice(ground, ground.label) for ground in OutsideGround],
        coerce=OutsideGround,
        validators=[InputRequired("Choose why.")],
    )
    reason = CountedTextField(
        "The reason in your words",
        description="Whoever decides reads it. Do not say who the person is.",
        validators=[Length(max=MOST_REASON)],
    )
    provider_id = SelectField("Provider", validators=[Optional()])
    provider_name = TextField("Name of a provider that is not in the list", validators=[Length(max=200)])
    cqc_location_id = TextField(
        "Its CQC location id, if it has one",
        description="Such as 1-134558905. A provider registered with it is found by it.",
        render_kw=looks(width=20, autocomplete="off"),
    )
    provider_postcode = TextField("Postcode of its office", render_kw=looks(width=10, autocomplete="off"))
    price_pence = TextField("Price per unit", render_kw=PRICE_LOOKS, validators=[Optional()])
    starts_on = DayField("First day of care", validators=[Optional()])
    need_confirmed_with = TextField(
        "Care is still needed: confirmed with", description="For example: ward 4.", validators=[Length(max=200)]
    )
    has_interest = _interest()

    def about(self, viewer: Viewer, unit: str) -> Self:
        """The form with the providers that a council knows, and the unit of the price."""
        providers = db.session.scalars(sellers_known_to(viewer))
        named = [choice(str(provider.id), provider.name) for provider in providers]
        self.provider_id.choices = [choice("", "Not in this list: named below"), *named]
        self.price_pence.label.text = f"Price per {unit}"
        return self

    def validate_price_pence(self, field: TextField) -> None:
        """An amount of money, where there is one."""
        pence_typed(field.data)

    def typed(self) -> OutsideWanted:
        """What is asked for."""
        texts = (
            "reason",
            "provider_id",
            "provider_name",
            "cqc_location_id",
            "provider_postcode",
            "need_confirmed_with",
        )
        return OutsideWanted(
            ground=self.ground.data,
            price_pence=pence_typed(self.price_pence.data),
            starts_on=self.starts_on.data,
            has_interest=self.has_interest.data,
            **{name: self[name].data or "" for name in texts},
        )


class DecisionForm(HomewardForm):
    """Somebody else agrees."""

    has_interest = _interest()
    need_confirmed_with = TextField(
        "Care is still needed: confirmed with",
        description="Only if the last yes is older than 24 hours.",
        validators=[Length(max=200)],
    )
