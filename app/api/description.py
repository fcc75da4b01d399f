"""What the API says of itself: only the API, behind a token, ids as UUIDs, and every refusal as the problem+json that it is."""

from __future__ import annotations

from typing import Any

from app.api.shell import PREFIX

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
