"""Addresses on work lists, and the packages that a comparison of two records shows."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from flask import render_template, url_for
from markupsafe import Markup

from app import clock
from app.database import db
from app.house import WorkItem, panel_of
from app.parties.viewer import Viewer
from marketplace.packages.models import Package
from marketplace.people.models import Person
from marketplace.whereabouts.queries import asked_elsewhere, told_beside_known, told_otherwise


def packages_told(_viewer: Viewer, person_id: UUID) -> Markup:
    """The packages of what was told, each with those of the known person at the same times."""
    rows = told_beside_known(db.session.get_one(Person, person_id))
    return Markup(render_template("marketplace/whereabouts/packages_told.html", rows=rows))  # noqa: S704 (the template escapes)


def _start_of(package: Package) -> datetime:
    return datetime.combine(package.planned_start, time(), clock.LONDON)


def _told(package: Package) -> WorkItem:
    return WorkItem(
        sentence=f"Say where the person of {package.reference} lives",
        why="Another address, telephone or name came with the package than the record has.",
        due=_start_of(package),
        url=url_for("whereabouts_steps.decide_address", package_id=package.id),
        action="Record the answer",
    )


def _elsewhere(package: Package) -> WorkItem:
    return WorkItem(
        sentence=f"The person of {package.reference} has moved while providers are asked",
        why="They answer for a district in which the visits will not be: take it back and ask again.",
        due=_start_of(package),
        url=url_for("packages.show", package_id=package.id),
        action="Look",
    )


PANELS = (
    panel_of("Addresses to decide", "people:write", told_otherwise, _told),
    panel_of("Moved while providers are asked", "packages:withdraw", asked_elsewhere, _elsewhere),
)
