"""The messages that carry feedback letters: to the inbox of everybody who answered, by email to those who said yes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.database import db
from app.messages import Address, Letter, Recipient
from app.messages.topics import Topic
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import HEADINGS, Outcome
from marketplace.offers.addressees import contacts_of
from marketplace.offers.models import Round
from marketplace.providers.models import Provider

OUTCOMES = Topic(
    "outcomes",
    "Outcomes",
    "What became of the packages to which you said yes.",
    kinds=("feedback:outcome",),
    readers=("provider",),
)


def outcome_letters(letters: Sequence[FeedbackLetter], round_: Round) -> list[tuple[Recipient, Letter]]:
    """One message per letter. A provider that declined reads it in its inbox; it asked for no email about it."""
    ids = [letter.provider_id for letter in letters]
    query = select(Provider.id, Provider.organisation_id).where(Provider.id.in_(ids))
    organisations = {row.id: row.organisation_id for row in db.session.execute(query)}
    contacts = contacts_of([letter.provider_id for letter in letters if letter.figures])
    post = []
    for letter in letters:
        addresses = tuple(Address(email, key) for key, email in contacts.get(letter.provider_id, {}).items())
        post.append((Recipient(organisations[letter.provider_id], addresses=addresses), _letter(letter, round_)))
    return post


def _letter(letter: FeedbackLetter, round_: Round) -> Letter:
    return Letter(
        kind="feedback:outcome",
        subject=HEADINGS[Outcome(letter.outcome)].format(round_.package.reference),
        body="\n\n".join(letter.sentences),
        path=f"/feedback/{letter.id}",
        about_type="feedback_letter",
        about_id=letter.id,
        authority_id=letter.authority_id,
    )
