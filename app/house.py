"""The application as slices see it: Flask with the places where a slice hangs what it brings.

A slice is one value, in its `slice.py`. Nothing is found by magic: `wsgi.py` names the slices and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import ModuleType
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint, APIFlask
from click import Command
from flask import Blueprint
from flask.templating import Environment
from markupsafe import Markup
from sqlalchemy import Select, func, select

from app.audit.tags import Tag
from app.auth.permissions import Permission, PermissionTable
from app.database import db
from app.messages import LetterTemplate
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


def panel_of(
    name: str, permission: str, query: Callable[[Viewer], Select[Any]], item: Callable[[Any], WorkItem]
) -> Panel:
    """The panel of what one query finds."""

    def count(viewer: Viewer) -> int:
        return db.session.scalar(select(func.count()).select_from(query(viewer).order_by(None).subquery())) or 0

    def items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
        return [item(row) for row in db.session.scalars(query(viewer).limit(limit)).unique()]

    return Panel(name, permission, count, items)


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
class PageSection:
    """A part that a higher slice adds to the page of a lower one's thing; empty where it has nothing for the reader."""

    about: str
    content: Callable[[Viewer, UUID], Markup]


@dataclass(frozen=True, slots=True)
class RowNote:
    """A sentence that a higher slice adds to each row of a list of a lower one's things: asked once, by their ids."""

    about: str
    notes: Callable[[Viewer, Sequence[UUID]], Mapping[UUID, str]]


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


Finder = Callable[[Viewer, str], str | None]
"""The address of what a reference names, where this viewer may see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """All that one slice brings to the house, in the order in which people and processes meet it."""

    name: str
    models: ModuleType | None = None
    """The module of its tables: to list it is to map them."""
    permissions: Sequence[Permission] = ()
    tags: Sequence[Tag] = ()
    letters: Sequence[LetterTemplate] = ()
    pages: Sequence[Blueprint] = ()
    endpoints: Sequence[APIBlueprint] = ()
    navigation: Sequence[NavigationItem] = ()
    panels: Sequence[Panel] = ()
    finders: Sequence[Finder] = ()
    page_links: Sequence[PageLink] = ()
    page_sections: Sequence[PageSection] = ()
    row_notes: Sequence[RowNote] = ()
    task_kinds: Sequence[TaskKind] = ()
    jobs: Sequence[TimedJob] = ()
    gauges: Sequence[Gauge] = ()
    commands: Sequence[Command] = ()


class HouseTemplates(Environment):
    """Jinja as Flask has it; but a template without globals of its own has those of all, and no view of them."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Every `import` of a page compares its globals with those of the imported: of plain mappings that is quick."""
        return super().make_globals(d) if d else self.globals


class House(APIFlask):
    """Flask, with typed lists that slices add to."""

    jinja_environment = HouseTemplates
    permissions: PermissionTable
    panels: list[Panel]
    navigation: list[NavigationItem]
    timetable: list[TimedJob]
    finders: list[Finder]
    page_links: list[PageLink]
    page_sections: list[PageSection]
    row_notes: list[RowNote]
    gauges: list[Gauge]
    letters: list[LetterTemplate]

    def furnish(self) -> None:
        """Makes the empty lists."""
        self.permissions = PermissionTable()
        self.panels, self.navigation, self.timetable, self.finders, self.gauges = [], [], [], [], []
        self.page_links, self.page_sections, self.row_notes, self.letters = [], [], [], []
        self.extensions |= {"permissions": self.permissions, "task_kinds": {}, "audit_tags": {}}

    def hang(self, part: Slice) -> None:
        """Adds what a slice brings. What has a name has it alone in the whole house."""
        self._name("permissions", {permission.name: permission for permission in part.permissions})
        self._name("audit_tags", {tag.name: tag for tag in part.tags})
        self._name("task_kinds", {kind.name: kind for kind in part.task_kinds})
        for blueprint in (*part.pages, *part.endpoints):
            self.register_blueprint(blueprint)
        for blueprint in part.endpoints:
            self.extensions["csrf_protect"].exempt(blueprint)
        self.navigation += part.navigation
        self.panels += part.panels
        self.finders += part.finders
        self.page_links += part.page_links
        self.page_sections += part.page_sections
        self.row_notes += part.row_notes
        self.timetable += part.jobs
        self.gauges += part.gauges
        self.letters += part.letters
        for command in part.commands:
            self.cli.add_command(command)

    def _name(self, register: str, values: dict[str, Any]) -> None:
        known: dict[str, Any] = self.extensions[register]
        if twice := known.keys() & values.keys():
            raise ValueError(f"These stand twice among {register}: {', '.join(sorted(twice))}.")
        known |= values

    def links_about(self, viewer: Viewer, about: str, subject_id: UUID) -> list[tuple[str, str]]:
        """The texts and addresses that this viewer is offered on the page of one thing; one query a link at most."""
        fitting = [link for link in self.page_links if link.about == about]
        allowed = [link for link in fitting if self.permissions.may(viewer.roles, link.permission)]
        found = [(link.text, link.url(viewer, subject_id)) for link in allowed]
        return [(text, url) for text, url in found if url]

    def sections_about(self, viewer: Viewer, about: str, subject_id: UUID) -> list[Markup]:
        """The sections that this viewer, who may see the thing, reads on its page."""
        return [section.content(viewer, subject_id) for section in self.page_sections if section.about == about]

    def notes_about(self, viewer: Viewer, about: str, ids: Sequence[UUID]) -> dict[UUID, str]:
        """What higher slices say about the rows of a list that this viewer may see, by the id; a row may have none."""
        found = [note.notes(viewer, ids) for note in self.row_notes if note.about == about]
        return {key: " ".join(notes[key] for notes in found if key in notes) for key in {*chain(*found)}}
