"""The letters of changes. None says who the person is or what was typed."""

from __future__ import annotations

from datetime import date
from functools import partial

from app.messages import Letter, LetterTemplate, Topic, send, send_many
from app.parties.queries import to_role
from app.parties.roles import Role
from contracts.agreements.models import Agreement
from contracts.changes.models import AgreementChange
from marketplace.providers.queries import recipient_of

CHANGES = Topic(
    "agreement_changes",
    "Changes of agreements",
    "Care that ends, rests, goes on or is handed back.",
    frozenset({"provider", "council", "icb"}),
)

_letter = partial(LetterTemplate, folder=__name__, about="agreement_change", link="/changes/{id}", topic=CHANGES)
CHANGE_ASKED = _letter("change_asked", "change:asked")
CHANGE_AGREED = _letter("change_agreed", "change:agreed")
CHANGE_REFUSED = _letter("change_refused", "change:refused")
LAST_DAY = _letter("handed_back_last_day", "change:last_day")
CHANGE_TAKEN_BACK = _letter("change_taken_back", "change:taken_back")
FIRST_DAY_MOVED = _letter("first_day_moved", "change:first_day", about="agreement", link="/agreements/{id}")
PLACE_LET_GO = _letter("place_let_go", "change:place_let_go", about="agreement", link="/agreements/{id}")
LETTERS = (CHANGE_ASKED, CHANGE_AGREED, CHANGE_REFUSED, CHANGE_TAKEN_BACK, LAST_DAY, FIRST_DAY_MOVED, PLACE_LET_GO)


def tell_asked(change: AgreementChange) -> None:
    """To those who can decide, or must know that a package is handed back."""
    letter = _about(CHANGE_ASKED, change)
    for role in (Role.NAVIGATOR, Role.BROKER):
        send_many((recipient, letter) for recipient in to_role(change.authority_id, role))


def tell_provider(template: LetterTemplate, change: AgreementChange) -> None:
    """To the provider of the agreement that is changed; why stands on the page."""
    send(recipient_of(change.authority_id, change.agreement.provider), _about(template, change))


def tell_of_agreement(template: LetterTemplate, agreement: Agreement, day: date) -> None:
    """To the provider of an agreement: its first day was moved, or its held place was let go."""
    letter = template.write(agreement.id, agreement.authority_id, agreement=agreement.reference, day=day)
    send(recipient_of(agreement.authority_id, agreement.provider), letter)


def _about(template: LetterTemplate, change: AgreementChange) -> Letter:
    days = {"day": change.on, "last_day": change.ends_on}
    what = {"agreement": change.agreement.reference, "what": change.kind.label.lower()}
    return template.write(change.id, change.authority_id, **what, **days)
