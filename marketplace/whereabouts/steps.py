"""Saying which of two addresses holds, and from when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Length

from app import clock
from app.audit import access
from app.errors import MOST_REASON
from app.steps import PageStep, at
from app.ui.fields import RadioField, TextField, choice
from app.ui.forms import HomewardForm
from marketplace.packages.models import Package
from marketplace.packages.queries import addresses_in_question
from marketplace.people.forms import first_day
from marketplace.people.queries import in_scope
from marketplace.whereabouts.queries import package_to_decide, reads_package
from marketplace.whereabouts.services import decide_address

bp = Blueprint("whereabouts_steps", __name__, url_prefix="/packages")


class AddressForm(HomewardForm):
    """Which of two addresses holds, and from when."""

    holds = RadioField("Which holds?", validators=[InputRequired("Choose the one that holds.")])
    holds_from = first_day()
    reason = TextField(
        "How you know",
        description="For example: confirmed with the person by telephone.",
        validators=[InputRequired("Say how you know."), Length(max=MOST_REASON)],
    )

    def offer(self, addresses: Sequence[str]) -> Self:
        """The form with what was told and what the record says to choose from."""
        words = ("As this package came: {}. The record takes it over.", "As the record says: {}. The visits are there.")
        values = ("told", "record")
        self.holds.choices = [
            choice(value, text.format(address)) for value, text, address in zip(values, words, addresses, strict=False)
        ]
        return self

    def typed(self) -> tuple[bool, date | None, str]:
        """Whether the record takes over what was told, from which day, and how that is known."""
        return self.holds.data == "told", self.holds_from.data, self.reason.data or ""


@at(bp, "/<uuid:package_id>/address")
class DecideAddress(PageStep[Package, tuple[bool, date | None, str]]):
    """Says which of two addresses holds and from when; a package that only waited for that becomes ready."""

    permission = "people:write"
    form_class = AddressForm
    heading, button = "Where does the person live?", "Record the answer"
    told = "What was told differs from the record. Providers of running care are told that something changed."
    said = "Where the person lives has been recorded."
    query = staticmethod(package_to_decide)

    def get(self, **ids: Any) -> str | AnyResponse:
        package = self.load(**ids)
        if not self.in_question(package):
            return redirect(self.onwards(package, None))
        return super().get(**ids)

    def form(self, package: Package) -> HomewardForm:
        return AddressForm().offer(self.in_question(package))

    def caption(self, package: Package) -> str:
        return f"Package {package.reference}"

    def in_question(self, package: Package) -> tuple[str, ...]:
        """As told and as in the record, for whoever may change the record."""
        if not in_scope(self.viewer, package.person):
            return ()
        access.note_read(package.person_id)
        return addresses_in_question(package) or ()

    def act(self, package: Package, typed: tuple[bool, date | None, str]) -> Package:
        takes_over, holds_from, reason = typed
        day = holds_from or clock.today()
        decide_address(package, takes_over=takes_over, holds_from=day, because=reason, by=self.viewer.actor)
        return package

    def onwards(self, package: Package, outcome: Any) -> str:
        """The package where the viewer reads it, else the person whom they hold."""
        if reads_package(self.viewer, package):
            return url_for("packages.show", package_id=package.id)
        return url_for("people.show", person_id=package.person_id)
