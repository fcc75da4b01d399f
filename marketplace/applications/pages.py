"""The page of one application, as the council and as the provider see it."""

from __future__ import annotations

from flask import render_template

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from marketplace.applications import queries, services
from marketplace.applications.document_rules import expiry_colour, expiry_sentence
from marketplace.applications.models import Application
from marketplace.applications.rules import CHECK_NAMES, CheckKind, decision_clock_text

WORDS = {
    "check_names": CHECK_NAMES,
    "clock_text": lambda due: decision_clock_text(due, clock.today()),
    "expiry_text": lambda day: expiry_sentence(day, clock.today()),
    "expiry_colour": lambda day: expiry_colour(day, clock.today()),
}


def application_page(application: Application, audience: Audience) -> str:
    return render_template(
        "marketplace/applications/application.html",
        application=application,
        lots=queries.lots_of(application),
        checks={check.kind: check for check in application.checks},
        kinds=list(CheckKind),
        gate=services.gate_answer(application),
        entries=timeline(application.id, audience),
        undecided=application.state in queries.UNDECIDED,
        **WORDS,
    )
