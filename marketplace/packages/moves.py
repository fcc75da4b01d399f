"""How packages change state: each says since when and why, and has a version more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from app import clock
from app.audit import Actor, moves
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus

# Databases limit how many values one statement may carry.
VALUES_PER_STATEMENT = 500

T = TypeVar("T")


def move(
    packages: Sequence[Package],
    to: PackageStatus,
    tag: str,
    *,
    by: Actor,
    because: str | None = None,
    starts: frozenset[PackageStatus] | None = None,
    **facts: Any,
) -> None:
    """Moves every package to a state and records it, or raises Conflict naming one that cannot go there.

    `starts` narrows the states from which this move is meant; without it the lifecycle decides.
    """
    values = {"status_since": clock.now(), "status_reason": because, "version": Package.version + 1}
    moves.move(packages, to, tag, by=by, reason=because, values=values, starts=starts, **facts)


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), VALUES_PER_STATEMENT):
        yield values[start : start + VALUES_PER_STATEMENT]
