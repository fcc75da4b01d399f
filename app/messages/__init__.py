"""Messages: the in-app inbox (the record) and the emails that follow from it, through one outbox.

A message is written in the transaction of the act it tells of, and leaves afterwards: retried, with a stable
Message-ID. What became of each email (queued, sent, delivered, bounced, opened) is data that pages and KPIs use.
"""

from app.messages.letters import Address, Letter, Recipient, Topic
from app.messages.services import send, send_many
from app.messages.templates import LetterTemplate

__all__ = ["Address", "Letter", "LetterTemplate", "Recipient", "Topic", "send", "send_many"]
