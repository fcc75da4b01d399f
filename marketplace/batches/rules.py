"""Gathering packages by postcode, so that one carer's round can serve them.

`propose` goes from a pile of packages to batches: what may be batched, together by scheme, lot, window and start; by
outcode; split by sector when too large; small neighbours joined (rule B3). Distances are straight lines in metres
between eastings and northings. The answer does not depend on the order in which packages come in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heapify, heappop, heappush
from itertools import combinations, groupby

from marketplace.batches.distances import Place, centroid, distance_m, round_trip_m, single_trips_m


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
    place: Place | None
    lifted_because: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
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
class Proposal:
    """A batch as proposed: references and sectors sorted; minutes a week; metres."""

    packages: tuple[str, ...]
    scheme: str
    lot: str
    window: str
    sectors: tuple[str, ...]
    first_start: date
    last_start: date
    weekly_minutes: int
    round_trip_m: int
    single_trips_m: int
    reason: str

    @property
    def saved_m(self) -> int:
        """Metres saved against one trip from the centre for each package."""
        return self.single_trips_m - self.round_trip_m


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A package that is in no batch, and why."""

    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """The batches, and every package that is in none."""

    batches: tuple[Proposal, ...]
    left_out: tuple[LeftOut, ...]


Group = tuple[BatchablePackage, ...]


def propose(packages: Iterable[BatchablePackage], limits: Limits) -> Proposals:
    """Gather packages into batches within the limits. Raises ValueError when a reference comes twice."""
    known = sorted(packages, key=lambda one: one.reference)
    if len({one.reference for one in known}) != len(known):
        raise ValueError("A package reference came twice.")
    why_not = {one.reference: reason_not_batched(one, limits) for one in known}
    kept = [one for one in known if why_not[one.reference] is None]
    left = [LeftOut(reference, reason) for reference, reason in why_not.items() if reason is not None]
    batches: list[Proposal] = []
    for group in _same_terms(kept, limits):
        for part in _joined(_by_area(group, limits), limits):
            if len(part) > 1:
                batches.append(_proposal(part))
            else:
                left.append(LeftOut(part[0].reference, "No other package with the same terms is near enough."))
    return Proposals(tuple(sorted(batches, key=_first_reference)), tuple(sorted(left, key=_reference_of)))


def reason_not_batched(package: BatchablePackage, limits: Limits) -> str | None:
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


def fits(group: Sequence[BatchablePackage], limits: Limits) -> bool:
    """Does this group keep all three limits: packages, hours and kilometres?"""
    if len(group) > limits.max_packages:
        return False
    if sum(one.weekly_minutes for one in group) > limits.max_weekly_minutes:
        return False
    return round_trip_m(_places(group)) <= limits.max_round_trip_m


def _same_terms(packages: list[BatchablePackage], limits: Limits) -> list[Group]:
    """Groups of one scheme, lot and window whose starts lie within the spread of the earliest of them."""
    groups: list[Group] = []
    for _, same in groupby(sorted(packages, key=_terms_key), key=_terms):
        current: list[BatchablePackage] = []
        for one in same:
            if current and (one.planned_start - current[0].planned_start).days > limits.start_spread_days:
                groups.append(tuple(current))
                current = []
            current.append(one)
        groups.append(tuple(current))
    return groups


def _by_area(group: Group, limits: Limits) -> list[Group]:
    """By outcode; an outcode over the limits by sector; a sector over the limits cut into pieces that fit."""
    parts: list[Group] = []
    for outcode in _split(group, lambda one: one.outcode):
        if fits(outcode, limits):
            parts.append(outcode)
            continue
        for sector in _split(outcode, lambda one: one.sector):
            parts.extend([sector] if fits(sector, limits) else _cut(sector, limits))
    return parts


def _split(group: Group, area: Callable[[BatchablePackage], str]) -> list[Group]:
    ordered = sorted(group, key=lambda one: (area(one), one.reference))
    return [tuple(same) for _, same in groupby(ordered, key=area)]


def _cut(group: Group, limits: Limits) -> list[Group]:
    """Fill one piece after another, each time with the package nearest to the piece that still fits."""
    waiting = sorted(group, key=lambda one: (one.planned_start, one.reference))
    pieces: list[Group] = []
    while waiting:
        piece = [waiting.pop(0)]
        while (found := _next_for(piece, waiting, limits)) is not None:
            waiting.remove(found)
            piece.append(found)
        pieces.append(tuple(piece))
    return pieces


def _next_for(
    piece: list[BatchablePackage], waiting: list[BatchablePackage], limits: Limits
) -> BatchablePackage | None:
    middle = centroid(_places(piece))
    ordered = sorted(waiting, key=lambda one: (distance_m(middle, _place(one)), one.reference))
    return next((one for one in ordered if fits([*piece, one], limits)), None)


Near = tuple[int, str, int, str, int]
"""Metres between two parts, then each part's name and size: a part that has grown since is not that part any more."""


def _joined(parts: list[Group], limits: Limits) -> list[Group]:
    """Join the nearest pair that may be joined, again and again, until no small part has a near neighbour."""
    alive = {part[0].reference: part for part in parts}
    near = [pair for one, other in combinations(parts, 2) for pair in _near(one, other, limits)]
    heapify(near)
    while near:
        _, first, first_size, second, second_size = heappop(near)
        one, other = alive.get(first, ()), alive.get(second, ())
        if (len(one), len(other)) != (first_size, second_size) or not fits(one + other, limits):
            continue
        del alive[first], alive[second]
        both = tuple(sorted(one + other, key=lambda package: package.reference))
        for third in alive.values():
            for pair in _near(both, third, limits):
                heappush(near, pair)
        alive[both[0].reference] = both
    return [alive[name] for name in sorted(alive)]


def _near(one: Group, other: Group, limits: Limits) -> list[Near]:
    """The pair, ready to be sorted by distance, when one of the two is small and they are near; else nothing."""
    if min(len(one), len(other)) >= limits.small_packages:
        return []
    distance = distance_m(centroid(_places(one)), centroid(_places(other)))
    first, second = sorted((one, other), key=lambda part: part[0].reference)
    pair = (distance, first[0].reference, len(first), second[0].reference, len(second))
    return [pair] if distance <= limits.join_m else []


def _proposal(part: Group) -> Proposal:
    places, first = _places(part), part[0]
    starts = sorted(one.planned_start for one in part)
    sectors = tuple(sorted({one.sector for one in part}))
    return Proposal(
        packages=tuple(sorted(one.reference for one in part)),
        scheme=first.scheme,
        lot=first.lot,
        window=first.window,
        sectors=sectors,
        first_start=starts[0],
        last_start=starts[-1],
        weekly_minutes=sum(one.weekly_minutes for one in part),
        round_trip_m=round_trip_m(places),
        single_trips_m=single_trips_m(places),
        reason=_why_together(part, sectors),
    )


def _why_together(part: Group, sectors: tuple[str, ...]) -> str:
    outcodes = sorted({one.outcode for one in part})
    where = f"sector {sectors[0]}" if len(sectors) == 1 else f"district {outcodes[0]}"
    if len(outcodes) > 1:
        where = f"neighbouring districts {', '.join(outcodes)}"
    return f"{len(part)} packages for {part[0].lot} in {where} with starts close together."


def _terms(one: BatchablePackage) -> tuple[str, str, str]:
    return one.scheme, one.lot, one.window


def _terms_key(one: BatchablePackage) -> tuple[str, str, str, date, str]:
    return *_terms(one), one.planned_start, one.reference


def _place(one: BatchablePackage) -> Place:
    if one.place is None:
        raise ValueError(f"{one.reference} has no place on the map.")
    return one.place


def _places(group: Iterable[BatchablePackage]) -> tuple[Place, ...]:
    return tuple(_place(one) for one in group)


def _first_reference(one: Proposal) -> str:
    return one.packages[0]


def _reference_of(one: LeftOut) -> str:
    return one.reference
