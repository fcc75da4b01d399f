"""Consequences above: a lower slice declares what has happened, the composition root says who acts on it.

`wsgi.py` fills every hook from one ordered table. The functions run in the caller's transaction; any failure
rolls back everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """One kind of event, such as `membership.suspended`, with the typed facts its functions receive."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name = name
        self.meaning = meaning
        self._functions: tuple[Callable[P, None], ...] = ()

    def connect(self, *functions: Callable[P, None]) -> None:
        """Replaces the functions, in order. Only the composition root calls this."""
        self._functions = functions

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for function in self._functions:
            function(*args, **kwargs)
