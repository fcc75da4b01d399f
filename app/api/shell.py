"""What every API blueprint uses: its base path, its paging, its security scheme; and what the API says of itself: every
refusal as the problem+json that it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from apiflask import APIBlueprint
from apiflask.fields import UploadFile
from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict
from werkzeug.exceptions import UnsupportedMediaType

from app.exports import CONTENT_TYPES
from app.http.paging import Page
from app.values.days import read_day

Item = TypeVar("Item", bound=BaseModel)

PREFIX = "/api/v1"


class Sent(BaseModel):
    """What a caller sends: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class FileIn(Sent):
    """A file, sent as multipart form data."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    file: UploadFile


class TableFileIn(FileIn):
    """A CSV or Excel file; of a workbook in which several sheets hold something, the sheet is named."""

    sheet: Annotated[str, Field(max_length=100)] = ""
    with_hidden_rows: bool = False


class Given(BaseModel):
    """What a caller gets: only the fields named here leave."""

    model_config = ConfigDict(from_attributes=True)


def _one_day(sent: object) -> object:
    """Only the text of a day: neither a number nor digits, which would be counted from 1970."""
    if not isinstance(sent, str) or not _DAY.fullmatch(sent):
        raise ValueError("Send a day as 2026-12-06.")
    return read_day(sent)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Day = Annotated[date, BeforeValidator(_one_day)]
"""A day that a caller sends."""
Whole = Annotated[int, Strict()]
"""A whole number that a caller sends: no true, no text."""
Tick = Annotated[bool, Strict()]
"""A yes or no that a caller sends: no number, no text."""
Version = Annotated[Whole, Field(ge=0, le=1_000_000_000)]
"""The version of a thing that a caller has seen: more than any will have, and no more than a database can compare."""


class PageQuery(BaseModel):
    """Which page of a list."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class ListOut(Given, Generic[Item]):
    """One page of a list: its rows stand in `items`, the address of the next page in `next`, null on the last."""

    items: list[Item]
    next: str | None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """A list of `OfferOut` is described as `OfferListOut`."""
        return f"{params[0].__name__.removesuffix('Out')}ListOut"


def list_out(page: Page[Any], items: Sequence[Any]) -> dict[str, Any]:
    """A page as the API gives it."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    onwards = f"{request.path}?{urlencode([*others, ('page', page.number + 1)])}"
    return {"items": items, "next": onwards if page.number < page.pages else None}


def api_blueprint(name: str, module: str, tag: str) -> APIBlueprint:
    """A blueprint under /api/v1 that asks for a bearer token in its description."""
    made = APIBlueprint(f"api_{name}", module, url_prefix=PREFIX, tag=tag)
    made.before_request(refuse_unreadable_body)
    return made


READABLE = frozenset({"application/json", "multipart/form-data", "application/x-www-form-urlencoded"})


def refuse_unreadable_body() -> None:
    """A body of a kind that nobody here reads is refused (415), not passed over as if nothing had been sent."""
    if request.content_length and request.mimetype not in READABLE:
        raise UnsupportedMediaType


SCOPES = (
    "A token has scopes: `read` for every GET, `write` for whatever changes something, `export` for whole lists that leave. "
    "A call for which its scope is missing is refused with 403."
)
BEARER: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer", "description": SCOPES}}


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
    "description": "The whole list as a file; recorded. The token needs the scope `export`.",
    "responses": {
        200: {
            "description": "The file.",
            "content": {CONTENT_TYPES[kind]: {"schema": schema} for kind, schema in FILES.items()},
        }
    },
}


PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "about:blank: the status says what kind of refusal it is."},
        "title": {"type": "string", "description": "The kind of refusal in a few words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do, as a page would say it."},
        "errors": {
            "type": "array",
            "description": "Where single fields are wrong: each with its sentence.",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFUSAL = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REPLACED = ("ValidationError", "HTTPError")


def as_it_is(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Puts right what the framework could not know."""
    if isinstance(spec, str):
        raise TypeError("The description is kept as JSON here, not as YAML.")
    spec["paths"] = {path: verbs for path, verbs in spec["paths"].items() if path.startswith(PREFIX)}
    for operation in (operation for verbs in spec["paths"].values() for operation in verbs.values()):
        operation["security"] = [{"bearer": []}]
        _ids(operation.get("parameters", ()))
        _refusals(operation["responses"])
    schemas = spec["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for name in REPLACED:
        schemas.pop(name, None)
    return spec


def _ids(parameters: Any) -> None:
    for parameter in parameters:
        if parameter["in"] == "path" and parameter["name"].endswith("_id"):
            parameter["schema"] = {"type": "string", "format": "uuid"}


def _refusals(responses: dict[str, Any]) -> None:
    """Every named refusal in its true form, and one entry for those that any address can give."""
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = REFUSAL
    responses["default"] = {
        "description": "Refused: not signed in, not allowed, not found, not in this state, too often, or out of order.",
        "content": REFUSAL,
    }
