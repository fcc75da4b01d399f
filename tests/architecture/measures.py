"""The figures of the house: how much there is, in how many places, and what is still done by hand.

`python -m tests.architecture.measures` prints each with how it is counted. Like `test_measures` it reads the source and
starts nothing. The longest way from a view to its first write is the one figure that running code must tell: see
`tests/architecture/ways.py`.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.architecture.test_measures import Module, commits, modules, type_of_function

AREAS = ("marketplace", "brokerage", "contracts")
PRODUCT = ("app", *AREAS)
MOST_FILES = 16
SHORT = 60

STATE_COLUMNS = {"state", "status", "stage"}
"""What the column that holds a state is called."""

THE_MOVE = "app/audit/moves.py"
"""Where states are changed."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: what is counted and how, the number, the number aimed at, and the things counted where they are few."""

    name: str
    definition: str
    figure: int
    aim: int
    things: tuple[str, ...] = field(default=())


def product() -> list[Module]:
    """The modules of the floor and of the areas."""
    return [module for module in modules() if module.path.split("/")[0] in PRODUCT]


def areas() -> list[Module]:
    """The modules of the areas."""
    return [module for module in product() if not module.path.startswith("app/")]


def slices() -> dict[str, list[str]]:
    """The file names of every slice of the areas, those of its folders with the folder."""
    names: dict[str, list[str]] = defaultdict(list)
    for module in areas():
        area, _, inside = module.path.partition("/")
        slice_name, _, file_name = inside.partition("/")
        if file_name:
            names[f"{area}/{slice_name}"].append(file_name)
    return names


def repeated(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name, count in Counter(names).items() if count > 1))


# ------------------------------------------------------------------------------------ states changed by hand


def stateful() -> set[str]:
    """The names of the tables' classes that hold a state."""
    return {
        node.name
        for module in product()
        for node in module.nodes
        if isinstance(node, ast.ClassDef) and any(holds_state(line) for line in node.body)
    }


def holds_state(line: ast.stmt) -> bool:
    """Whether a line of a class maps a column of states: `state: Mapped[...State]`."""
    return (
        isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and line.target.id in STATE_COLUMNS
        and "Mapped[" in ast.unparse(line.annotation)
    )


def updates_of_state(module: Module, classes: set[str]) -> Iterator[int]:
    """The lines on which `update(...)` of such a class begins in a function that gives the state a value.

    The value may come from the function itself or, through an argument, from another one of the module.
    """
    functions = [node for node in module.nodes if isinstance(node, type_of_function)]
    giving = {function.name for function in functions if gives_state(function)}
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "update" and node.args:
                callers = {other.name for other in functions if function.name in names_called(other)}
                if ast.unparse(node.args[0]) in classes and giving & ({function.name} | callers):
                    yield node.lineno


def gives_state(function: ast.AST) -> bool:
    """Whether a function writes `state=...`, or a dictionary with "state"."""
    return any(
        (isinstance(node, ast.keyword) and node.arg in STATE_COLUMNS)
        or (
            isinstance(node, ast.Dict) and any(ast.unparse(key).strip("'") in STATE_COLUMNS for key in node.keys if key)
        )
        for node in ast.walk(function)
    )


def names_called(function: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


# ------------------------------------------------------------------------------------------------ the figures


def lines_of_product() -> Measure:
    counted = sum(module.text.count("\n") for module in product())
    return Measure("product lines", "all lines of *.py in app and the areas, empty ones too (wc -l)", counted, 42_500)


def big_slices() -> Measure:
    big = tuple(f"{name}: {len(files)}" for name, files in slices().items() if len(files) > MOST_FILES)
    return Measure("big slices", f"slices of the areas with more than {MOST_FILES} *.py files", len(big), 0, big)


def one_off_names() -> Measure:
    counted = Counter(file_name for files in slices().values() for file_name in set(files))
    alone = [name for name, count in counted.items() if count == 1]
    definition = f"file names that only one slice of the areas has, of {len(counted)}"
    return Measure("one-off file names", definition, len(alone), 45)


def short_modules() -> Measure:
    short = [module for module in product() if module.lines < SHORT and not module.path.endswith("__init__.py")]
    return Measure("short modules", f"modules under {SHORT} lines, __init__.py not counted", len(short), 90)


def class_names() -> Measure:
    classes = [node.name for module in product() for node in module.nodes if isinstance(node, ast.ClassDef)]
    twice = repeated(classes)
    return Measure("class names used twice", "names that more than one class of the product has", len(twice), 6, twice)


def commits_in_areas() -> Measure:
    places = tuple(f"{module.path}:{line}" for module in areas() for line in commits(module))
    return Measure("commits in areas", "calls of commit() or begin() on a session", len(places), 6)


@cache
def states_by_hand() -> Measure:
    classes = stateful()
    places = [
        f"{module.path}:{line}"
        for module in product()
        if module.path != THE_MOVE
        for line in sorted(set(updates_of_state(module, classes)))
    ]
    definition = (
        "update() of a table with a state, in a function that gives the state a value, outside the one move; "
        "in the areas first"
    )
    ordered = sorted(places, key=lambda place: place.startswith("app/"))
    return Measure("states changed by hand", definition, len(places), 0, tuple(ordered))


def imports_for_effect() -> Measure:
    count = sum(module.text.count("noqa: F401") for module in modules())
    return Measure("imports for their effect", "`noqa: F401` in the product's modules, demo and wsgi.py too", count, 0)


MEASURES = (
    lines_of_product,
    big_slices,
    one_off_names,
    short_modules,
    class_names,
    commits_in_areas,
    states_by_hand,
    imports_for_effect,
)


def print_all() -> None:
    """Prints every figure beside what is aimed at, and the things that it counts where they are few."""
    for measure in (count() for count in MEASURES):
        row = f"{measure.name:<26}{measure.figure:>7,}   aim {measure.aim:>7,}   {measure.definition}"
        sys.stdout.writelines(f"{line}\n" for line in (row, *(f"    {thing}" for thing in measure.things)))


if __name__ == "__main__":
    print_all()
