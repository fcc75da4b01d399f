"""Pages of a person: identity, how to reach them, who speaks for them, advocacy, and who looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.house import House
from app.ui.forms import HomewardForm
from app.values.nhs_number import NhsNumber
from marketplace.people import queries, services
from marketplace.people.forms import (
    PREFERENCES,
    REPRESENTATIVES,
    AdvocacyForm,
    RepresentativeForm,
    WithdrawalForm,
    contact_form,
)
from marketplace.people.glass import grant_of
from marketplace.people.models import AdvocacyTest, Person
from marketplace.people.rules import AdvocacyAnswers, AdvocacyOutcome, Difficulty, advocacy_outcome, consent_holds

bp = Blueprint("people", __name__, url_prefix="/people")


@dataclass(frozen=True, slots=True)
class AdvocacyView:
    """An advocacy test with what it obliges the council to do."""

    test: AdvocacyTest
    outcome: AdvocacyOutcome


@bp.get("/<uuid:person_id>")
@allows("people:read")
def show(person_id: UUID) -> str:
    """Who the person is; the read is logged."""
    viewer = current_viewer()
    person = queries.person_for(viewer, person_id)
    today = clock.today()
    speaking = {
        one.id: consent_holds(one.consent_given_on, one.consent_withdrawn_on, today) for one in person.representatives
    }
    return render_template(
        "marketplace/people/show.html",
        person=person,
        nhs_number=str(NhsNumber(person.nhs_number)) if person.nhs_number else "",
        speaking=speaking,
        tests=[AdvocacyView(test, _outcome(test)) for test in queries.advocacy_tests_of(person)],
        entries=timeline(person.id, Audience.COUNCIL) if person.authority_id == viewer.authority_id else (),
        preferences=PREFERENCES,
        kinds=REPRESENTATIVES,
        sections=cast(House, current_app).sections_about(viewer, "person", person.id),
        glass=None if queries.in_scope(viewer, person) else grant_of(viewer, person.id),
    )


@bp.get("/<uuid:person_id>/contact")
@allows("people:write")
def contact(person_id: UUID) -> str:
    """How to reach the person."""
    person = queries.person_to_change(current_viewer(), person_id)
    return _page(person, contact_form(person), "How to reach the person", "Save")


@bp.post("/<uuid:person_id>/contact")
@allows("people:write")
def change_contact(person_id: UUID) -> AnyResponse:
    """Changes it."""
    viewer = current_viewer()
    person = queries.person_to_change(viewer, person_id)
    form = contact_form(person)

    def change() -> None:
        services.change_contact(person, form.contact, by=viewer.actor)

    return _saved(person, form, change, "How to reach the person", "Save")


@bp.get("/<uuid:person_id>/representatives/new")
@allows("people:write")
def new_representative(person_id: UUID) -> str:
    """Somebody who may speak for the person."""
    person = queries.person_to_change(current_viewer(), person_id)
    return _page(person, RepresentativeForm(), "Add somebody who may speak for the person", "Add")


@bp.post("/<uuid:person_id>/representatives/new")
@allows("people:write")
def add_representative(person_id: UUID) -> AnyResponse:
    """Adds them."""
    viewer = current_viewer()
    person = queries.person_to_change(viewer, person_id)
    form = RepresentativeForm()

    def add() -> None:
        services.add_representative(person, form.details, by=viewer.actor)

    return _saved(person, form, add, "Add somebody who may speak for the person", "Add")


@bp.get("/<uuid:person_id>/representatives/<uuid:representative_id>/withdraw")
@allows("people:write")
def withdrawal(person_id: UUID, representative_id: UUID) -> str:
    """Consent that the person takes back."""
    person = queries.person_to_change(current_viewer(), person_id)
    queries.representative_of(person, representative_id)
    form = WithdrawalForm(data={"withdrawn_on": clock.today()})
    return _page(person, form, "Consent taken back", "Record that consent is taken back")


@bp.post("/<uuid:person_id>/representatives/<uuid:representative_id>/withdraw")
@allows("people:write")
def withdraw_consent(person_id: UUID, representative_id: UUID) -> AnyResponse:
    """Records it; the representative speaks for the person no more."""
    viewer = current_viewer()
    person = queries.person_to_change(viewer, person_id)
    representative = queries.representative_of(person, representative_id)
    form = WithdrawalForm()

    def withdraw() -> None:
        day, because = form.withdrawn_on.data or clock.today(), form.because.data or ""
        services.withdraw_consent(person, representative, day, because=because, by=viewer.actor)

    return _saved(person, form, withdraw, "Consent taken back", "Record that consent is taken back")


@bp.get("/<uuid:person_id>/advocacy/new")
@allows("people:write")
def new_advocacy_test(person_id: UUID) -> str:
    """Whether an independent advocate must be arranged."""
    person = queries.person_to_change(current_viewer(), person_id)
    return _page(person, AdvocacyForm(data={"made_on": clock.today()}), "Test whether an advocate is needed", "Save")


@bp.post("/<uuid:person_id>/advocacy/new")
@allows("people:write")
def record_advocacy_test(person_id: UUID) -> AnyResponse:
    """Keeps the test."""
    viewer = current_viewer()
    person = queries.person_to_change(viewer, person_id)
    form = AdvocacyForm()

    def record() -> None:
        made_on = form.made_on.data or clock.today()
        services.record_advocacy_test(person, form.answers, made_on, by=viewer.actor)

    return _saved(person, form, record, "Test whether an advocate is needed", "Save")


@bp.get("/<uuid:person_id>/looks")
@allows("people:looks")
def looks(person_id: UUID) -> str:
    """Who read the person's identity, as role and organisation. The page itself shows no identity."""
    viewer = current_viewer()
    page = queries.who_looked(viewer, person_id)
    reference = queries.reference_for(viewer, person_id)
    return render_template("marketplace/people/looks.html", page=page, reference=reference)


def _saved(person: Person, form: HomewardForm, act: Callable[[], None], heading: str, button: str) -> AnyResponse:
    """Does one act with a form that holds, and goes back to the person; else shows the form again."""
    person_id = person.id
    if not form.validate_on_submit():
        return Response(_page(person, form, heading, button), status=422)
    try:
        act()
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        person = queries.person_to_change(current_viewer(), person_id)
        return Response(_page(person, form, heading, button), status=refusal.status)
    return redirect(url_for("people.show", person_id=person_id))


def _page(person: Person, form: HomewardForm, heading: str, button: str) -> str:
    return render_template("marketplace/people/form.html", person=person, form=form, heading=heading, button=button)


def _outcome(test: AdvocacyTest) -> AdvocacyOutcome:
    difficulties = frozenset(Difficulty(value) for value in test.difficulties)
    return advocacy_outcome(AdvocacyAnswers(difficulties, test.appropriate_person, test.referred_on))
