"""The line to a mail server: encrypted wherever it can be, and only with the server that was meant."""

from __future__ import annotations

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.messages.channel import Down, SmtpChannel
from config import BadSetting
from tests.app.messages.makers import Sink, free_port


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """Makes a certificate for a host, which this machine trusts, and the server's side of it."""

    def made(host):
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        public, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
        public.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(public, secret)
        return context

    return made


def post(scheme, context):
    """What a server with this certificate takes at `localhost`, and the trouble that there was."""
    sink, port = Sink(), free_port()
    kind = {"smtps": "ssl_context", "smtp": "tls_context"}[scheme]
    server = Controller(sink, hostname="127.0.0.1", port=port, **{kind: context})
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "homeward@council.example", "one@provider.example", "Offer 1"
    server.start()
    try:
        with SmtpChannel(f"{scheme}://localhost:{port}").line() as line:
            line.deliver(mail, "bounce@council.example")
    except Down as trouble:
        return sink.mails, str(trouble)
    finally:
        server.stop()
    return sink.mails, ""


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_leaves_encrypted_to_the_server_that_was_meant(certificate, scheme):
    mails, trouble = post(scheme, certificate("localhost"))
    assert (len(mails), trouble) == (1, "")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_nothing_is_handed_to_a_server_with_the_certificate_of_another(certificate, scheme):
    mails, trouble = post(scheme, certificate("elsewhere.example"))
    assert (mails, trouble) == ([], "the mail server did not take it: SSLCertVerificationError")


@pytest.fixture
def open_server():
    """A mail server that offers no encryption."""
    sink, port = Sink(), free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    yield sink, f"smtp://localhost:{port}"
    server.stop()


def test_where_encryption_is_required_nothing_leaves_without_and_the_start_says_so(open_server):
    sink, url = open_server
    channel = SmtpChannel(url, tls_required=True)
    with pytest.raises(Down, match="offers no encryption"), channel.line():
        pass
    with pytest.raises(BadSetting, match="MAIL_URL: the mail server offers no encryption"):
        channel.refuse_open_line()
    assert sink.mails == []


def test_a_server_that_encrypts_or_cannot_be_reached_stops_no_start(certificate, open_server):
    SmtpChannel(open_server[1]).refuse_open_line()
    SmtpChannel(f"smtp://localhost:{free_port()}", tls_required=True).refuse_open_line()
    sink, port = Sink(), free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port, tls_context=certificate("localhost"))
    server.start()
    try:
        SmtpChannel(f"smtp://localhost:{port}", tls_required=True).refuse_open_line()
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("says", "trouble"),
    [(b"421 closing\r\n", "greeted with 421"), (b"220-wait\r\n", "SMTPServerDisconnected"), (b"", "Disconnected")],
)
def test_a_server_that_does_not_greet_is_down(says, trouble):
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as threads:
        threads.submit(drip, server, says)
        channel = SmtpChannel(f"smtp://localhost:{server.getsockname()[1]}", read_seconds=5, send_seconds=0.5)
        with pytest.raises(Down, match=trouble), channel.line():
            pass


def drip(server, says):
    """Says the same again and again, until nobody listens any more."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        for _ in range(50):
            connection.sendall(says)
            time.sleep(0.1)
