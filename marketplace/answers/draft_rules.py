"""What a provider's words must keep to: their length always, and no telephone number or the like once they are sent.

A person's name is not looked for here: asking a provider "is this the person's name?" would tell it the name.
"""

from collections.abc import Iterable
from dataclasses import replace

from marketplace.answers.rules import DeclineReason, ResponseDraft, count_problem, decline_reason
from marketplace.people.disclosure import identity_in_text, refused
from marketplace.rounds.rules import ResponseKind

TEXT_LIMITS = {"alternative_times": 1000, "people_nearby_text": 500, "decline_text": 1000, "note": 1000}
"""The free texts of an answer and the most characters of each."""


def reasons_against_keeping(draft: ResponseDraft, decline_reasons: Iterable[DeclineReason]) -> dict[str, str]:
    """Why this cannot even be kept as a draft, by field: it would not fit, or means nothing."""
    found = {}
    for name, limit in TEXT_LIMITS.items():
        if len(getattr(draft, name)) > limit:
            found[name] = f"Write no more than {limit:,} characters."
        elif "\x00" in getattr(draft, name):
            found[name] = "Take out the characters that cannot be read."
    found |= count_problem(draft.people_nearby_count)
    if draft.decline_code and decline_reason(draft.decline_code, decline_reasons) is None:
        found["decline_code"] = "Choose a reason from the list."
    return found


def reasons_against_wording(draft: ResponseDraft) -> dict[str, str]:
    """Why the words cannot be sent, by field: they hold what could say who somebody is."""
    found = {}
    for name in TEXT_LIMITS:
        if hits := refused(identity_in_text(getattr(draft, name))):
            found[name] = hits[0].sentence
    return found


def as_sent(draft: ResponseDraft) -> ResponseDraft:
    """What is kept of an answer that is sent: a yes says nothing about declining, a no nothing about a price."""
    if draft.kind is ResponseKind.ACCEPT:
        return replace(draft, decline_code="", decline_text="")
    if draft.kind is ResponseKind.DECLINE:
        return ResponseDraft(
            ResponseKind.DECLINE,
            decline_code=draft.decline_code,
            decline_text=draft.decline_text,
            note=draft.note,
        )
    return draft
