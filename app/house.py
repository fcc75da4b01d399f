"""The application as areas see it: Flask with the places where an area hangs its rooms.

An area's `register(house)` adds blueprints, permissions, home panels, timed jobs, kinds of long work, navigation and
finders. Nothing is found by magic: `wsgi.py` names the areas and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apiflask import APIFlask

from app.auth.permissions import PermissionTable
from app.parties.viewer import Viewer
from app.tasks.kinds import TaskKind


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of somebody's work list: what, why now, by when, and where it is done. No personal data."""

    sentence: str
    why: str
    due: datetime | None
    url: str
    action: str = "Open"


@dataclass(frozen=True, slots=True)
class Panel:
    """A source of work items for those with a permission: one count and one list query each."""

    name: str
    permission: str
    count: Callable[[Viewer], int]
    items: Callable[[Viewer, int], Sequence[WorkItem]]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link in the header for those with a permission."""

    text: str
    endpoint: str
    permission: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link that a higher slice adds to the page of a lower one's thing, for those with a permission.

    `about` is the thing's table; `url` gives the address for this viewer and id, or None where it does not fit.
    """

    about: str
    text: str
    permission: str
    url: Callable[[Viewer, UUID], str | None]


@dataclass(frozen=True, slots=True)
class TimedJob:
    """Something that happens by itself: `run` does everything due, commits per item and returns how many it did.

    `every` is seconds; `daily_at` is local time from 02:30 on, since 01:00–01:59 happens twice in October.
    """

    name: str
    sentence: str
    run: Callable[[], int]
    every: int | None = None
    daily_at: str | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number of `/metrics`, asked of the database when that page is read: what it counts, and the question."""

    name: str
    sentence: str
    ask: Callable[[], float]


class House(APIFlask):
    """Flask, with typed lists that areas add to."""

    permissions: PermissionTable
    panels: list[Panel]
    navigation: list[NavigationItem]
    timetable: list[TimedJob]
    finders: list[Callable[[Viewer, str], str | None]]
    page_links: list[PageLink]
    gauges: list[Gauge]

    def furnish(self) -> None:
        """Makes the empty lists."""
        self.permissions = PermissionTable()
        self.extensions["permissions"] = self.permissions
        self.panels, self.navigation, self.timetable, self.finders, self.page_links = [], [], [], [], []
        self.gauges = []
        self.extensions["task_kinds"] = {}

    def links_about(self, viewer: Viewer, about: str, subject_id: UUID) -> list[tuple[str, str]]:
        """The texts and addresses that this viewer is offered on the page of one thing; one query a link at most."""
        fitting = [link for link in self.page_links if link.about == about]
        allowed = [link for link in fitting if self.permissions.may(viewer.roles, link.permission)]
        found = [(link.text, link.url(viewer, subject_id)) for link in allowed]
        return [(text, url) for text, url in found if url]

    def add_task_kind(self, kind: TaskKind) -> None:
        """Adds a kind of long work."""
        self.extensions["task_kinds"][kind.name] = kind
