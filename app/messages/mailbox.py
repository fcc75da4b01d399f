"""The mailbox that bounces come to, over IMAP with TLS, with a limit on every wait and on the whole."""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from app.messages.bounces import MOST_BYTES
from config import BadSetting

READ_SECONDS = 10
WHOLE_SECONDS = 60
AT_ONCE = 200


class MailboxTrouble(Exception):
    """The mailbox could not be read; what was not read stays unread."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One unread message: its first megabyte, and where it is."""

    server: imaplib.IMAP4
    uid: str
    content: bytes

    def mark_read(self) -> None:
        """It is not looked at again. Called after what it says is committed."""
        _done(self.server.uid("STORE", self.uid, "+FLAGS.SILENT", r"(\Seen)"))


class Mailbox:
    """A mailbox named by BOUNCE_MAILBOX_URL, such as imaps://user:password@mail.example/INBOX."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "imaps" or not parts.hostname or not parts.username:
            raise BadSetting("BOUNCE_MAILBOX_URL must look like imaps://user:password@host/folder.")
        self._host, self._port = parts.hostname, parts.port or 993
        self._name, self._password = unquote(parts.username), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"

    @contextmanager
    def opened(self) -> Iterator[OpenMailbox]:
        """The mailbox, signed in; raises MailboxTrouble, which names no address."""
        try:
            with imaplib.IMAP4_SSL(
                self._host, self._port, ssl_context=ssl.create_default_context(), timeout=READ_SECONDS
            ) as server:
                server.login(self._name, self._password)
                _done(server.select(f'"{self._folder}"'))
                yield OpenMailbox(server)
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxTrouble(f"the bounce mailbox could not be read: {type(error).__name__}") from error


class OpenMailbox:
    """A mailbox that is open."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unread(self) -> Iterator[Unread]:
        """Unread messages, at most 200 and for at most a minute; the rest next time."""
        until = time.monotonic() + WHOLE_SECONDS
        (found,) = _done(self._server.uid("SEARCH", "UNSEEN"))
        for uid in (found or b"").decode().split()[:AT_ONCE]:
            if time.monotonic() > until:
                return
            parts = _done(self._server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)"))
            content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            yield Unread(self._server, uid, content)


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    status, parts = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"the mail server answered {status}")
    return parts
