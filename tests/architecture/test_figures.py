"""The house keeps the figures that it has reached: slices are small, a name is used once, one place changes states."""

from __future__ import annotations

import ast

import pytest

from tests.architecture import measures
from tests.architecture.test_measures import listed

REACHED = (
    measures.big_slices,
    measures.one_off_names,
    measures.short_modules,
    measures.class_names,
    measures.commits_in_areas,
    measures.states_by_hand,
    measures.imports_for_effect,
)
TELL_NOTHING = {"meant", "asked", "together", "sieve", "glass", "told_as_ever", "bring"}
"""As the whole name of a module, class or function these say that something happens, and not what."""


@pytest.mark.parametrize("measured", REACHED, ids=lambda measured: measured.__name__)
def test_a_figure_that_was_reached_is_kept(measured):
    measure = measured()
    assert measure.figure <= measure.aim, listed(f"{measure.name}: {measure.definition}", list(measure.things))


def test_no_module_class_or_function_has_a_name_that_tells_nothing():
    kinds = (ast.FunctionDef, ast.ClassDef)
    named = [(module.path, module.name.rpartition(".")[2]) for module in measures.product()]
    named += [
        (f"{module.path}:{node.lineno}", node.name)
        for module in measures.product()
        for node in module.nodes
        if isinstance(node, kinds)
    ]
    faults = [f"{place} {name}" for place, name in named if name.lower().strip("_") in TELL_NOTHING]
    assert not faults, listed("Say what it is or does:", faults)
