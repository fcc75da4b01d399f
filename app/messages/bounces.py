"""Reading a bounce: only a delivery status report (RFC 3464) that came back to a return path of ours counts.

Everything else in the mailbox (people who are away, thanks, spam, forged reports) says nothing about an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from enum import StrEnum
from uuid import UUID

from app.messages.mail import ReturnPaths

MOST_BYTES = 1_000_000
CAME_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")


class Verdict(StrEnum):
    """What a report says about an email."""

    BOUNCED = "bounced"
    LATE = "late"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one email, with the status code of the mail server, such as 5.1.1."""

    delivery_id: UUID
    verdict: Verdict
    status: str


def report_in(content: bytes, paths: ReturnPaths) -> Report | None:
    """The report in a message; None when there is none, or when it is about no email of ours."""
    if len(content) > MOST_BYTES:
        return None
    try:
        return _report(message_from_bytes(content, policy=policy.default), paths)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The standard library raises any of these on a message that is broken on purpose.
        return None


def _report(mail: EmailMessage, paths: ReturnPaths) -> Report | None:
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") != "delivery-status":
        return None
    came_to = " ".join(str(value) for name in CAME_TO for value in mail.get_all(name, []))
    ids, verdicts = set(paths.deliveries_in(came_to)), list(_verdicts(mail))
    if len(ids) != 1 or len(verdicts) != 1:
        return None  # each of our emails has one recipient, and a return path of its own
    verdict, status = verdicts[0]
    return Report(ids.pop(), verdict, status)


def _verdicts(mail: EmailMessage) -> Iterator[tuple[Verdict, str]]:
    """What the report says about each recipient."""
    parts = mail.get_payload()
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            for block in part.get_payload():
                if isinstance(block, Message) and (found := _verdict(block)):
                    yield found


def _verdict(block: Message) -> tuple[Verdict, str] | None:
    """`failed` is final, whatever the status: with 4.x.x the server has given up after trying for days."""
    action, code = str(block.get("Action", "")).strip().lower(), STATUS.match(str(block.get("Status", "")))
    if code is None:
        return None
    status = ".".join(code.groups())
    if action == "failed" and code[1] in "45":
        return Verdict.BOUNCED, status
    if action == "delayed" and code[1] == "4":
        return Verdict.LATE, status
    if action == "delivered" and code[1] == "2":
        return Verdict.ARRIVED, status
    return None
