"""What a batch must keep, how it is measured, and what is said of it. How packages are gathered stands in `gathering`.

What a batch must share is refused: scheme, lot, window, starts within the spread, nothing urgent. What is a matter of
size (packages, hours, kilometres of the carer's round) needs a reason where it is made by hand: whoever does that knows
the roads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.values.days import date_text
from app.values.labelled import Labelled
from app.values.lifecycle import Lifecycle
from app.values.words import counted
from marketplace.batches.distances import MOST_IN_A_ROUND, GridPoint, length_text, round_trip_m, single_trips_m

FEW_SECTORS = 3


class BatchState(Lifecycle, refusal="This batch is {state}, so it cannot become {to}."):
    """Where a batch stands."""

    DRAFT = "draft", "grey", "It can still be changed. Seal it when it is right.", "sealed discarded"
    SEALED = (
        "sealed",
        "purple",
        "Its packages are fixed. Offer it to providers, or unseal it to change it.",
        "draft offered discarded",
    )
    OFFERED = "offered", "blue", "Providers have been asked; each package goes its own way from here.", "settled"
    SETTLED = "settled", "green", "Every package has left it: awarded, withdrawn, on hold or unsourced."
    DISCARDED = "discarded", "pink", "It was given up and its packages were released."


class LeaveReason(Labelled):
    """Why a package leaves a draft. Some reasons need words too; after some it is not proposed for batches again."""

    PREFERENCE = "preference", "The person would rather have it so"
    ALONE = "alone", "It is to be offered by itself"
    START = "start", "Its start does not go with the others"
    FAR = "far", "It is too far from the others, or the roads are bad"
    TIMES = "times", "Its visits or skills do not go with the others"
    UNCLEAR = "unclear", "Something about the package must be settled first"
    OTHER = "other", "Another reason"

    @property
    def needs_words(self) -> bool:
        """Whether the reason says too little by itself."""
        return self in (LeaveReason.PREFERENCE, LeaveReason.OTHER)

    @property
    def stays_out(self) -> str:
        """Why a package that left for this is not proposed again until somebody adds it by hand; empty where it is."""
        return _STAYS_OUT.get(self, "")


_STAYS_OUT = {
    LeaveReason.PREFERENCE: "the person has a preference of their own.",
    LeaveReason.ALONE: "it is to be offered by itself.",
}


@dataclass(frozen=True, slots=True)
class BatchablePackage:
    """What is looked at when batches are proposed. Weekly care in minutes, carers included.

    `unsure_m` is within how many metres of `place` it really is, 0 where that is the place of its own postcode.
    `lifted_because` is why this package is kept out of batches until somebody adds it by hand.
    """

    reference: str
    scheme: str
    lot: str
    window: str
    urgent: bool
    source: str
    planned_start: date
    outcode: str
    sector: str
    weekly_minutes: int
    place: GridPoint | None
    lifted_because: str = ""
    unsure_m: int = 0

    @property
    def terms(self) -> tuple[str, str, str]:
        """What every package of a batch shares."""
        return self.scheme, self.lot, self.window


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may be, and which packages may be batched. Distances in metres.

    `max_round_trip_m` is the length of one carer's round through all packages of a batch and back. A batch of fewer than
    `small_packages` looks for neighbours whose middles are within `join_m`. `first_start` is the first day on which care
    of a batch can begin that is offered now.
    """

    max_weekly_minutes: int = 60 * 60
    max_packages: int = 12
    max_round_trip_m: int = 40_000
    join_m: int = 5_000
    small_packages: int = 4
    start_spread_days: int = 14
    sources: frozenset[str] = frozenset({"reallocation"})
    first_start: date = date.min


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How large a batch is. Weekly minutes with carers counted; metres in a straight line; places known only.

    The round trip is None where there are more places than one round has. Where only the sectors of some are known, it is
    planned through their middles, and `unsure_m` is within how many metres of these they are.
    """

    packages: int
    weekly_minutes: int
    round_trip_m: int | None
    single_trips_m: int
    without_place: int
    unsure_m: int = 0

    @property
    def exact_round_trip_m(self) -> int | None:
        """The round trip where every place on it is known, else None: a figure that is not true is not given."""
        return None if self.unsure_m else self.round_trip_m

    @property
    def saved_m(self) -> int | None:
        """Metres saved against one trip from the centre for each package; None where that is not known."""
        exact = self.exact_round_trip_m
        return None if exact is None else self.single_trips_m - exact

    @property
    def round_trip(self) -> str:
        """The round trip as text."""
        return length_text(self.round_trip_m, self.unsure_m)

    @property
    def saved(self) -> str:
        """What the round saves as text."""
        return "Not known" if self.unsure_m else length_text(self.saved_m)


Group = tuple[BatchablePackage, ...]
"""Packages that go together, in the order of their references."""


def reason_not_batched(package: BatchablePackage, limits: BatchLimits) -> str | None:
    """Why one package is not put into any batch; None when it may be."""
    if package.urgent:
        return "Urgent packages are never batched."
    if package.lifted_because.strip():
        return f"Lifted out of batches: {package.lifted_because.strip()}"
    if package.source not in limits.sources:
        return f"Packages from {package.source.replace('_', ' ')} are not batched under the present choice."
    if package.planned_start < limits.first_start:
        first = date_text(limits.first_start)
        return (
            f"It is to start before {first}, when care offered in a batch now can begin. Give it a new earliest start."
        )
    if package.place is None:
        return "Its postcode has no place on the map."
    if package.weekly_minutes > limits.max_weekly_minutes:
        return "It alone has more hours than a batch may have."
    return None


def fits(group: Sequence[BatchablePackage], limits: BatchLimits) -> bool:
    """Does this group keep every limit: packages, hours, days between the starts, kilometres of the round?"""
    if len(group) > limits.max_packages:
        return False
    if sum(package.weekly_minutes for package in group) > limits.max_weekly_minutes:
        return False
    if days_between_starts(group) > limits.start_spread_days:
        return False
    return round_trip_m(places_of(group)) <= limits.max_round_trip_m


def measured(packages: Sequence[BatchablePackage]) -> BatchSize:
    """The size of a batch of these packages."""
    places = places_of(packages)
    return BatchSize(
        packages=len(packages),
        weekly_minutes=sum(package.weekly_minutes for package in packages),
        round_trip_m=round_trip_m(places) if len(places) <= MOST_IN_A_ROUND else None,
        single_trips_m=single_trips_m(places),
        without_place=len(packages) - len(places),
        unsure_m=max((package.unsure_m for package in packages), default=0),
    )


def reasons_against_adding(
    package: BatchablePackage, others: Sequence[BatchablePackage], terms: tuple[str, str, str], start_spread_days: int
) -> list[str]:
    """Every reason why the package cannot join the others, each a sentence; empty when it can."""
    name, (scheme, lot, window) = package.reference, terms
    wrong = [
        (package.urgent, f"{name} is urgent, and urgent packages are never batched."),
        (package.scheme != scheme, f"{name} belongs to another scheme."),
        (package.lot != lot, f"{name} is for {package.lot}; this batch is for {lot}."),
        (package.window != window, f"{name} has another response window."),
    ]
    reasons = [sentence for is_wrong, sentence in wrong if is_wrong]
    return reasons + reasons_against_starts([*others, package], start_spread_days)


def reasons_against_starts(packages: Sequence[BatchablePackage], start_spread_days: int) -> list[str]:
    """Why these packages start too far apart; empty when they do not."""
    days = days_between_starts(packages)
    if days <= start_spread_days:
        return []
    return [f"The planned starts would lie {days} days apart; a batch spans {start_spread_days} days at most."]


def days_between_starts(packages: Iterable[BatchablePackage]) -> int:
    """Days from the first planned start to the last."""
    starts = [package.planned_start for package in packages]
    return (max(starts) - min(starts)).days if starts else 0


def warnings(size: BatchSize, limits: BatchLimits) -> list[str]:
    """What is to be looked at before the batch is sealed: the limits it goes over, and what distances leave out."""
    nowhere = f"Packages without a place on the map: {size.without_place}. Distances leave them out."
    return over_limits(size, limits) + [nowhere] * (size.without_place > 0)


def over_limits(size: BatchSize, limits: BatchLimits) -> list[str]:
    """The scheme's limits of size that the batch goes over, each a sentence; sealing it then needs a reason."""
    packages, minutes, metres = limits.max_packages, limits.max_weekly_minutes, limits.max_round_trip_m
    hours, most_hours = _hours(size.weekly_minutes), _hours(minutes)
    unplanned = f"It has more than {MOST_IN_A_ROUND} places, so no round is planned through them. Split the batch."
    too_far = f"Its round trip is {size.round_trip}; the limit is {length_text(metres)}."
    if size.unsure_m:
        too_far = f"Its round trip, through the middles of its sectors, is over the limit of {length_text(metres)}."
    over = [
        (size.packages > packages, f"It has {size.packages} packages; the limit is {packages}."),
        (size.weekly_minutes > minutes, f"It has {hours} hours a week; the limit is {most_hours}."),
        (size.round_trip_m is None, unplanned),
        ((size.round_trip_m or 0) > metres, too_far),
    ]
    return [sentence for is_over, sentence in over if is_over]


def title_of(lot: str, packages: Sequence[BatchablePackage]) -> str:
    """What a batch is called: its lot, and its sectors where these are few, else its districts."""
    if not packages:
        return f"{lot.capitalize()}, no packages"
    sectors = sorted({package.sector for package in packages})
    outcodes = sorted({package.outcode for package in packages})
    return f"{lot.capitalize()} in {', '.join(sectors if len(sectors) <= FEW_SECTORS else outcodes)}"


def why_together(packages: Sequence[BatchablePackage]) -> str:
    """What the packages of a batch share, as it stands."""
    if not packages:
        return "It has no packages."
    outcodes = sorted({package.outcode for package in packages})
    sectors = sorted({package.sector for package in packages})
    where = f"sector {sectors[0]}" if len(sectors) == 1 else f"district {outcodes[0]}"
    if len(outcodes) > 1:
        where = f"districts {', '.join(outcodes)}"
    starts = " with starts close together" if len(packages) > 1 else ""
    return f"{counted(len(packages), 'package')} for {packages[0].lot} in {where}{starts}."


def places_of(packages: Iterable[BatchablePackage]) -> list[GridPoint]:
    """Where those are that have a place."""
    return [package.place for package in packages if package.place is not None]


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")
