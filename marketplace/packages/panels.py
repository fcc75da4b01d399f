"""Packages on the home page and on the person's page, and found by their reference."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, time
from uuid import UUID

from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy import select, union
from sqlalchemy.orm import selectinload

from app import clock
from app.database import db
from app.database.many import among
from app.house import WorkItem, panel_of
from app.pages.context import day_text
from app.parties.viewer import Viewer
from app.ui.drawing import visit_grid
from app.ui.drawing.week import DrawnVisit
from marketplace.disclosure.known import Record
from marketplace.disclosure.rules import judge_texts
from marketplace.packages.listing import drafts, to_confirm, unsourced, with_reference
from marketplace.packages.models import BlindText, Package, ToldAddress
from marketplace.packages.queries import asks_about_birth, need_of, scope, shares_add_up
from marketplace.packages.rules import PackageStatus, reasons_not_ready
from marketplace.people.queries import records_of

IN_QUESTION = "Something about the person or the texts is in question: its page says what."
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


def reasons_by_package(packages: Collection[Package]) -> dict[UUID, list[str]]:
    """What drafts lack, as a list says it: nothing of what the person's record knows, for there no look is recorded."""
    ids = [package.id for package in packages]
    unread = select(BlindText.package_id).where(among(BlindText.package_id, ids), BlindText.read_by_label.is_(None))
    told = select(ToldAddress.package_id).where(among(ToldAddress.package_id, ids), ToldAddress.decided_at.is_(None))
    asked, records = set(db.session.scalars(union(unread, told))), _records(packages)
    found = {}
    for package in packages:
        need = need_of(package)
        anybody = judge_texts(need.texts).refusals
        wanting = reasons_not_ready(need, clock.today(), funding_is_split=shares_add_up(package))
        sentences = [*anybody.values(), *wanting.values()]
        hidden = package.id in asked or asks_about_birth(package) or judge_texts(need.texts, records[package.person_id])
        found[package.id] = sentences + ([IN_QUESTION] if hidden or not sentences else [])
    return found


def _records(packages: Collection[Package]) -> dict[UUID, Record]:
    owners = {package.person_id: package.person for package in packages}
    return dict(zip(owners, records_of(owners.values()), strict=True))


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
