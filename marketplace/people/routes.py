"""Pages of a person: identity, who looked, and which identities were opened out of scope. What is changed: `steps`."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, render_template

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.house import House
from app.values.nhs_number import NhsNumber
from marketplace.people import queries
from marketplace.people.break_glass import opened_page
from marketplace.people.matching import compares, told_beside
from marketplace.people.models import AdvocacyTest
from marketplace.people.rules import AdvocacyAnswers, AdvocacyOutcome, Difficulty, advocacy_outcome, consent_holds

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("/<uuid:person_id>")
@allows("people:read")
def show(person_id: UUID) -> str:
    """Who the person is; the read is logged."""
    viewer = current_viewer()
    person = queries.person_for(viewer, person_id)
    today = clock.today()
    speaking = {
        representative.id: consent_holds(representative.consent_given_on, representative.consent_withdrawn_on, today)
        for representative in person.representatives
    }
    return render_template(
        "marketplace/people/show.html",
        person=person,
        nhs_number=str(NhsNumber(person.nhs_number)) if person.nhs_number else "",
        speaking=speaking,
        tests=[(test, _outcome(test)) for test in queries.advocacy_tests_of(person)],
        entries=timeline(person.id, Audience.COUNCIL) if person.authority_id == viewer.authority_id else (),
        sections=cast(House, current_app).sections_about(viewer, "person", person.id),
        compares=compares(viewer, person),
        told_of=told_beside(viewer, person),
        corrects=queries.corrects(viewer, person),
        opened=None if queries.in_scope(viewer, person) else queries.grant_of(viewer, person.id),
    )


@bp.get("/<uuid:person_id>/looks")
@allows("people:looks")
def looks(person_id: UUID) -> str:
    """Who read the person's identity, as role and organisation. The page itself shows no identity."""
    viewer = current_viewer()
    page = queries.who_looked(viewer, person_id)
    reference = queries.reference_for(viewer, person_id)
    return render_template("marketplace/people/looks.html", page=page, reference=reference)


@bp.get("/opened")
@allows("people:opened")
def opened() -> str:
    """For auditors: what was opened, by whom, why, and how often it was read."""
    return render_template("marketplace/people/opened.html", page=opened_page(current_viewer()))


def _outcome(test: AdvocacyTest) -> AdvocacyOutcome:
    difficulties = frozenset(Difficulty(value) for value in test.difficulties)
    return advocacy_outcome(AdvocacyAnswers(difficulties, test.appropriate_person, test.referred_on))
