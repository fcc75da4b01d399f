"""Speaking HTTP to a server that may die, hang or answer nonsense: what came back, or that nothing did."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

NOTHING = 0
"""The status of a request that no answer came to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or NOTHING; how long it took in seconds."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether what was asked for was acknowledged."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The answer as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The answer as text."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a bearer token, and the port they speak to."""

    token: str
    port: int = 0

    def with_port(self, port: int) -> Caller:
        """The same person speaking to another port."""
        return replace(self, port=port)

    def get(self, path: str, *, limit: float = 30.0) -> Answer:
        """A GET; `limit` is how long to wait for the answer, in seconds."""
        return self.send("GET", path, limit=limit)

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", limit: float = 30.0) -> Answer:
        """One request with JSON, or with a file where `body` is a File; `key` makes it safe to repeat."""
        headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"}
        if key:
            headers["Idempotency-Key"] = key
        content: bytes | None = None
        if isinstance(body, File):
            content, headers["Content-Type"] = body.content, body.kind
        elif body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        return ask(self.port, method, path, content, headers, limit)


@dataclass(frozen=True, slots=True)
class File:
    """A form with one file, ready to be sent, and sent the same every time."""

    content: bytes
    kind: str

    @classmethod
    def of(cls, name: str, content: bytes, **fields: str) -> File:
        """The form; fields besides the file come first."""
        line = uuid4().hex
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n'
            for key, text in fields.items()
        ]
        parts.append(f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
        whole = "".join(parts).encode() + content + f"\r\n--{line}--\r\n".encode()
        return cls(whole, f"multipart/form-data; boundary={line}")


def ask(
    port: int, method: str, path: str, content: bytes | None, headers: Mapping[str, str], limit: float = 30.0
) -> Answer:
    """One request on a connection of its own."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    try:
        connection.request(method, path, content, dict(headers))
        came = connection.getresponse()
        body = came.read()
    except (OSError, http.client.HTTPException):
        return Answer(NOTHING, seconds=time.monotonic() - began)
    finally:
        connection.close()
    return Answer(
        came.status, body, {name.title(): value for name, value in came.headers.items()}, time.monotonic() - began
    )
