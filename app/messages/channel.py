"""How an email leaves: by SMTP in use; in demo mode it goes nowhere and is read on the mailbox page."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from config import BadSetting

READ_SECONDS = 10
SEND_SECONDS = 30
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailRefused(Exception):
    """The address, or the email, was refused for good: a bounce."""


class PutOff(Exception):
    """The address was refused for now; the mail server itself is well."""


class Down(Exception):
    """The mail server is away, or the line to it broke: nothing more can be handed over now."""


class NoEncryption(Down):
    """The mail server offers no encryption where that is required."""


class Line(Protocol):
    """A line to a mail server, used for many emails."""

    def deliver(self, mail: EmailMessage, return_path: str) -> None:
        """Hands over one email; raises MailRefused, PutOff or Down."""


class Channel(Protocol):
    """Anything that takes emails."""

    def line(self) -> AbstractContextManager[Line]:
        """A line for one pass; raises Down."""


class SmtpChannel:
    """A mail server named by MAIL_URL, such as smtp://user:password@mail.example:587.

    STARTTLS is used wherever the server offers it; with `tls_required` nothing is sent without. A password never leaves
    in the clear, except on this machine.
    """

    def __init__(
        self,
        url: str,
        *,
        tls_required: bool = False,
        read_seconds: float = READ_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        parts, self._tls_required = urlsplit(url), tls_required
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadSetting("MAIL_URL must look like smtp://user:password@host:port or smtps://host.")
        self._secure = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._secure else 25)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._read_seconds, self._send_seconds = read_seconds, send_seconds

    def refuse_open_line(self) -> None:
        """Raises BadSetting where the server answers and offers less encryption than is required.

        One that cannot be reached says nothing about itself: emails wait for it.
        """
        if not self._tls_required:
            return
        try:
            with self.line():
                pass
        except NoEncryption as refused:
            raise BadSetting(
                f"MAIL_URL: {refused}. Name a server that offers STARTTLS, or write smtps://…"
            ) from refused
        except Down:
            pass

    @contextmanager
    def line(self) -> Iterator[SmtpLine]:
        """One connection, opened and greeted within the time limits, and closed at the end."""
        until = time.monotonic() + self._send_seconds
        with _trouble_told():
            server = self._connected()
        try:
            with _trouble_told(), cut_after(until - time.monotonic(), server):
                self._greet(server)
            yield SmtpLine(server, self._send_seconds)
            with suppress(OSError, smtplib.SMTPException), cut_after(self._read_seconds, server):
                server.quit()
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        limits = {"read_seconds": self._read_seconds, "whole_seconds": self._send_seconds}
        if self._secure:
            return _SecureConnection(self._host, self._port, context=ssl.create_default_context(), **limits)
        return _Connection(self._host, self._port, **limits)

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self._secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self._tls_required and not isinstance(server.sock, ssl.SSLSocket):
            raise NoEncryption("the mail server offers no encryption, and MAIL_TLS requires it")
        if self._login:
            self._sign_in(server, *self._login)

    def _sign_in(self, server: smtplib.SMTP, name: str, password: str) -> None:
        if not isinstance(server.sock, ssl.SSLSocket) and self._host not in OWN_MACHINE:
            raise Down("the mail server offers no encryption, and the password is not sent without")
        server.login(name, password)


class _Connection(smtplib.SMTP):
    """A connection that a silent server cannot hold up while it is made.

    smtplib checks certificates against the host that it was made for, and then connects before it can be reached.
    """

    def __init__(self, host: str, port: int, *, read_seconds: float, whole_seconds: float, **more: Any) -> None:
        self._whole_seconds = whole_seconds
        super().__init__(host, port, timeout=read_seconds, **more)

    def connect(self, *args: Any, **more: Any) -> tuple[int, bytes]:
        """Connects and waits for the greeting, until the time is over."""
        with cut_after(self._whole_seconds, self):
            return super().connect(*args, **more)


class _SecureConnection(_Connection, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class SmtpLine:
    """An open connection to a mail server; smtplib sends RSET after an email that was refused."""

    def __init__(self, server: smtplib.SMTP, send_seconds: float) -> None:
        self._server, self._send_seconds = server, send_seconds

    def deliver(self, mail: EmailMessage, return_path: str) -> None:
        """Hands over one email; the whole of it is cut off after 30 s."""
        with _trouble_told(), cut_after(self._send_seconds, self._server):
            self._server.send_message(mail, from_addr=return_path)


@contextmanager
def cut_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Ends the connection when the time is over. A limit for each read is not enough: a server can answer in drops."""

    def cut() -> None:
        with suppress(OSError):
            if server.sock is not None:
                socket.socket.shutdown(server.sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _trouble_told() -> Iterator[None]:
    """Turns what smtplib raises into one of our three answers. Its texts can name addresses, so codes are kept only."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _about_the_address([code for code, _ in error.recipients.values()]) from error
    except smtplib.SMTPSenderRefused as error:
        raise Down(f"the mail server refused the sender with {error.smtp_code}") from error
    except smtplib.SMTPConnectError as error:
        raise Down(f"the mail server greeted with {error.smtp_code}") from error
    except smtplib.SMTPDataError as error:
        raise _about_the_mail(error.smtp_code) from error
    except (UnicodeError, smtplib.SMTPNotSupportedError) as error:
        raise MailRefused("the address has letters that the mail server cannot take") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Down(f"the mail server did not take it: {type(error).__name__}") from error


def _about_the_address(codes: list[int]) -> Exception:
    if 421 in codes:
        return Down("the mail server is closing: 421")
    code = codes[0]
    return (
        MailRefused(f"the address was refused with {code}") if code >= 500 else PutOff(f"refused for now with {code}")
    )


def _about_the_mail(code: int) -> Exception:
    return MailRefused(f"the email was refused with {code}") if code >= 500 else Down(f"the mail server said {code}")


class DemoChannel:
    """Takes every email and sends none; addresses at `bounce.example` are refused, so that bounces can be seen."""

    @contextmanager
    def line(self) -> Iterator[DemoChannel]:
        yield self

    def deliver(self, mail: EmailMessage, return_path: str) -> None:  # noqa: ARG002 (there is no envelope)
        """Takes the email; its text stays readable on the mailbox page."""
        if str(mail["To"]).endswith("@bounce.example"):
            raise MailRefused("refused with 550")
