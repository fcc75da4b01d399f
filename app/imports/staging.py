"""What an import will write, made ready part by part and kept in unnamed files until then.

The transaction is as short as with everything in memory, and a file of 100,000 rows takes no more memory than one of 500.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.database.bulk import ReadyRows
from app.files.spool import Spool


class StagedRows:
    """Rows of several tables; those of the first table are written first, so that later ones may point to them."""

    def __init__(self) -> None:
        self._tables: dict[int, Spool[ReadyRows]] = {}

    def add(self, tables: Iterable[ReadyRows]) -> None:
        """Adds some rows of each table, always in the same order of tables."""
        for order, rows in enumerate(tables):
            if rows.parameters:
                self._tables.setdefault(order, Spool(at_once=1)).add(rows)

    def write(self) -> None:
        """Writes everything into the current transaction."""
        for _, table in sorted(self._tables.items()):
            for rows in table:
                rows.write()
