"""Which visits an award may hold: those that the package asks for, or what its provider said it can do instead.

What a provider did not offer is never agreed: each visit lies in what it said yes to, of the same length and carers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.packages.visits import (
    UnreadableVisits,
    Visit,
    not_within,
    parse_weekly_visits,
    reasons_against_visits,
    weekly_visits_text,
    with_marks_of,
)

MOST_NAMED = 3
WORDS_ALONE = (
    "This provider gave its other times in words alone, so no visits can be agreed within them. Offer the package again, "
    "and ask for them as visits."
)


@dataclass(frozen=True, slots=True)
class TimesSaid:
    """The visits that the package asks for; those that a provider offered instead, none where it said yes as asked; and
    whether it gave other times in words alone.
    """

    asked: tuple[Visit, ...]
    offered: tuple[Visit, ...] = ()
    words_alone: bool = False

    @property
    def allowed(self) -> tuple[Visit, ...]:
        """What the provider said yes to."""
        return self.offered or self.asked


def visits_agreed(typed: str, said: TimesSaid) -> tuple[Visit, ...]:
    """The visits that are agreed: those typed, or all that the provider said yes to; with the tasks that were asked for.

    What cannot be read counts as not typed: the reasons against it say so.
    """
    try:
        visits = parse_weekly_visits(typed) if typed.strip() else said.allowed
    except UnreadableVisits:
        visits = said.allowed
    return said.asked if visits == said.asked else with_marks_of(visits, said.asked)


def reasons_against_times(typed: str, said: TimesSaid) -> Iterator[str]:
    """Why these visits cannot be agreed with this provider, each a sentence."""
    if not typed.strip():
        if said.offered:
            yield f"Enter the visits agreed with the person, within those offered: {weekly_visits_text(said.offered)}."
        return
    try:
        visits = parse_weekly_visits(typed)
    except UnreadableVisits as unreadable:
        yield str(unreadable)
        return
    yield from reasons_against_visits(visits, "agreed with the person")
    if outside := not_within(visits, said.allowed):
        yield _outside_sentence(outside, said)


def reason_against_day(agreed_on: date, offered_on: date, today: date) -> str | None:
    """Why something cannot have been agreed with the person on this day; None when it can."""
    if offered_on <= agreed_on <= today:
        return None
    return "Enter the day on which it was agreed, between the day of the offer and today."


def _outside_sentence(outside: Sequence[Visit], said: TimesSaid) -> str:
    named = "; ".join(_named(visit) for visit in outside[:MOST_NAMED])
    more = f" and {len(outside) - MOST_NAMED} more" if len(outside) > MOST_NAMED else ""
    offered = f"The provider offered {weekly_visits_text(said.offered)}."
    asked = f"The provider said yes to the visits as asked: {weekly_visits_text(said.asked)}."
    return f"Not within what the provider said yes to: {named}{more}. {offered if said.offered else asked}"


def _named(visit: Visit) -> str:
    return f"{visit.text}, 2 carers" if visit.carers == 2 else visit.text
