"""What the API takes: whole numbers, days and ticks only as such, whatever else could be read as one."""

from __future__ import annotations

import typing
from datetime import date
from importlib import import_module

import pytest
from pydantic import TypeAdapter, ValidationError

from app.api.shell import Sent
from tests.architecture.test_measures import modules

for module in modules():
    if module.path.split("/")[-1] in ("api.py", "api_shapes.py"):
        import_module(module.path.removesuffix(".py").replace("/", "."))

ODD = {int: (True, "45", "4_5", 45.5), date: (0, "0", -941328000000, "0026-01-01", "14/12/2026"), bool: (0, 1, "yes")}


def shapes(kind: type[Sent] = Sent) -> list[type[Sent]]:
    return [one for below in kind.__subclasses__() for one in (below, *shapes(below))]


def plain_kinds(annotation: object) -> set[type]:
    inside = [part for argument in typing.get_args(annotation) for part in plain_kinds(argument)]
    return {*inside, *({annotation} & ODD.keys())} if isinstance(annotation, type) else set(inside)


FIELDS = [
    (shape, name, kind)
    for shape in shapes()
    if not shape.model_config.get("arbitrary_types_allowed")  # multipart: everything is text
    for name, field in shape.model_fields.items()
    for kind in plain_kinds(field.annotation) | {k for m in [field] for k in plain_kinds(m.rebuild_annotation())}
]


@pytest.mark.parametrize(("shape", "name", "kind"), FIELDS, ids=lambda one: getattr(one, "__name__", one))
def test_nothing_else_is_taken_for_a_number_a_day_or_a_tick(shape, name, kind):
    annotation = shape.model_fields[name].rebuild_annotation()
    for odd in ODD[kind]:
        for sent in (odd, [odd]):
            with pytest.raises(ValidationError):
                TypeAdapter(annotation).validate_python(sent)


def test_there_are_such_fields():
    assert {kind for _, _, kind in FIELDS} == {int, date, bool}
