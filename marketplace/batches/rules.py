"""Gathering packages by postcode, so that one carer's round can serve them; and what a batch made by hand must keep.

`propose` goes from a pile of packages to batches: what may be batched, gathered by scheme, lot, window and start; by
outcode; split by sector when too large; small neighbours joined (rule B3). Distances are straight lines in metres
between eastings and northings. The answer does not depend on the order in which packages come in.

By hand, what a batch must share is refused: scheme, lot, window, starts within the spread, nothing urgent. What is a
matter of size (packages, hours, kilometres) is only said: whoever edits by hand knows the roads.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heapify, heappop, heappush
from itertools import combinations, groupby

from app.values.lifecycle import Lifecycle
from marketplace.batches.distances import (
    MOST_IN_A_ROUND,
    GridPoint,
    centroid,
    distance_m,
    length_text,
    round_trip_m,
    single_trips_m,
)


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


@dataclass(frozen=True, slots=True)
class BatchablePackage:
    """What is looked at when batches are proposed. Weekly care in minutes, carers included.

    `lifted_because` is the recorded reason for keeping this package out of batches for the person's own preference.
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

    @property
    def terms(self) -> tuple[str, str, str]:
        """What every package of a batch shares."""
        return self.scheme, self.lot, self.window


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may be, and which packages may be batched. Distances in metres.

    A batch of fewer than `small_packages` looks for neighbours whose centroids are within `join_m`.
    """

    max_weekly_minutes: int = 60 * 60
    max_packages: int = 12
    max_round_trip_m: int = 40_000
    join_m: int = 5_000
    small_packages: int = 4
    start_spread_days: int = 14
    sources: frozenset[str] = frozenset({"reallocation"})


@dataclass(frozen=True, slots=True)
class BatchSize:
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

    @property
    def round_trip(self) -> str:
        """The round trip as text."""
        return length_text(self.round_trip_m)

    @property
    def saved(self) -> str:
        """What the round saves as text."""
        return length_text(self.saved_m)


Group = tuple[BatchablePackage, ...]


@dataclass(frozen=True, slots=True)
class ProposedBatch:
    """Packages for one batch, by reference, and why they go together."""

    packages: Group
    reason: str

    @property
    def references(self) -> tuple[str, ...]:
        """What its packages are called."""
        return tuple(package.reference for package in self.packages)


@dataclass(frozen=True, slots=True)
class Proposals:
    """The batches, and why each package that is in none is left out, by reference."""

    batches: tuple[ProposedBatch, ...]
    left_out: Mapping[str, str]


def propose(packages: Iterable[BatchablePackage], limits: BatchLimits) -> Proposals:
    """Gather packages into batches within the limits. Raises ValueError when a reference comes twice."""
    known = sorted(packages, key=_reference)
    if len({package.reference for package in known}) != len(known):
        raise ValueError("A package reference came twice.")
    why_not = {package.reference: reason_not_batched(package, limits) for package in known}
    kept = [package for package in known if why_not[package.reference] is None]
    left = {reference: reason for reference, reason in why_not.items() if reason is not None}
    batches: list[ProposedBatch] = []
    for group in _same_terms(kept, limits):
        for part in _joined(_by_area(group, limits), limits):
            if len(part) > 1:
                batches.append(ProposedBatch(tuple(sorted(part, key=_reference)), _why_together(part)))
            else:
                left[part[0].reference] = "No other package with the same terms is near enough."
    batches.sort(key=lambda batch: batch.references[0])
    return Proposals(tuple(batches), dict(sorted(left.items())))


def reason_not_batched(package: BatchablePackage, limits: BatchLimits) -> str | None:
    """Why one package is not put into any batch; None when it may be."""
    if package.urgent:
        return "Urgent packages are never batched."
    if package.lifted_because.strip():
        return f"Lifted out of batches: {package.lifted_because.strip()}"
    if package.source not in limits.sources:
        return f"Packages from {package.source.replace('_', ' ')} are not batched under the present choice."
    if package.place is None:
        return "Its postcode has no place on the map."
    if package.weekly_minutes > limits.max_weekly_minutes:
        return "It alone has more hours than a batch may have."
    return None


def fits(group: Sequence[BatchablePackage], limits: BatchLimits) -> bool:
    """Does this group keep all three limits: packages, hours and kilometres?"""
    if len(group) > limits.max_packages:
        return False
    if sum(package.weekly_minutes for package in group) > limits.max_weekly_minutes:
        return False
    return round_trip_m(_places(group)) <= limits.max_round_trip_m


def measured(packages: Sequence[BatchablePackage]) -> BatchSize:
    """The size of a batch of these packages."""
    places = _places(packages)
    return BatchSize(
        packages=len(packages),
        weekly_minutes=sum(package.weekly_minutes for package in packages),
        round_trip_m=round_trip_m(places) if len(places) <= MOST_IN_A_ROUND else None,
        single_trips_m=single_trips_m(places),
        without_place=len(packages) - len(places),
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
    starts = sorted(package.planned_start for package in packages)
    days = (starts[-1] - starts[0]).days if starts else 0
    if days <= start_spread_days:
        return []
    return [f"The planned starts would lie {days} days apart; a batch spans {start_spread_days} days at most."]


def warnings(size: BatchSize, limits: BatchLimits) -> list[str]:
    """The scheme's limits of size that the batch goes over, each a sentence."""
    packages, minutes, metres = limits.max_packages, limits.max_weekly_minutes, limits.max_round_trip_m
    hours, most_hours = _hours(size.weekly_minutes), _hours(minutes)
    unplanned = f"It has more than {MOST_IN_A_ROUND} places, so no round is planned through them. Split the batch."
    too_far = f"Its round trip is {size.round_trip}; the limit is {length_text(metres)}."
    nowhere = f"Packages without a place on the map: {size.without_place}. Distances leave them out."
    over = [
        (size.packages > packages, f"It has {size.packages} packages; the limit is {packages}."),
        (size.weekly_minutes > minutes, f"It has {hours} hours a week; the limit is {most_hours}."),
        (size.round_trip_m is None, unplanned),
        ((size.round_trip_m or 0) > metres, too_far),
        (size.without_place > 0, nowhere),
    ]
    return [sentence for is_over, sentence in over if is_over]


def _same_terms(packages: list[BatchablePackage], limits: BatchLimits) -> list[Group]:
    """Groups of one scheme, lot and window whose starts lie within the spread of the earliest of them."""
    groups: list[Group] = []
    ordered = sorted(packages, key=lambda package: (package.terms, package.planned_start, package.reference))
    for _, same in groupby(ordered, key=lambda package: package.terms):
        current: list[BatchablePackage] = []
        for package in same:
            if current and (package.planned_start - current[0].planned_start).days > limits.start_spread_days:
                groups.append(tuple(current))
                current = []
            current.append(package)
        groups.append(tuple(current))
    return groups


def _by_area(group: Group, limits: BatchLimits) -> list[Group]:
    """By outcode; an outcode over the limits by sector; a sector over the limits cut into pieces that fit."""
    parts: list[Group] = []
    for outcode in _split(group, lambda package: package.outcode):
        if fits(outcode, limits):
            parts.append(outcode)
            continue
        for sector in _split(outcode, lambda package: package.sector):
            parts.extend([sector] if fits(sector, limits) else _cut(sector, limits))
    return parts


def _split(group: Group, area: Callable[[BatchablePackage], str]) -> list[Group]:
    ordered = sorted(group, key=lambda package: (area(package), package.reference))
    return [tuple(same) for _, same in groupby(ordered, key=area)]


def _cut(group: Group, limits: BatchLimits) -> list[Group]:
    """Fill one piece after another, each time with the package nearest to the piece that still fits."""
    waiting = sorted(group, key=lambda package: (package.planned_start, package.reference))
    pieces: list[Group] = []
    while waiting:
        piece = [waiting.pop(0)]
        while (nearest := _next_for(piece, waiting, limits)) is not None:
            waiting.remove(nearest)
            piece.append(nearest)
        pieces.append(tuple(piece))
    return pieces


def _next_for(
    piece: list[BatchablePackage], waiting: list[BatchablePackage], limits: BatchLimits
) -> BatchablePackage | None:
    middle = centroid(_places(piece))
    ordered = sorted(waiting, key=lambda package: (distance_m(middle, _places([package])[0]), package.reference))
    return next((package for package in ordered if fits([*piece, package], limits)), None)


Near = tuple[int, str, int, str, int]
"""Metres between two parts, then each part's name and size: a part that has grown since is not that part any more."""


def _joined(parts: list[Group], limits: BatchLimits) -> list[Group]:
    """Join the nearest pair that may be joined, again and again, until no small part has a near neighbour."""
    alive = {part[0].reference: part for part in parts}
    near = [pair for part, other in combinations(parts, 2) for pair in _near(part, other, limits)]
    heapify(near)
    while near:
        _, first, first_size, second, second_size = heappop(near)
        part, other = alive.get(first, ()), alive.get(second, ())
        if (len(part), len(other)) != (first_size, second_size) or not fits(part + other, limits):
            continue
        del alive[first], alive[second]
        both = tuple(sorted(part + other, key=_reference))
        for third in alive.values():
            for pair in _near(both, third, limits):
                heappush(near, pair)
        alive[both[0].reference] = both
    return [alive[name] for name in sorted(alive)]


def _near(part: Group, other: Group, limits: BatchLimits) -> list[Near]:
    """The pair, ready to be sorted by distance, when one of the two is small and they are near; else nothing."""
    if min(len(part), len(other)) >= limits.small_packages:
        return []
    distance = distance_m(centroid(_places(part)), centroid(_places(other)))
    first, second = sorted((part, other), key=lambda group: group[0].reference)
    pair = (distance, first[0].reference, len(first), second[0].reference, len(second))
    return [pair] if distance <= limits.join_m else []


def _why_together(part: Group) -> str:
    outcodes = sorted({package.outcode for package in part})
    sectors = sorted({package.sector for package in part})
    where = f"sector {sectors[0]}" if len(sectors) == 1 else f"district {outcodes[0]}"
    if len(outcodes) > 1:
        where = f"neighbouring districts {', '.join(outcodes)}"
    return f"{len(part)} packages for {part[0].lot} in {where} with starts close together."


def _reference(package: BatchablePackage) -> str:
    return package.reference


def _places(group: Iterable[BatchablePackage]) -> list[GridPoint]:
    return [package.place for package in group if package.place is not None]


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")
