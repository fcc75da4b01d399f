"""Many values in their order, kept in an unnamed temporary file, so that a long list takes no more memory than a part."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Generic, TypeVar

Value = TypeVar("Value")

VALUES_AT_ONCE = 500


class Spool(Generic[Value]):
    """A list that is written once and read as often as wanted. A short one never leaves the memory.

    What is kept was made by this process, so reading it back with pickle brings in nothing of others; the file has no
    name and is gone with the spool.
    """

    def __init__(self, at_once: int = VALUES_AT_ONCE) -> None:
        """So many values are held in memory at once."""
        self._at_once = at_once
        self._places: list[int] = []
        self._open: list[Value] = []
        self._file: IO[bytes] | None = None

    def add(self, value: Value) -> None:
        """Puts one more value at the end."""
        self._open.append(value)
        if len(self._open) == self._at_once:
            self._put_away()

    def _put_away(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the spool)
            weakref.finalize(self, self._file.close)
        self._places.append(self._file.seek(0, 2))
        pickle.dump(self._open, self._file, pickle.HIGHEST_PROTOCOL)
        self._open = []

    def parts(self) -> Iterator[list[Value]]:
        """The values, some hundreds at a time."""
        for place in self._places:
            assert self._file is not None
            self._file.seek(place)
            yield pickle.load(self._file)  # noqa: S301 (our own, see above)
        if self._open:
            yield self._open

    def __len__(self) -> int:
        return len(self._places) * self._at_once + len(self._open)

    def __iter__(self) -> Iterator[Value]:
        for part in self.parts():
            yield from part
