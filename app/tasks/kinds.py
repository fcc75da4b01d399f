"""What kinds of long work there are: each checks first, outside any write transaction, and then applies at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.tasks.models import Task

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """`check(task, file, progress)` reads and returns a plan, or raises Refused; `apply(task, plan)` writes it."""

    name: str
    check: Callable[[Task, IO[bytes], Progress], Any]
    apply: Callable[[Task, Any], dict[str, object]]


class Refused(Exception):
    """The work cannot be done; `report` names every row that is wrong."""

    def __init__(self, sentence: str, report: list[dict[str, object]] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.report = report or []


class Cancelled(Exception):
    """Somebody has cancelled the work while it was being checked; nothing of it is applied."""
