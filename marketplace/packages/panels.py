"""Packages on the home page, and found by their reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time

from flask import url_for
from sqlalchemy import Select

from app import clock
from app.house import Panel, WorkItem
from app.pages.context import day_text
from app.parties.viewer import Viewer
from marketplace.packages.listing import counted, drafts, first, to_confirm
from marketplace.packages.models import Package
from marketplace.packages.queries import unsourced, with_reference


def panels() -> list[Panel]:
    """Drafts to look at, needs to confirm, and packages that nobody took."""
    return [
        _panel("Drafts to complete", "packages:write", drafts, _draft),
        _panel("Needs to confirm", "needs:confirm", to_confirm, _confirm),
        _panel("Unsourced packages", "packages:withdraw", unsourced, _unsourced),
    ]


def find(viewer: Viewer, text: str) -> str | None:
    """The address of the package with this reference, if the viewer may see it."""
    package_id = with_reference(viewer, text)
    return url_for("packages.show", package_id=package_id) if package_id else None


def _panel(
    name: str, permission: str, query: Callable[[Viewer], Select[Package]], item: Callable[[Package], WorkItem]
) -> Panel:
    def count(viewer: Viewer) -> int:
        return counted(query(viewer))

    def items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
        return [item(package) for package in first(query(viewer), limit)]

    return Panel(name, permission, count, items)


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
