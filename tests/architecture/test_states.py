"""Every state has a sentence for people and a colour for its tag.

States are the enums of columns named `state` or `status`. Beside such an enum, or in another module of its slice, stand a
mapping whose name ends in SENTENCES and one whose name ends in COLOURS, each with every member.
"""

from __future__ import annotations

import sys
from enum import StrEnum

import pytest
from sqlalchemy import Enum

from app.database import db
from tests.architecture.test_measures import AREAS

# The colours of the design system's tag.
COLOURS = {"grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow"}


def states() -> list[type[StrEnum]]:
    found = {
        column.type.enum_class
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name in {"state", "status"} and isinstance(column.type, Enum) and column.type.enum_class
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def mappings_of(kind: type[StrEnum], ending: str) -> list[dict[StrEnum, str]]:
    """The mappings of the product whose name has this ending and whose keys are members of the enum."""
    return [
        value
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in AREAS
        for variable, value in vars(module).items()
        if variable.endswith(ending) and isinstance(value, dict) and value and all(type(key) is kind for key in value)
    ]


def test_there_are_states():
    assert len(states()) >= 5


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_every_state_has_a_sentence(kind):
    for sentences in mappings_of(kind, "SENTENCES") or [{}]:
        assert set(sentences) == set(kind), f"say what each state of {kind.__name__} means, in a mapping ..._SENTENCES"
        assert all(text[:1].isupper() and text.endswith(".") for text in sentences.values())


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_every_state_has_the_colour_of_a_tag(kind):
    for colours in mappings_of(kind, "COLOURS") or [{}]:
        assert set(colours) == set(kind), f"give each state of {kind.__name__} a colour, in a mapping ..._COLOURS"
        assert set(colours.values()) <= COLOURS


@pytest.mark.parametrize("kind", states(), ids=lambda kind: kind.__name__)
def test_every_state_is_limited_by_a_check(kind):
    columns = [
        column
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Enum) and column.type.enum_class is kind
    ]
    assert all(column.type.create_constraint and not column.type.native_enum for column in columns)
