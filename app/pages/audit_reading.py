"""What an auditor asks of the audit: by whom, about what, of which kind and when; and how entries are shown.

Labels of actors say role and organisation. Auditors also read the names of their own organisation's officers, as they
are called today; what an entry was about is shown by its reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import wtforms
from sqlalchemy import Select, Table, Uuid, select, union_all
from wtforms.validators import Optional

from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.calendar.deadlines import parse_local
from app.database import db, names_hold
from app.parties.models import User
from app.parties.viewer import Viewer
from app.ui.fields import DayField, SelectField, TextField, choice, looks
from app.values.spelling import plain

REFERENCE = "reference"
DAY = timedelta(days=1)


class AuditFilterForm(wtforms.Form):
    """What the list shows."""

    about = TextField(
        "About", description="A reference, such as PKG-7K3M9: it, and what belongs to it.", render_kw=looks(width=10)
    )
    who = TextField("Who", description="Part of the name of one of your officers.", render_kw=looks(width=20))
    tag = SelectField("What", default="")
    since = DayField("From", validators=[Optional()])
    until = DayField("To", validators=[Optional()])


def filter_form(tags: Iterable[Tag], asked: Any) -> AuditFilterForm:
    """The filter above the list, showing what was asked."""
    form = AuditFilterForm(asked)
    kinds = sorted((tag.sentence, tag.name) for tag in tags)
    form.tag.choices = [choice("", "Anything"), *(choice(name, sentence) for sentence, name in kinds)]
    return form


def entries_of(viewer: Viewer, form: AuditFilterForm | None = None) -> Select[AuditEntry]:
    """The entries of the viewer's own organisation that the filter lets through, the newest first."""
    query = select(AuditEntry).where(AuditEntry.authority_id == viewer.organisation_id)
    if form is not None:
        query = query.where(*_conditions(viewer, form))
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def _conditions(viewer: Viewer, form: AuditFilterForm) -> Iterable[Any]:
    if form.tag.data:
        yield AuditEntry.tag == form.tag.data
    if form.since.data:
        yield AuditEntry.at >= parse_local(form.since.data, time(0))
    if form.until.data:
        yield AuditEntry.at < parse_local(form.until.data + DAY, time(0))
    if who := (form.who.data or "").strip():
        named = names_hold(who, User.name_key)
        yield AuditEntry.actor_id.in_(select(User.id).where(User.organisation_id == viewer.organisation_id, named))
    if about := plain(form.about.data or "").strip().upper():
        yield AuditEntry.subject_id.in_(_with_what_belongs(about))


def _with_what_belongs(reference: str) -> Any:
    """The ids of what has this reference, and of rows that name it: the rounds, awards and agreements of a package."""
    tables = db.metadata.sorted_tables
    found = {
        table: select(table.c.id).where(table.c.reference == reference)
        for table in tables
        if REFERENCE in table.c and "id" in table.c
    }
    belonging = [
        select(table.c.id).where(key.parent.in_(found[key.column.table]))
        for table in tables
        if "id" in table.c and isinstance(table.c.id.type, Uuid)
        for key in table.foreign_keys
        if key.column.table in found
    ]
    return union_all(*found.values(), *belonging)


def officers_named(viewer: Viewer, ids: Iterable[UUID | None] | None = None) -> dict[UUID, str]:
    """The names of the viewer's own organisation's people, by id; of these actors, or of all."""
    query = select(User.id, User.name).where(User.organisation_id == viewer.organisation_id)
    if ids is not None:
        query = query.where(User.id.in_({key for key in ids if key}))
    return {row.id: row.name for row in db.session.execute(query)}


def references_of(entries: Iterable[AuditEntry]) -> dict[UUID, str]:
    """The references of what entries were about, by id, or of the package it belongs to; one question per table."""
    packages = db.metadata.tables["package"]
    by_table: defaultdict[Table, set[UUID]] = defaultdict(set)
    for entry in entries:
        if (table := db.metadata.tables.get(entry.subject_type)) is not None:
            by_table[table].add(entry.subject_id)
    queries = [
        select(table.c.id, table.c.reference).where(table.c.id.in_(ids))
        if REFERENCE in table.c
        else select(table.c.id, packages.c.reference)
        .join(packages, packages.c.id == table.c.package_id)
        .where(table.c.id.in_(ids))
        for table, ids in by_table.items()
        if REFERENCE in table.c or "package_id" in table.c
    ]
    return {row.id: row.reference for query in queries for row in db.session.execute(query)}
