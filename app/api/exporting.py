"""What the exports over the API share: the format that is asked for, the answer, and how the description tells of it.

They are POST, as on the pages, because each is written into the audit before it leaves; a token needs the scope `export`.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask import Response

from app.api.shell import Sent
from app.auth import current_viewer
from app.database import db
from app.exports import CONTENT_TYPES, Table, answer
from app.parties.models import Organisation

Format = Literal["csv", "xlsx", "json"]


class ExportAsked(Sent):
    """In which format the list leaves: `json` is one list of objects, `csv` and `xlsx` are safe in a spreadsheet."""

    format: Format = "csv"


FILES: dict[str, dict[str, Any]] = {
    "csv": {"type": "string"},
    "xlsx": {"type": "string", "format": "binary"},
    "json": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
}
EXPORT: dict[str, Any] = {
    "security": "bearer",
    "description": "The whole list as a file; recorded. The token needs the scope `export`.",
    "responses": {
        200: {
            "description": "The file.",
            "content": {CONTENT_TYPES[kind]: {"schema": schema} for kind, schema in FILES.items()},
        }
    },
}


def exported(table: Table, tag: str, organisation_id: UUID, kind: Format) -> Response:
    """Records the export in the trail of the organisation, commits, and gives the file."""
    organisation = db.session.get_one(Organisation, organisation_id)
    return answer(table, tag, organisation, by=current_viewer().actor, kind=kind)
