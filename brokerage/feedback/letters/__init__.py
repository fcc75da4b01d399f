"""The letters that say how answers came out: to the inbox of everybody who answered, by email to those who said yes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from app.messages import Letter, LetterTemplate, Recipient, Topic, send_many
from marketplace.providers.queries import recipients_of

OUTCOMES = Topic("outcomes", "Outcomes", "What became of the packages to which you said yes.", frozenset({"provider"}))

_letter = partial(LetterTemplate, kind="feedback:outcome", folder=__name__, topic=OUTCOMES)
OUTCOME = _letter("outcome", about="feedback_letter", link="/feedback/{id}")
SEVERAL_OUTCOMES = _letter("outcomes", about="issue", link="/feedback")
LETTERS = (OUTCOME, SEVERAL_OUTCOMES)


class Told(NamedTuple):
    """What one provider is told of one package; figures has whoever said yes and was ranked."""

    provider_id: UUID
    has_figures: bool
    letter: Letter


def send_outcomes(told: Iterable[Told], issue_id: UUID, authority_id: UUID) -> None:
    """One message to each provider, about all its answers together.

    A provider that declined all of them reads it in its inbox; it asked for no email about it.
    """
    by_provider: defaultdict[UUID, list[Told]] = defaultdict(list)
    for each in told:
        by_provider[each.provider_id].append(each)
    recipients = recipients_of(authority_id, by_provider)
    send_many(
        (
            recipients[provider_id]
            if any(each.has_figures for each in own)
            else Recipient(recipients[provider_id].organisation_id),
            _letter_of([each.letter for each in own], issue_id),
        )
        for provider_id, own in by_provider.items()
    )


def _letter_of(letters: Sequence[Letter], issue_id: UUID) -> Letter:
    if len(letters) == 1:
        return letters[0]
    return SEVERAL_OUTCOMES.write(issue_id, letters[0].authority_id, count=len(letters), letters=letters)
