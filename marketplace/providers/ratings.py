"""What the regulator's ratings mean here: reading them, comparing them, and which one counts.

The strings come from public CQC files and differ in case and wording (rules A1 and A5). Anything that is not one of
the four ratings is UNRATED, which is neither a pass nor a fail.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marketplace.vocabulary import Rating

SCALE: tuple[Rating, ...] = (Rating.INADEQUATE, Rating.REQUIRES_IMPROVEMENT, Rating.GOOD, Rating.OUTSTANDING)
"""The four ratings, worst first."""

QUESTION_COLUMNS = ("safe", "effective", "caring", "responsive", "well_led")
"""The CQC's key questions, as the table of ratings names them."""

HELD_ABOVE_PERCENT = 10
"""A run in which more than this share of ratings fall is held for a person."""

_BY_TEXT = {rating.value.casefold(): rating for rating in SCALE}


class AssessmentStyle(StrEnum):
    """Which of the regulator's two publication forms a rating was read from."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class PublishedRating:
    """One published overall rating; of new-style assessments only those whose status is Active are published."""

    rating: Rating
    published_on: date
    style: AssessmentStyle = AssessmentStyle.OLD


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """Whether an import run is held for a person, and how many ratings would fall or be lost."""

    held: bool
    sentence: str


def normalise(text: str | None) -> Rating:
    """The rating a string means, whatever its case and spacing; every unknown string is UNRATED (rule A1)."""
    return _BY_TEXT.get(" ".join((text or "").split()).casefold(), Rating.UNRATED)


def position(rating: Rating) -> int | None:
    """Place on the scale, 0 the worst; None when unrated."""
    return None if rating is Rating.UNRATED else SCALE.index(rating)


def meets(rating: Rating, minimum: Rating) -> bool:
    """Is the rating the minimum or better? An unrated location never meets one; a policy decides about it.

    Raises ValueError when the minimum itself is UNRATED.
    """
    needed, own = position(minimum), position(rating)
    if needed is None:
        raise ValueError("A minimum rating must be one of the four ratings.")
    return own is not None and own >= needed


def has_fallen(before: Rating, after: Rating) -> bool:
    """Did a known rating become worse, or disappear?"""
    was, now = position(before), position(after)
    return was is not None and (now is None or now < was)


def rises_above(before: Rating, after: Rating, minimum: Rating, no_rating_is_too_little: bool) -> bool:
    """Does a location that the gate keeps out now come in by this?"""
    kept_out = no_rating_is_too_little if before is Rating.UNRATED else not meets(before, minimum)
    return kept_out and meets(after, minimum)


def effective_rating(published: Iterable[PublishedRating]) -> PublishedRating | None:
    """The rating that counts: the newest by publication date among old- and new-style ones (rule A5).

    On one date a real rating wins over UNRATED, then the new style over the old. None when nothing is published.
    """
    return max(published, key=_newness, default=None)


def judge_run(before: Mapping[str, Rating], after: Mapping[str, Rating]) -> RunAnswer:
    """May a run of ratings be applied? Held when empty, or when over 10 % of the known ratings in it fall.

    Both mappings go from location id to rating. A location that the run does not mention keeps what it had.
    """
    known = [key for key, rating in before.items() if rating is not Rating.UNRATED and key in after]
    fallen = sum(has_fallen(before[key], after[key]) for key in known)
    if before and not after:
        return RunAnswer(True, "The file holds no ratings. The last known ratings are kept; check the file.")
    told = f"{fallen} of {len(known)} known ratings in this run would fall or be lost"
    if fallen * 100 <= len(known) * HELD_ABOVE_PERCENT:
        return RunAnswer(False, f"{told}. The run can be applied.")
    more = f"{told}, more than {HELD_ABOVE_PERCENT} %."
    return RunAnswer(True, f"{more} The run is held until a person has looked at it.")


def _newness(one: PublishedRating) -> tuple[date, bool, bool]:
    return one.published_on, one.rating is not Rating.UNRATED, one.style is AssessmentStyle.NEW
