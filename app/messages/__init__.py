"""Messages: the in-app inbox (the record) and the emails that follow from it, through one outbox.

A message is written in the transaction of the act it tells of, and leaves afterwards: retried, with a stable
Message-ID. What became of each email (queued, sent, delivered, bounced, opened) is data that pages and KPIs use.
"""

from app.messages.letters import Address, Letter, Recipient
from app.messages.services import send, send_many

__all__ = ["Address", "Letter", "Recipient", "send", "send_many"]
