"""The tables: made by migrations exactly as the models say, one line of migrations, personal columns named."""

from __future__ import annotations

import ast
from collections import Counter

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint

from app.database import Retention, db
from app.database.retention import RULES
from app.database.retention_page import retention_text
from tests.architecture.test_measures import ROOT, listed, modules
from wsgi import SLICES


def mapped_classes():
    return sorted((mapper.class_ for mapper in db.Model.registry.mappers), key=lambda kind: kind.__name__)


def test_every_table_is_listed_by_one_slice():
    """What is listed is mapped before the first query, and `wsgi.py` says so for all of them."""
    listed_by = Counter(part.models.__name__ for part in SLICES if part.models)
    assert set(listed_by) == {kind.__module__ for kind in mapped_classes()}
    assert set(listed_by.values()) == {1}


def test_migrations_form_one_line():
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_the_database_that_the_migrations_make_is_the_one_the_models_describe(session):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, db.metadata)
    assert not differences, listed("Write a migration for:", [str(one) for one in differences])


def test_the_database_stands_at_the_newest_migration(session):
    script = ScriptDirectory(str(ROOT / "migrations"))
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == script.get_current_head()


def test_every_model_says_which_of_its_columns_are_personal():
    faults = [kind.__name__ for kind in mapped_classes() if not isinstance(kind.__dict__.get("personal"), frozenset)]
    assert not faults, listed("Write personal: ClassVar = frozenset({...}), empty if none is:", faults)


def test_every_model_says_how_long_its_rows_are_kept():
    faults = [kind.__name__ for kind in mapped_classes() if not isinstance(kind.__dict__.get("retention"), Retention)]
    assert not faults, listed("Write retention: ClassVar = Retention.…:", faults)


def test_every_retention_class_says_its_rule_and_is_used():
    used = {kind.retention for kind in mapped_classes()}
    assert set(Retention) == used == set(RULES)


def test_the_record_of_retention_names_every_table_and_every_personal_column():
    written = retention_text()
    faults = [
        word
        for kind in mapped_classes()
        for word in (kind.__tablename__, *sorted(kind.personal))
        if word not in written
    ]
    assert not faults, listed("Missing from `flask retention`:", faults)


def test_every_column_named_as_personal_exists():
    faults = [
        f"{kind.__name__}.{name}"
        for kind in mapped_classes()
        for name in sorted(kind.personal - set(kind.__table__.columns.keys()))
    ]
    assert not faults, listed("There is no such column:", faults)


# What identifies a person, wherever it stands. Names of organisations, zones or files are not in it.
ALWAYS_PERSONAL = {"nhs_number", "date_of_birth", "known_as", "telephone", "address", "pen_picture"}
OF_ORGANISATIONS = {"Provider.telephone", "Provider.address"}


def test_what_identifies_a_person_is_always_named_as_personal():
    faults = [
        f"{kind.__name__}.{name}"
        for kind in mapped_classes()
        for name in sorted(ALWAYS_PERSONAL & set(kind.__table__.columns.keys()) - kind.personal)
        if f"{kind.__name__}.{name}" not in OF_ORGANISATIONS
    ]
    assert not faults, listed("Add these to `personal`:", faults)


def test_every_constraint_has_a_name():
    faults = [
        f"{table.name}: {constraint}"
        for table in db.metadata.sorted_tables
        for constraint in (*table.constraints, *table.indexes)
        if not constraint.name
    ]
    assert not faults, listed("A constraint without a name cannot be changed later:", faults)


# These are found by something narrower than the authority.
FOUND_OTHERWISE = {
    "message": "by whose inbox it lies in",
    "offer_line": "by its offer or its round, which are found by authority",
    "not_invited": "by its round, which is found by authority",
}


def test_every_table_of_an_authority_can_be_read_by_authority():
    faults = [
        table.name
        for table in db.metadata.sorted_tables
        if "authority_id" in table.columns
        and table.name not in FOUND_OTHERWISE
        and "authority_id" not in leading(table)
    ]
    assert not faults, listed("Give these an index that begins with authority_id:", faults)


def leading(table):
    """The columns with which an index or a unique constraint of the table begins."""
    keys = [*table.indexes, *(one for one in table.constraints if isinstance(one, UniqueConstraint))]
    return {next(iter(key.columns)).name for key in keys}


WITHOUT_KEYS = {"OfferLine", "NotInvited"}
WRITERS = {"insert", "insert_rows", "ready_rows", "write_identifiers", "write_pairs"}


def test_rows_without_foreign_keys_are_written_in_one_place():
    """What makes rounds and offers writes what names them, in the same transaction (ADR 28)."""
    written_in = {
        module.path
        for module in modules()
        if module.path.split("/")[0] in {"app", "marketplace", "contracts", "brokerage", "demo"}
        for call in module.nodes
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in WITHOUT_KEYS or (call.func.id in WRITERS and names_of_arguments(call) & WITHOUT_KEYS)
    }
    assert written_in == {"marketplace/rounds/issuing.py"}


def names_of_arguments(call):
    return {argument.id for argument in call.args if isinstance(argument, ast.Name)}
