"""Does a test notice when a question forgets whose rows it may show? Each scope is taken away, one at a time.

`make scopes` (`python -m tests.architecture.scopes [WORD …]`) runs, for each row of `SCOPES`, the walk of two councils over
the doors where that scope counts, in a process in which the comparison with the viewer's organisation is always true. The
walk must fail. A scope is found by the name of its function, in the syntax tree: nothing is edited, and lines may move.

In that process this module is a plugin of pytest: it changes the module as it is imported.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parents[2]
UNSCOPED, DOORS = "HOMEWARD_UNSCOPED", "HOMEWARD_DOORS"
OWNERS = {"authority_id", "organisation_id"}
ANYBODY = "_of_anybody"
WALK = "tests/journeys/test_two_councils.py"
FOUND, MISSED = 1, 0
"""What pytest answers when a test fails, and when none does."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: the module, the function that holds it, the doors at which its loss must show, and which test walks."""

    module: str
    function: str
    doors: str
    test: str = "no_door"

    @property
    def name(self) -> str:
        return f"{self.module}:{self.function}"


SCOPES = (
    Scope("app.pages.audit_reading", "entries_of", "/audit"),
    Scope("app.pages.audit", "table_of_authority", "/audit/export", "no_file"),
    Scope("app.audit.queries", "timeline", "/audit,/providers"),
    Scope("app.accounts.queries", "users_page", "/users"),
    Scope("app.accounts.queries", "_waiting", "/users/of-providers"),
    Scope("app.pages.inbox", "_visible", "/inbox"),
    Scope("marketplace.providers.queries", "cqc_runs", "/cqc"),
    Scope("marketplace.providers.queries", "contact_lines", "/providers"),
    Scope("marketplace.people.break_glass", "opened_page", "/people/opened"),
    Scope("marketplace.people.queries", "in_scope", "/people"),
    Scope("marketplace.packages.queries", "scope", "/packages"),
    Scope("marketplace.schemes.queries", "visible_schemes", "/schemes"),
    Scope("marketplace.applications.queries", "visible_applications", "/applications"),
    Scope("marketplace.membership.queries", "_scope", "/memberships"),
    Scope("marketplace.batches.queries", "visible_batches", "/batches"),
    Scope("marketplace.rounds.queries", "of_authority", "/issues"),
    Scope("contracts.agreements.queries", "scope", "/agreements"),
    Scope("brokerage.ranking.queries", "newest_of_package", "/api/v1/packages"),
    Scope("brokerage.feedback.queries", "scope", "/feedback"),
    Scope("brokerage.allocation.queries", "scope", "/awards"),
)


class Forgetful(ast.NodeTransformer):
    """Makes the comparisons with an owner true in one function, and counts them."""

    def __init__(self, function: str) -> None:
        self.function, self.inside, self.forgotten = function, False, 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        before, self.inside = self.inside, self.inside or node.name == self.function
        self.generic_visit(node)
        self.inside = before
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if not (self.inside and any(names_owner(side) for side in (node.left, *node.comparators))):
            return node
        self.forgotten += 1
        if isinstance(node.ops[0], ast.Eq):
            return ast.Call(ast.Name(ANYBODY, ast.Load()), [], [])
        return ast.Constant(isinstance(node.ops[0], ast.In))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_among = isinstance(node.func, ast.Attribute) and node.func.attr == "in_" and names_owner(node.func.value)
        if self.inside and is_among:
            self.forgotten += 1
            return ast.Call(ast.Name(ANYBODY, ast.Load()), [], [])
        return self.generic_visit(node)


def names_owner(node: ast.AST) -> bool:
    """Whether something is an owner: `viewer.authority_id`, a column of that name, or a variable."""
    return (isinstance(node, ast.Attribute) and node.attr in OWNERS) or (
        isinstance(node, ast.Name) and node.id in OWNERS
    )


def without_scope(source: str | bytes, function: str) -> ast.Module:
    """The module with one function that asks for anybody's rows; raises LookupError where it compares with no owner."""
    tree, forgetful = ast.parse(source), Forgetful(function)
    forgetful.visit(tree)
    if not forgetful.forgotten:
        raise LookupError(f"{function} compares with no owner. Name the function that holds the scope in SCOPES.")
    places = [
        place
        for place, node in enumerate(tree.body)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    alias = ast.ImportFrom("sqlalchemy", [ast.alias("true", ANYBODY)], 0)
    tree.body.insert(places[0] + 1 if places else 1, alias)
    return ast.fix_missing_locations(tree)


class Loader(SourceFileLoader):
    """Reads a module without one scope, past what was compiled before."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(without_scope(self.get_data(path), FUNCTION), path, "exec")


class Finder(MetaPathFinder):
    """Finds the one module."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == MODULE else None
        if spec and spec.origin:
            spec.loader = Loader(fullname, spec.origin)
        return spec


MODULE, _, FUNCTION = os.environ.get(UNSCOPED, "").partition(":")
if MODULE:
    sys.meta_path.insert(0, Finder())


def answer_without(scope: Scope) -> int:
    """What pytest answers where this scope is forgotten."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.architecture.scopes", WALK]
    command += ["-k", f"{scope.test} and testshire"]
    setting = {**os.environ, UNSCOPED: scope.name, DOORS: scope.doors}
    done = subprocess.run(command, cwd=ROOT, env=setting, capture_output=True, text=True, check=False)
    if done.returncode not in {FOUND, MISSED}:
        sys.stdout.write(done.stdout[-4_000:] + done.stderr[-2_000:])
    return done.returncode


def main(words: Sequence[str]) -> int:
    """Takes each scope away whose name holds one of the words; 1 when no test notices one of them."""
    wanted = [scope for scope in SCOPES if not words or any(word in scope.name for word in words)]
    missed = 0
    for scope in wanted:
        since = time.monotonic()
        answer = answer_without(scope)
        said = "noticed" if answer == FOUND else "NOT NOTICED" if answer == MISSED else f"pytest ended with {answer}"
        missed += answer != FOUND
        sys.stdout.write(f"{said:12} {scope.name} at {scope.doors} ({time.monotonic() - since:.0f} s)\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(wanted) - missed} of {len(wanted)} removed scopes were noticed.\n")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
