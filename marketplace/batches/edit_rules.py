"""Which packages may stand in one batch, and which limits a batch made by hand goes over.

What a batch must share is refused: scheme, lot, window, starts within the spread, nothing urgent. What is a matter of
size (packages, hours, kilometres) is only said: whoever edits by hand knows the roads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.batches.distances import MOST_IN_A_ROUND, Place, planned_round_m, single_trips_m
from marketplace.batches.rules import BatchablePackage, Limits


@dataclass(frozen=True, slots=True)
class Measures:
    """How large a batch is. Weekly minutes with carers counted; metres in a straight line; places known only.

    The round trip is None where there are more places than one round has.
    """

    packages: int
    weekly_minutes: int
    round_trip_m: int | None
    single_trips_m: int
    without_place: int

    @property
    def saved_m(self) -> int | None:
        """Metres saved against one trip from the centre for each package."""
        return None if self.round_trip_m is None else self.single_trips_m - self.round_trip_m


@dataclass(frozen=True, slots=True)
class Terms:
    """What every package of a batch shares."""

    scheme: str
    lot: str
    window: str


def measured(packages: Sequence[BatchablePackage]) -> Measures:
    """The size of a batch of these packages."""
    places: list[Place] = [one.place for one in packages if one.place is not None]
    return Measures(
        packages=len(packages),
        weekly_minutes=sum(one.weekly_minutes for one in packages),
        round_trip_m=planned_round_m(places),
        single_trips_m=single_trips_m(places),
        without_place=len(packages) - len(places),
    )


def reasons_against_adding(
    package: BatchablePackage, others: Sequence[BatchablePackage], terms: Terms, start_spread_days: int
) -> list[str]:
    """Every reason why the package cannot join the others, each a sentence; empty when it can."""
    name = package.reference
    wrong = [
        (package.urgent, f"{name} is urgent, and urgent packages are never batched."),
        (package.scheme != terms.scheme, f"{name} belongs to another scheme."),
        (package.lot != terms.lot, f"{name} is for {package.lot}; this batch is for {terms.lot}."),
        (package.window != terms.window, f"{name} has another response window."),
    ]
    reasons = [sentence for is_wrong, sentence in wrong if is_wrong]
    return reasons + reasons_against_starts([*others, package], start_spread_days)


def reasons_against_starts(packages: Sequence[BatchablePackage], start_spread_days: int) -> list[str]:
    """Why these packages start too far apart; empty when they do not."""
    starts = sorted(one.planned_start for one in packages)
    days = (starts[-1] - starts[0]).days if starts else 0
    if days <= start_spread_days:
        return []
    return [f"The planned starts would lie {days} days apart; a batch spans {start_spread_days} days at most."]


def warnings(measures: Measures, limits: Limits) -> list[str]:
    """The scheme's limits of size that the batch goes over, each a sentence."""
    over = [
        (
            measures.packages > limits.max_packages,
            f"It has {measures.packages} packages; the limit is {limits.max_packages}.",
        ),
        (
            measures.weekly_minutes > limits.max_weekly_minutes,
            f"It has {_hours(measures.weekly_minutes)} hours a week; the limit is {_hours(limits.max_weekly_minutes)}.",
        ),
        (
            measures.round_trip_m is None,
            f"It has more than {MOST_IN_A_ROUND} places, so no round is planned through them. Split the batch.",
        ),
        (
            (measures.round_trip_m or 0) > limits.max_round_trip_m,
            f"Its round trip is {length_text(measures.round_trip_m)}; the limit is {kilometres(limits.max_round_trip_m)}.",
        ),
        (
            measures.without_place > 0,
            f"Packages without a place on the map: {measures.without_place}. Distances leave them out.",
        ),
    ]
    return [sentence for is_over, sentence in over if is_over]


def kilometres(metres: int) -> str:
    """Metres as kilometres with one decimal, half up: `7.4 km`."""
    tenths = (metres + 50) // 100
    return f"{tenths // 10}.{tenths % 10} km"


def length_text(metres: int | None) -> str:
    """The same, or that there is no length."""
    return "Not measured" if metres is None else kilometres(metres)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")
