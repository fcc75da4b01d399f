"""How an e-mail leaves: by SMTP in use; in demo mode it goes nowhere and is read on the mailbox page."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from config import BadSetting

SECONDS = 10


class Refused(Exception):
    """The address was refused for good: a bounce."""


class Down(Exception):
    """The mail server did not take the message this time; try again later."""


class Channel(Protocol):
    """Anything that takes an e-mail."""

    def deliver(self, mail: EmailMessage) -> None:
        """Hands over one e-mail; raises Refused or Down."""


class SmtpChannel:
    """A mail server named by MAIL_URL, such as smtp://user:password@mail.example:587."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadSetting("MAIL_URL must look like smtp://user:password@host:port or smtps://host.")
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._secure else 25)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    def deliver(self, mail: EmailMessage) -> None:
        """Hands the e-mail to the server within 10 s limits."""
        try:
            with self._connect() as server:
                if self._login:
                    server.login(*self._login)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Down(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self._secure else smtplib.SMTP
        return kind(self._host, self._port, timeout=SECONDS)


def _refusal(error: smtplib.SMTPRecipientsRefused) -> Exception:
    codes = [code for code, _ in error.recipients.values()]
    return Refused(f"refused with {codes[0]}") if all(code >= 500 for code in codes) else Down("refused for now")


class DemoChannel:
    """Takes every e-mail and sends none; addresses at `bounce.example` are refused, so that bounces can be seen."""

    def deliver(self, mail: EmailMessage) -> None:
        """Takes the e-mail; its text stays readable on the mailbox page."""
        if str(mail["To"]).endswith("@bounce.example"):
            raise Refused("refused with 550")
