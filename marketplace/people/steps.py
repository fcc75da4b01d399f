"""What is changed of a person's record, and how an identity is opened: a page that asks, a press that does it."""

from __future__ import annotations

from datetime import date
from typing import TypeVar, cast
from uuid import UUID

from flask import Blueprint, current_app, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.errors import Invalid
from app.house import House
from app.http.transaction import keep_though_refused
from app.steps import PageStep, at
from app.ui.forms import HomewardForm
from marketplace.people import break_glass, matching, queries, services
from marketplace.people.forms import (
    AdvocacyForm,
    Compared,
    CompareForm,
    CorrectionForm,
    OpenByReferenceForm,
    OpenIdentityForm,
    PersonContactForm,
    RepresentativeForm,
    WithdrawalForm,
    contact_form,
    correction_form,
)
from marketplace.people.models import BreakGlass, Person, Representative
from marketplace.people.rules import AdvocacyAnswers, Correction
from marketplace.people.services import Contact, RepresentativeDetails

bp = Blueprint("people_steps", __name__, url_prefix="/people")

Typed = TypeVar("Typed")
NOBODY = "Nobody within your reach has this reference or NHS number. Check it."


class _PersonPage(PageStep[Person, Typed]):
    """A change of what is known of somebody in the viewer's own scope; afterwards the person is shown."""

    permission = "people:write"
    template = "marketplace/people/form.html"
    button = "Save"
    query = staticmethod(queries.person_to_change)
    leads_to = "people.show"

    def caption(self, person: Person) -> str:
        return f"{person.name}, {person.reference}"


@at(bp, "/<uuid:person_id>/contact")
class ChangeContact(_PersonPage[Contact]):
    """Changes how to reach the person."""

    form_class = PersonContactForm
    heading = "How to reach the person"

    def form(self, person: Person) -> HomewardForm:
        return contact_form(person)

    def act(self, person: Person, typed: Contact) -> None:
        services.change_contact(person, typed, by=self.viewer.actor)


@at(bp, "/<uuid:person_id>/correct")
class CorrectPerson(_PersonPage[tuple[Correction, str]]):
    """Puts right what the record should have said all along."""

    permission = "people:correct"
    form_class = CorrectionForm
    heading, button, said = "Correct the record", "Correct", "The record has been corrected."
    told = (
        "This is for what was wrong from the beginning. Where the person has moved, change how to reach them instead: the "
        "address of before stays to be seen. Providers of running care are told that something changed."
    )
    query = staticmethod(queries.person_to_correct)

    def blank(self, person: Person) -> HomewardForm:
        return correction_form(person)

    def act(self, person: Person, typed: tuple[Correction, str]) -> None:
        services.correct(person, *typed, viewer=self.viewer)


@at(bp, "/<uuid:person_id>/compare")
class CompareRecords(PageStep[Person, tuple[Compared, date | None, str]]):
    """Says whether what was told of somebody is about the known person with the same NHS number, and which holds."""

    permission = "people:write"
    template = "marketplace/people/compare.html"
    form_class = CompareForm
    heading, button = "Is this the same person?", "Record the answer"
    said = "The answer has been recorded."
    query = staticmethod(matching.told_to_compare)
    back_to = "pages.home"

    def caption(self, told: Person) -> str:
        return told.reference

    def page(self, form: HomewardForm, told: Person) -> str:
        shown = {
            "known": queries.known_before(told),
            "rows": matching.differences(told),
            "sections": cast(House, current_app).sections_about(self.viewer, "told_person", told.id),
        }
        return render_template(self.template, form=form, back=self.back(told), **shown, **self.words(told))

    def act(self, told: Person, typed: tuple[Compared, date | None, str]) -> Person:
        outcome, holds_from, because = typed
        by = self.viewer.actor
        if outcome is Compared.ANOTHER:
            known = queries.known_before(told)
            matching.keep_apart(told, because=because, by=by)
            return known or told
        day, takes_over = holds_from or clock.today(), outcome is Compared.TOLD
        return matching.join(told, takes_over=takes_over, holds_from=day, because=because, by=by)

    def onwards(self, told: Person, outcome: Person) -> str:
        return url_for("people.show", person_id=outcome.id)


@at(bp, "/<uuid:person_id>/representatives/new")
class AddRepresentative(_PersonPage[RepresentativeDetails]):
    """Adds somebody who may speak for the person."""

    form_class = RepresentativeForm
    heading, button = "Add somebody who may speak for the person", "Add"

    def act(self, person: Person, typed: RepresentativeDetails) -> None:
        services.add_representative(person, typed, by=self.viewer.actor)


@at(bp, "/<uuid:person_id>/advocacy/new")
class RecordAdvocacyTest(_PersonPage[tuple[AdvocacyAnswers, date]]):
    """Records whether an independent advocate must be arranged."""

    form_class = AdvocacyForm
    heading = "Test whether an advocate is needed"

    def blank(self, person: Person) -> HomewardForm:
        return AdvocacyForm(data={"made_on": clock.today()})

    def act(self, person: Person, typed: tuple[AdvocacyAnswers, date]) -> None:
        services.record_advocacy_test(person, *typed, by=self.viewer.actor)


@at(bp, "/<uuid:person_id>/representatives/<uuid:representative_id>/withdraw")
class WithdrawConsent(_PersonPage[tuple[date, str]]):
    """Records that the person took consent back; the representative speaks for them no more."""

    form_class = WithdrawalForm
    heading, button = "Consent taken back", "Record that consent is taken back"
    representative: Representative

    def load(self, **ids: UUID) -> Person:
        person = super().load(person_id=ids["person_id"])
        self.representative = queries.representative_of(person, ids["representative_id"])
        return person

    def blank(self, person: Person) -> HomewardForm:
        return WithdrawalForm(data={"withdrawn_on": clock.today()})

    def act(self, person: Person, typed: tuple[date, str]) -> None:
        day, because = typed
        services.withdraw_consent(person, self.representative, day, because=because, by=self.viewer.actor)


class _OpeningPage(PageStep[Person | None, Typed]):
    """Opens who somebody is, out of scope, for an hour. Nothing of them is shown before but the reference."""

    permission = "people:break-glass"
    template = "marketplace/people/break_glass.html"
    heading, button = "Open who a person is", "Open for 60 minutes"
    back_to = "pages.home"

    def onwards(self, person: Person | None, outcome: BreakGlass) -> str:
        return url_for("people.show", person_id=outcome.person_id)

    def caption(self, person: Person | None) -> str:
        return person.reference if person else ""


@at(bp, "/<uuid:person_id>/open")
class OpenIdentity(_OpeningPage[str]):
    """Opens the identity of this person."""

    form_class = OpenIdentityForm
    query = staticmethod(break_glass.person_to_open)

    def act(self, person: Person | None, typed: str) -> BreakGlass:
        assert person
        return break_glass.open_identity(self.viewer, person, typed)


@at(bp, "/open")
class OpenByReference(_OpeningPage[tuple[str, str]]):
    """Opens the identity of whoever has the reference or the NHS number."""

    form_class = OpenByReferenceForm

    def act(self, person: Person | None, typed: tuple[str, str]) -> BreakGlass | None:
        return break_glass.open_called(self.viewer, *typed)

    def done(self, person: Person | None, outcome: BreakGlass | None) -> AnyResponse:
        if outcome is None:
            keep_though_refused()  # that somebody looked stays
            return self.refused(self.form(None), Invalid({"person": NOBODY}), None)
        return super().done(person, outcome)
