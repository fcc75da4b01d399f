"""All that one person is to get in a week: the packages that have not ended, drawn as one plan."""

from __future__ import annotations

from uuid import UUID

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.database import db
from app.parties.viewer import Viewer
from app.ui.drawing import visit_grid
from app.ui.drawing.week import Visit
from marketplace.packages.models import Package, PackageVisit
from marketplace.packages.queries import scope
from marketplace.packages.rules import PackageStatus

OVER = (PackageStatus.ENDED, PackageStatus.WITHDRAWN)


def packages_of_person(viewer: Viewer, person_id: UUID) -> list[Package]:
    """The person's packages that have not ended, as far as the viewer may see them."""
    query = select(Package).where(scope(viewer), Package.person_id == person_id, Package.status.not_in(OVER))
    return list(db.session.scalars(query.options(selectinload(Package.visits)).order_by(Package.reference)))


def section(viewer: Viewer, person_id: UUID) -> Markup:
    """The week of all packages for the person's page, each visit marked with the reference of its package."""
    packages = packages_of_person(viewer, person_id)
    grid = visit_grid(_marked(package, visit) for package in packages for visit in package.visits)
    return Markup(render_template("marketplace/packages/person_week.html", packages=packages, grid=grid))  # noqa: S704


def _marked(package: Package, row: PackageVisit) -> Visit:
    return Visit(
        row.weekday,
        row.window_start,
        row.window_end,
        row.minutes,
        row.carers,
        row.time_critical,
        tasks=row.tasks,
        mark=package.reference,
    )
