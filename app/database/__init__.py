"""The database: one metadata, one session, the column types both databases share.

SQLite (embedded default) and PostgreSQL behave alike: enums are text with a CHECK, instants are aware UTC,
money is integer pence, identifiers are UUIDs, and every constraint has a name from one convention.
"""

from app.database.base import Model, UtcDateTime, db, metadata, only_one
from app.database.engine import locked, prepare_engine, reading_only, writing
from app.database.patience import in_bulk, patience, patience_in_all
from app.database.retention import Retention
from app.database.types import FoundByName, Json, Owned, Row, choice, fk, index_where, names_hold, new_id, one_of

__all__ = [
    "FoundByName",
    "Json",
    "Model",
    "Owned",
    "Retention",
    "Row",
    "UtcDateTime",
    "choice",
    "db",
    "fk",
    "in_bulk",
    "index_where",
    "locked",
    "metadata",
    "names_hold",
    "new_id",
    "one_of",
    "only_one",
    "patience",
    "patience_in_all",
    "prepare_engine",
    "reading_only",
    "writing",
]
