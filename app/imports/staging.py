"""What an import will write, made ready part by part and kept in an unnamed file until then.

The transaction is as short as with everything in memory, and a file of 100,000 rows takes no more memory than one of 500.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Iterable

from app.database.bulk import ReadyRows


class StagedRows:
    """Rows of several tables; those of the first table are written first, so that later ones may point to them."""

    def __init__(self) -> None:
        # What is read back was made by this process: the file has no name and is gone with the object.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as this object)
        weakref.finalize(self, self._file.close)
        self._places: dict[int, list[int]] = {}

    def add(self, tables: Iterable[ReadyRows]) -> None:
        """Adds some rows of each table, always in the same order of tables."""
        for order, rows in enumerate(tables):
            if rows.parameters:
                self._places.setdefault(order, []).append(self._file.tell())
                pickle.dump(rows, self._file, pickle.HIGHEST_PROTOCOL)

    def write(self) -> None:
        """Writes everything into the current transaction."""
        for _, places in sorted(self._places.items()):
            for place in places:
                self._file.seek(place)
                rows: ReadyRows = pickle.load(self._file)  # noqa: S301 (our own, see above)
                rows.write()
