"""Packages on the home page and on the person's page, and found by their reference."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from uuid import UUID

from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock
from app.database import db
from app.house import WorkItem, panel_of
from app.pages.context import day_text
from app.parties.viewer import Viewer
from app.ui.drawing import visit_grid
from app.ui.drawing.week import DrawnVisit
from marketplace.packages.listing import drafts, to_confirm, unsourced, with_reference
from marketplace.packages.models import Package
from marketplace.packages.queries import scope
from marketplace.packages.rules import PackageStatus

OVER = (PackageStatus.ENDED, PackageStatus.WITHDRAWN)


def find(viewer: Viewer, text: str) -> str | None:
    """The address of the package with this reference, if the viewer may see it."""
    package_id = with_reference(viewer, text)
    return url_for("packages.show", package_id=package_id) if package_id else None


def week_of_person(viewer: Viewer, person_id: UUID) -> Markup:
    """The week of the person's packages that have not ended, each visit marked with the reference of its package."""
    query = select(Package).where(scope(viewer), Package.person_id == person_id, Package.status.not_in(OVER))
    packages = db.session.scalars(query.options(selectinload(Package.visits)).order_by(Package.reference)).all()
    marked = [(package.reference, visit.value) for package in packages for visit in package.visits]
    grid = visit_grid(DrawnVisit(**asdict(visit), mark=reference) for reference, visit in marked)
    return Markup(render_template("marketplace/packages/person_week.html", packages=packages, grid=grid))  # noqa: S704


def _start_of(package: Package) -> datetime:
    return datetime.combine(package.planned_start, time(), clock.LONDON)


def _draft(package: Package) -> WorkItem:
    return WorkItem(
        sentence=f"Complete {package.reference}",
        why=f"It cannot be offered yet; care is to start on {day_text(package.planned_start)}.",
        due=_start_of(package),
        url=url_for("packages.show", package_id=package.id),
        action="Look",
    )


def _confirm(package: Package) -> WorkItem:
    return WorkItem(
        sentence=f"Ask whether {package.reference} is still needed",
        why="Providers should not be asked, and no award made, for care that nobody needs any more.",
        due=_start_of(package),
        url=url_for("package_steps.confirm_need", package_id=package.id),
        action="Record the answer",
    )


def _unsourced(package: Package) -> WorkItem:
    return WorkItem(
        sentence=f"Find a provider for {package.reference}",
        why=f"Unsourced since {day_text(package.status_since)}: {package.status_reason or 'no reason recorded'}",
        due=_start_of(package),
        url=url_for("packages.show", package_id=package.id),
        action="Look",
    )


PANELS = (
    panel_of("Drafts to complete", "packages:write", drafts, _draft),
    panel_of("Needs to confirm", "needs:confirm", to_confirm, _confirm),
    panel_of("Unsourced packages", "packages:withdraw", unsourced, _unsourced),
)
