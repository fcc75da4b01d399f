"""What mail servers send back: delivery reports, and what people and machines send instead."""

from __future__ import annotations

REPORT = """\
From: MAILER-DAEMON@mx.provider.example
To: {to}
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=_b"

--=_b
Content-Type: text/plain

Your message could not be delivered.

--=_b
Content-Type: message/{kind}

Reporting-MTA: dns; mx.provider.example

Final-Recipient: rfc822; one@provider.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 <one@provider.example>: no such person

--=_b
Content-Type: text/rfc822-headers

Message-ID: <anything@localhost>

--=_b--
"""


def report(to: str, *, action: str = "failed", status: str = "5.1.1", kind: str = "delivery-status") -> bytes:
    return REPORT.format(to=to, action=action, status=status, kind=kind).replace("\n", "\r\n").encode()


def away(to: str) -> bytes:
    """Somebody is out of the office."""
    head = f"From: one@provider.example\r\nTo: {to}\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n"
    return f"{head}\r\nI am away. Status: 5.1.1\r\nAction: failed\r\n".encode()
