"""Every state has a sentence for people and a colour for its tag.

States are the enums of columns named `state`, `status` or `stage`. Each is a lifecycle: what may follow is said there too.
"""

from __future__ import annotations

from enum import StrEnum

import pytest
from sqlalchemy import Enum

from app.database import db
from app.database.retention_page import lifecycles_text
from app.values.lifecycle import Lifecycle
from tests.architecture.measures import states_by_hand
from tests.architecture.test_measures import ROOT

# The colours of the design system's tag.
COLOURS = {"grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow"}


def states() -> list[type[StrEnum]]:
    found = {
        column.type.enum_class
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name in {"state", "status", "stage"} and isinstance(column.type, Enum) and column.type.enum_class
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def test_there_are_states():
    assert len(states()) >= 5


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_every_state_belongs_to_a_lifecycle_and_has_a_sentence_and_the_colour_of_a_tag(kind):
    assert issubclass(kind, Lifecycle), f"make {kind.__name__} a Lifecycle"
    for state in kind:
        assert state.sentence[:1].isupper()
        assert state.sentence.endswith(".")
        assert state.colour in COLOURS


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_a_lifecycle_leads_only_to_states_of_its_own_and_comes_to_an_end(kind):
    assert all(state.next_states <= set(kind) for state in kind)
    assert any(not state.next_states for state in kind)


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_every_state_is_limited_by_a_check(kind):
    columns = [
        column
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Enum) and column.type.enum_class is kind
    ]
    assert all(column.type.create_constraint and not column.type.native_enum for column in columns)


def test_the_page_of_lifecycles_draws_them_as_they_are():
    written = (ROOT / "docs/lifecycles.md").read_text("utf-8")
    assert written == lifecycles_text(), "write it again: flask --app wsgi lifecycles > docs/lifecycles.md"


def test_states_are_changed_by_the_one_move_alone():
    assert not states_by_hand().things, "use move, set_state or set_state_where of app.audit.moves"
