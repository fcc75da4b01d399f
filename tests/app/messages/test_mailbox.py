"""The bounce mailbox over IMAP with TLS, against a server of a few lines that speaks as RFC 9051 asks."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from app.database import db
from app.messages.bounce_jobs import read_mailbox
from app.messages.jobs import return_paths, send_queued
from app.messages.letters import DeliveryState
from app.messages.mailbox import Mailbox, MailboxTrouble
from app.messages.models import Delivery
from config import BadSetting
from tests.app.messages.makers import a_letter
from tests.app.messages.reports import away, report


class Box:
    """A mailbox: messages by number, and which were read."""

    def __init__(self, certificate):
        self.messages, self.read, self.silent = {}, set(), False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"* OK here\r\n")
                for line in lines:
                    tag, words = line.split()[0], line.decode().split()[1:]
                    connection.sendall(self._answer(words) + tag + b" OK done\r\n")
                    if words[0].upper() == "LOGOUT":
                        break

    def _answer(self, words):
        if words[0].upper() == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if words[0].upper() == "SELECT":
            return f"* {len(self.messages)} EXISTS\r\n".encode()
        if words[:2] == ["UID", "SEARCH"]:
            unread = [str(number) for number in self.messages if number not in self.read]
            return f"* SEARCH {' '.join(unread)}\r\n".encode()
        if words[:2] == ["UID", "FETCH"]:
            number, limit = int(words[2]), int(re.search(r"<0\.(\d+)>", words[3])[1])
            content = self.messages[number][:limit]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(content)}}}\r\n".encode()
            return head + content + b")\r\n"
        if words[:2] == ["UID", "STORE"]:
            self.read.add(int(words[2]))
        return b"* BYE\r\n" if words[0].upper() == "LOGOUT" else b""


@pytest.fixture
def box(house, tmp_path, monkeypatch):
    """A mailbox whose certificate this process trusts, and the house reading it."""
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(a_certificate())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    made, before = Box(certificate), house.extensions["config"]
    url = f"imaps://bounces:secret@127.0.0.1:{made.port}/INBOX"
    house.extensions["config"] = before.__class__(
        database_url=before.database_url, secret_key=before.secret_key, testing=True, bounce_mailbox_url=url
    )
    yield made
    house.extensions["config"] = before
    made.close()


def a_certificate():
    """A key and a certificate for this machine, good for a day."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return private + certificate.public_bytes(pem)


def test_new_bounces_are_read_once_and_everything_else_is_passed_over(box, session, people, sink):
    a_letter(people, "one@provider.example")
    send_queued()
    delivery = db.session.scalars(select(Delivery)).one()
    to = return_paths().address(delivery.id)
    box.messages = {3: away(to), 7: report(to), 9: b"not a message at all"}
    assert read_mailbox() == 1
    assert box.read == {3, 7, 9}
    db.session.refresh(delivery)
    assert delivery.state is DeliveryState.BOUNCED
    assert read_mailbox() == 0


def test_a_mailbox_with_another_certificate_is_not_told_the_password(box, session, monkeypatch, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(a_certificate())
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with pytest.raises(MailboxTrouble, match="SSLCertVerificationError"):
        read_mailbox()


def test_without_a_mailbox_nothing_is_read(session):
    assert read_mailbox() == 0


@pytest.mark.parametrize("url", ["imap://user:password@host", "imaps://host", "https://user@host", "imaps:"])
def test_an_address_that_is_no_mailbox_is_refused_in_words(url):
    with pytest.raises(BadSetting, match="BOUNCE_MAILBOX_URL must look like"):
        Mailbox(url)
