"""The letter of agreements: something that the provider reads of the person has changed. It says neither who nor what."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.messages import LetterTemplate, send_many
from contracts.agreements.models import Agreement
from marketplace.providers.queries import recipients_of

# Without a topic: nobody may turn off that carers would go to another door.
DETAILS_CHANGED = LetterTemplate(
    "details_changed", "agreement:details_changed", folder=__name__, about="agreement", link="/agreements/{id}"
)
LETTERS = (DETAILS_CHANGED,)


def tell_of_details(authority_id: UUID, agreements: Sequence[Agreement]) -> None:
    """To the provider of each agreement of an authority; what changed stands on its page, for those who may read it."""
    recipients = recipients_of(authority_id, {agreement.provider_id for agreement in agreements})
    send_many(
        (
            recipients[agreement.provider_id],
            DETAILS_CHANGED.write(agreement.id, agreement.authority_id, agreement=agreement.reference),
        )
        for agreement in agreements
    )
