"""The list of proofs. A module adds its own with `@proof(...)` and is named in MODULES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from faults.report import Row

MODULES = ("kills", "retries", "hanging", "locks", "disk", "migrating", "mail", "schedulers", "uploads")
BOTH = ("sqlite", "postgres")

Run = Callable[[str, int], Iterator[Row]]
"""Takes the database, `sqlite` or `postgres`, and how often each case is tried."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof: its name on the command line, what it shows in a sentence, and where it applies."""

    name: str
    sentence: str
    databases: tuple[str, ...]
    times: int
    run: Run


PROOFS: dict[str, Proof] = {}


def proof(name: str, sentence: str, *, databases: tuple[str, ...] = BOTH, times: int = 1) -> Callable[[Run], Run]:
    """Adds a function to the list; `times` is how often each of its cases is tried in the long form."""

    def add(run: Run) -> Run:
        PROOFS[name] = Proof(name, sentence, databases, times, run)
        return run

    return add


def load() -> dict[str, Proof]:
    """Every proof there is, in the order of MODULES."""
    for module in MODULES:
        import_module(f"faults.{module}")
    return PROOFS
