"""What is logged: one line an event, as JSON or plain, with the request's id; never what somebody typed or is called.

An exception is logged as its kind and its places in the code. Its text is left out: texts of exceptions quote values,
and values here are names, addresses and needs. A line break or a colour code inside a value is encoded.
"""

from __future__ import annotations

import json
import logging
import logging.config
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from flask import g, has_request_context, request

HERE = str(Path(__file__).resolve().parents[1]) + "/"

Event = MutableMapping[str, Any]


def prepare_logs(style: str, level: str) -> None:
    """Sends everything that is logged in this process to the error stream in one style."""
    logging.config.dictConfig(logging_settings(style, level))


def logging_settings(style: str, level: str) -> dict[str, Any]:
    """The same as a table for `logging.config`; gunicorn takes it too, so that its own lines look alike."""
    handler = {"class": "logging.StreamHandler", "formatter": "homeward", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"homeward": {"()": formatter, "style": style}},
        "handlers": {"homeward": handler},
        "root": {"level": level, "handlers": ["homeward"]},
        "loggers": {
            "gunicorn.error": {"propagate": True, "handlers": []},
            "apscheduler": {"level": "WARNING"},  # it tells of every start of every job
            "alembic": {"level": level},
        },
    }


def formatter(style: str) -> logging.Formatter:
    render: Any = _plain if style == "plain" else structlog.processors.JSONRenderer(default=str)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_name_place, structlog.stdlib.ExtraAdder(), _without_values],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
    )


def _name_place(_logger: object, _method: str, event: Event) -> Event:
    """Adds when, how grave, where in the code, and in which request of whom: by id, and the rule of the address only."""
    record: logging.LogRecord = event["_record"]
    event["at"] = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"]
    event["level"], event["logger"] = record.levelname.lower(), record.name
    if has_request_context():
        viewer = g.get("viewer")
        event["request"] = g.get("request_id")
        event["method"], event["route"] = request.method[:10], request.endpoint
        event["rule"] = request.url_rule.rule if request.url_rule else None
        event["user"] = str(viewer.user_id) if viewer else None
    return event


def _without_values(_logger: object, _method: str, event: Event) -> Event:
    """Puts the kinds and places of an exception and its causes where its text would stand."""
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, tuple) and exc_info[1] is not None:
        event["exception"] = [_told(error) for error in _with_causes(exc_info[1])]
    return event


def _with_causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain and len(chain) < 5:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _told(error: BaseException) -> dict[str, object]:
    told: dict[str, object] = {"kind": type(error).__name__, "places": _places(error.__traceback__)}
    if code := getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None):
        told["code"] = code
    return told


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{frame.filename.removeprefix(HERE)}:{frame.lineno} {frame.name}" for frame in frames]


def _plain(_logger: object, _method: str, event: Mapping[str, Any]) -> str:
    """The time, the level, the sentence, and the rest as name=value; control characters encoded as in JSON."""
    rest = {name: value for name, value in event.items() if name not in {"at", "level", "event"} and value is not None}
    told = " ".join(f"{name}={json.dumps(value, default=str)}" for name, value in rest.items())
    return f"{event['at']} {event['level']:<7} {json.dumps(str(event['event']))[1:-1]} {told}".rstrip()
