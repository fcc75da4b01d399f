"""The letter that says how an answer came out: to the inbox of everybody who answered, by email to those who said yes."""

from __future__ import annotations

from collections.abc import Sequence

from app.messages import Letter, LetterTemplate, Recipient, Topic, send_many
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import LetterFacts
from marketplace.providers.queries import recipients_of

OUTCOMES = Topic("outcomes", "Outcomes", "What became of the packages to which you said yes.", frozenset({"provider"}))
OUTCOME = LetterTemplate(
    "outcome", "feedback:outcome", folder=__name__, about="feedback_letter", link="/feedback/{id}", topic=OUTCOMES
)


def outcome_letter(row: FeedbackLetter, reference: str, figures: LetterFacts | None = None) -> Letter:
    """The letter about a package; without figures to a provider that declined, or whose yes was not ranked."""
    return OUTCOME.write(row.id, row.authority_id, outcome=row.outcome, reference=reference, figures=figures)


def send_outcomes(letters: Sequence[tuple[FeedbackLetter, Letter]]) -> None:
    """One message per letter. A provider that declined reads it in its inbox; it asked for no email about it."""
    recipients = recipients_of(row.provider_id for row, _ in letters)
    inboxes = {key: Recipient(recipient.organisation_id) for key, recipient in recipients.items()}
    send_many(((recipients if row.figures else inboxes)[row.provider_id], letter) for row, letter in letters)
