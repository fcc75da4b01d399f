"""What a provider's answer must hold, what its words must keep to, and when it is too late.

Prices are integer pence per unit of the lot, judged against the floor and ceiling in force when the offer was issued.
What the record knows is not looked for in words: asking a provider "is this the person's name?" would tell it the name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.values.money import Money
from marketplace.disclosure.rules import findings_in, refused
from marketplace.packages.visits import (
    EXAMPLE_WEEK,
    UnreadableVisits,
    parse_weekly_visits,
    reasons_against_visits,
    weekly_visits_text,
)
from marketplace.rounds.rules import ResponseKind, RoundState, is_open_at

LONGEST_WAIT_DAYS = 183
"""An earliest start more than half a year after the wanted one is taken for a slip of the keyboard."""

MOST_PEOPLE_NEARBY = 999


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One reason from an authority's list; some need words as well."""

    code: str
    label: str
    needs_text: bool = False


@dataclass(frozen=True, slots=True)
class ResponseDraft:
    """What a provider typed about one package. Money in pence per unit of the lot.

    `other_visits` is the week that it can do where it cannot do the times asked for: `Mon-Fri 10:30-11:30 45x1`.
    """

    kind: ResponseKind | None
    price_pence: int | None = None
    earliest_start: date | None = None
    alternative_times: str = ""
    other_visits: str = ""
    assessment_visit_needed: bool = False
    people_nearby_text: str = ""
    people_nearby_count: int | None = None
    decline_code: str = ""
    decline_text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResponseTerms:
    """What the answer is judged against: the limits frozen with the offer, and where its round stands.

    `deadline_text` is the deadline as people read it, local time with its zone. `issued_on` is a local date.
    """

    floor_pence: int
    ceiling_pence: int
    unit: str
    deadline: datetime
    deadline_text: str
    issued_on: date
    wanted_start: date
    round_state: RoundState = RoundState.OPEN
    decline_reasons: tuple[DeclineReason, ...] = ()


def reasons_against(response: ResponseDraft, terms: ResponseTerms, now: datetime) -> dict[str, str]:
    """Why an answer cannot be sent: field to sentence, empty when it can. `deadline` and `round` are not typed fields."""
    found = reasons_too_late(terms, now)
    if response.kind is ResponseKind.ACCEPT:
        return found | _accept_problems(response, terms)
    if response.kind is ResponseKind.DECLINE:
        return found | _decline_problems(response, terms.decline_reasons)
    return found | {"kind": "Choose yes or no for this package."}


def reasons_too_late(terms: ResponseTerms, now: datetime) -> dict[str, str]:
    """Why nothing can be saved, changed, sent or taken back any more; empty while the offer is open."""
    if terms.round_state is RoundState.WITHDRAWN:
        return {"round": "The council has taken this package back. There is nothing to answer."}
    if not is_open_at(now, terms.deadline):
        return {"deadline": f"The deadline was {terms.deadline_text}. Answers at or after that time do not count."}
    if terms.round_state is not RoundState.OPEN:
        return {"round": "This round is closed. Nothing can be answered any more."}
    return {}


def is_firm(response: ResponseDraft, wanted_start: date) -> bool:
    """Is this a yes as asked: from the wanted start or before, with the times unchanged?"""
    started = response.earliest_start is not None and response.earliest_start <= wanted_start
    return response.kind is ResponseKind.ACCEPT and started and not has_other_times(response)


def has_other_times(response: ResponseDraft) -> bool:
    """Whether a yes is to other times than those asked for."""
    return bool(response.alternative_times.strip() or response.other_visits.strip())


def decline_reason(code: str, reasons: Iterable[DeclineReason]) -> DeclineReason | None:
    """The reason with this code in an authority's list, or None."""
    return next((reason for reason in reasons if reason.code == code), None)


def count_problem(count: int | None) -> dict[str, str]:
    """What is wrong with how many people are visited nearby, by field; nothing when it is left empty."""
    if count is None or 0 <= count <= MOST_PEOPLE_NEARBY:
        return {}
    return {"people_nearby_count": f"Enter a whole number from 0 to {MOST_PEOPLE_NEARBY}, or leave it empty."}


def _accept_problems(response: ResponseDraft, terms: ResponseTerms) -> dict[str, str]:
    found = _price_problem(response.price_pence, terms) | _start_problem(response.earliest_start, terms)
    return found | _times_problem(response) | count_problem(response.people_nearby_count)


def _times_problem(response: ResponseDraft) -> dict[str, str]:
    """Words alone cannot be agreed: an agreement holds visits, and none that the provider did not offer."""
    if not response.other_visits.strip():
        return {"other_visits": OTHER_TIMES_AS_VISITS} if response.alternative_times.strip() else {}
    try:
        visits = parse_weekly_visits(response.other_visits)
    except UnreadableVisits as unreadable:
        return {"other_visits": str(unreadable)}
    reasons = reasons_against_visits(visits, "offered so by the provider")
    return {"other_visits": " ".join(reasons)} if reasons else {}


def _price_problem(price: int | None, terms: ResponseTerms) -> dict[str, str]:
    limits = f"between {Money(terms.floor_pence)} and {Money(terms.ceiling_pence)} per {terms.unit}"
    if price is None:
        return {"price": f"Enter your price, {limits}."}
    if price < terms.floor_pence:
        return {"price": f"{Money(price)} is below the lowest price. Enter a price {limits}."}
    if price > terms.ceiling_pence:
        return {"price": f"{Money(price)} is above the highest price. Enter a price {limits}."}
    return {}


def _start_problem(start: date | None, terms: ResponseTerms) -> dict[str, str]:
    latest = max(terms.wanted_start, terms.issued_on) + timedelta(days=LONGEST_WAIT_DAYS)
    if start is None:
        return {"earliest_start": "Enter the first day on which you can start."}
    if start < terms.issued_on:
        return {"earliest_start": f"Enter a day that is not in the past: {_day(terms.issued_on)} or later."}
    if start > latest:
        return {"earliest_start": f"{_day(start)} is too far away. Enter a day up to {_day(latest)}, or decline."}
    return {}


def _decline_problems(response: ResponseDraft, reasons: tuple[DeclineReason, ...]) -> dict[str, str]:
    chosen = decline_reason(response.decline_code, reasons)
    if chosen is None:
        return {"decline_code": "Choose a reason from the list."}
    if chosen.needs_text and not response.decline_text.strip():
        return {"decline_text": f"Say in words why you decline when you choose '{chosen.label}'."}
    return {}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


OTHER_TIMES_AS_VISITS = f"Give the other times that you can do as visits of the week too, such as {EXAMPLE_WEEK}: only visits can be agreed."
MOST_TYPED_VISITS = 4000
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
    if len(draft.other_visits) > MOST_TYPED_VISITS or "\x00" in draft.other_visits:
        found["other_visits"] = f"Write visits in no more than {MOST_TYPED_VISITS:,} characters that can be read."
    found |= count_problem(draft.people_nearby_count)
    if draft.decline_code and decline_reason(draft.decline_code, decline_reasons) is None:
        found["decline_code"] = "Choose a reason from the list."
    return found


def reasons_against_sending(draft: ResponseDraft, terms: ResponseTerms, now: datetime) -> dict[str, str]:
    """Why an answer cannot be sent, by field: what it says, or words that could say who somebody is."""
    texts = {name: text for name in TEXT_LIMITS if (text := getattr(draft, name))}
    found = {name: refused(findings_in(text)) for name, text in texts.items()}
    return {name: hits[0].sentence for name, hits in found.items() if hits} | reasons_against(draft, terms, now)


def as_sent(draft: ResponseDraft) -> ResponseDraft:
    """What is kept of an answer that is sent: a yes says nothing about declining, a no nothing about a price.

    Visits are kept in the one way in which they are written; those that cannot be read are refused where they are judged.
    """
    if draft.kind is ResponseKind.ACCEPT:
        return replace(draft, decline_code="", decline_text="", other_visits=_as_written(draft.other_visits))
    if draft.kind is ResponseKind.DECLINE:
        code, text = draft.decline_code, draft.decline_text
        return ResponseDraft(ResponseKind.DECLINE, decline_code=code, decline_text=text, note=draft.note)
    return draft


def _as_written(visits: str) -> str:
    try:
        return weekly_visits_text(parse_weekly_visits(visits)) if visits.strip() else ""
    except UnreadableVisits:
        return visits
