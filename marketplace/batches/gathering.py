"""From a pile of packages to batches: what may be batched, and what is gathered with what (rule B3).

Packages of one scheme, lot and window are gathered by outcode; split by sector when that is too large, and cut into
pieces that fit when a sector is; then small neighbours are joined, and who is still alone joins the nearest batch that
has room. Starts have no fixed windows: every batch keeps the spread around its own packages. Distances are straight
lines in metres between eastings and northings. The answer does not depend on the order in which packages come in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import chain, groupby
from typing import Generic, TypeVar

from marketplace.batches.distances import GridPoint, centroid, distance_m, round_trip_m
from marketplace.batches.rules import (
    BatchablePackage,
    BatchLimits,
    Group,
    fits,
    places_of,
    reason_not_batched,
    why_together,
)

T = TypeVar("T")

ROUNDED = 4
"""Metres by which a round may seem longer or shorter than it is, each of its legs being whole metres."""

NONE_NEAR = "No other package with the same terms is near enough."
NO_ROOM = "Every batch near enough would go over a limit of the scheme with it."
NONE_FREE = "The packages near enough with the same terms are in batches already, or are not batched now."


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


def propose(
    packages: Iterable[BatchablePackage],
    limits: BatchLimits,
    batched: Iterable[BatchablePackage] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Proposals:
    """Gather packages into batches within the limits. Raises ValueError when a reference comes twice.

    `batched` stand in batches already, which stay as they are; of whoever is left alone beside them that is said. How many
    have been looked at is told to `progress`.
    """
    known = sorted(packages, key=_reference)
    if len({package.reference for package in known}) != len(known):
        raise ValueError("A package reference came twice.")
    why_not = {package.reference: reason_not_batched(package, limits) for package in known}
    left = {reference: reason for reference, reason in why_not.items() if reason is not None}
    kept = [package for package in known if package.reference not in left]
    others = _Places(limits.max_round_trip_m, (*batched, *(one for one in known if one.reference in left)))
    batches: list[ProposedBatch] = []
    done = 0
    for group in _same(kept, lambda package: package.terms):
        progress(done, len(kept))
        gathered = _Gathering(_joined(_by_area(group, limits), limits), limits)
        for part in gathered.parts():
            if len(part) > 1:
                batches.append(ProposedBatch(part, why_together(part)))
            else:
                left[part[0].reference] = gathered.why_alone(part[0], others)
        done += len(group)
    batches.sort(key=lambda batch: batch.references[0])
    return Proposals(tuple(batches), dict(sorted(left.items())))


def _by_area(group: Group, limits: BatchLimits) -> list[Group]:
    """By outcode; an outcode over the limits by sector; a sector over the limits cut into pieces that fit."""
    parts: list[Group] = []
    for outcode in _same(group, lambda package: package.outcode):
        if fits(outcode, limits):
            parts.append(outcode)
            continue
        for sector in _same(outcode, lambda package: package.sector):
            parts.extend([sector] if fits(sector, limits) else _cut(sector, limits))
    return parts


def _same(group: Iterable[BatchablePackage], key: Callable[[BatchablePackage], str | tuple[str, ...]]) -> list[Group]:
    ordered = sorted(group, key=lambda package: (key(package), package.reference))
    return [tuple(same) for _, same in groupby(ordered, key=key)]


def _cut(group: Group, limits: BatchLimits) -> list[Group]:
    """Fill one piece after another from the earliest start, each time with the nearest package that still fits."""
    waiting = sorted(group, key=lambda package: (package.planned_start, package.reference))
    pieces: list[Group] = []
    while waiting:
        piece = [waiting.pop(0)]
        while (nearest := _next_for(piece, waiting, limits)) is not None:
            waiting.remove(nearest)
            piece.append(nearest)
        pieces.append(tuple(sorted(piece, key=_reference)))
    return pieces


def _next_for(
    piece: list[BatchablePackage], waiting: list[BatchablePackage], limits: BatchLimits
) -> BatchablePackage | None:
    middle = centroid(places_of(piece))
    ordered = sorted(waiting, key=lambda package: (distance_m(middle, _place(package)), package.reference))
    return next((package for package in ordered if fits((*piece, package), limits)), None)


Near = tuple[int, str, int, str, int]
"""Metres between two parts, then each part's name and size: a part that has grown since is not that part any more."""


def _joined(parts: list[Group], limits: BatchLimits) -> list[Group]:
    """Join the nearest pair that may be joined, again and again, until no small part has a near neighbour."""
    alive: dict[str, Group] = {}
    middles, near = _Squares[str](limits.join_m), list[Near]()
    for part in parts:
        near += _neighbours(part, alive, middles, limits)
        alive[part[0].reference] = part
        middles.add(centroid(places_of(part)), part[0].reference)
    heapify(near)
    while near:
        _, first, first_size, second, second_size = heappop(near)
        part, other = alive.get(first, ()), alive.get(second, ())
        if (len(part), len(other)) != (first_size, second_size) or not fits(part + other, limits):
            continue
        for gone in (first, second):
            middles.remove(centroid(places_of(alive.pop(gone))), gone)
        both = tuple(sorted(part + other, key=_reference))
        for pair in _neighbours(both, alive, middles, limits):
            heappush(near, pair)
        alive[both[0].reference] = both
        middles.add(centroid(places_of(both)), both[0].reference)
    return [alive[name] for name in sorted(alive)]


def _neighbours(part: Group, alive: Mapping[str, Group], middles: _Squares[str], limits: BatchLimits) -> Iterator[Near]:
    """The pairs of this part with each near one, ready to be sorted by distance, where one of the two is small."""
    middle = centroid(places_of(part))
    for other_middle, name in middles.around(middle):
        other, distance = alive[name], distance_m(middle, other_middle)
        if distance <= limits.join_m and min(len(part), len(other)) < limits.small_packages:
            first, second = sorted((part, other), key=lambda group: group[0].reference)
            yield distance, first[0].reference, len(first), second[0].reference, len(second)


class _Gathering:
    """The parts of one lot, in which packages that are alone find the nearest part that has room for them."""

    def __init__(self, parts: list[Group], limits: BatchLimits) -> None:
        self._limits = limits
        self._part_of = {package.reference: part for part in parts for package in part}
        self._places = _Places(limits.max_round_trip_m, chain.from_iterable(parts))
        for size in range(2, limits.small_packages):
            for part in self.parts():
                if len(part) == size:
                    self._shared_out(part)
        # What joins makes a part larger, and with it another round is planned: those still alone try again.
        while sum(self._takes_in(part[0]) for part in self.parts() if len(part) == 1):
            continue

    def parts(self) -> list[Group]:
        """Every part once, by the name of its first package."""
        return sorted(set(self._part_of.values()), key=lambda part: part[0].reference)

    def why_alone(self, package: BatchablePackage, others: _Places) -> str:
        """Why a package is in no batch."""
        if self._near(package):
            return NO_ROOM
        return NONE_FREE if others.near(package, self._limits.start_spread_days) else NONE_NEAR

    def _shared_out(self, part: Group) -> None:
        """A small part goes into others near it, where every one of its packages finds room; else it stays as it is."""
        before = dict(self._part_of)
        if any(self._part_of[package.reference] is not part for package in part):
            return
        self._part_of |= {package.reference: (package,) for package in part}
        if not all(self._takes_in(package, than=1) for package in part):
            self._part_of = before

    def _takes_in(self, package: BatchablePackage, than: int = 0) -> bool:
        """Puts a package that is alone into the part of the nearest one that has room; whether there was one.

        Only parts larger `than` this are looked at.
        """
        if len(self._part_of[package.reference]) > 1:
            return False
        for part in dict.fromkeys(self._part_of[near.reference] for near in self._near(package)):
            if len(part) > than and self._has_room(part, package):
                both = tuple(sorted((*part, package), key=_reference))
                self._part_of |= dict.fromkeys((one.reference for one in both), both)
                return True
        return False

    def _has_room(self, part: Group, package: BatchablePackage) -> bool:
        # A round through two is at least there and back: most parts are ruled out without planning one.
        most = self._limits.max_round_trip_m + ROUNDED
        return all(2 * distance_m(_place(package), _place(one)) <= most for one in part) and fits(
            (*part, package), self._limits
        )

    def _near(self, package: BatchablePackage) -> list[BatchablePackage]:
        return self._places.near(package, self._limits.start_spread_days)


class _Places:
    """Packages by where they are: which of them one round could serve together with another."""

    def __init__(self, most_m: int, packages: Iterable[BatchablePackage]) -> None:
        self._most, self._cells = most_m, _Squares[BatchablePackage](most_m // 2 + ROUNDED)
        for package in packages:
            if package.place is not None:
                self._cells.add(package.place, package)

    def near(self, package: BatchablePackage, spread_days: int) -> list[BatchablePackage]:
        """Others with the same terms, near enough and with starts close together, the nearest first."""
        here = _place(package)
        found = [
            (distance_m(here, place), other.reference, other)
            for place, other in self._cells.around(here)
            if other.terms == package.terms
            and other.reference != package.reference
            and abs((other.planned_start - package.planned_start).days) <= spread_days
            and round_trip_m((here, place)) <= self._most
        ]
        return [other for _, _, other in sorted(found, key=lambda one: one[:2])]


class _Squares(Generic[T]):
    """Things by the square of a grid in which they are: whatever is nearer than one square is in this or the next."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._cells: defaultdict[tuple[int, int], list[tuple[GridPoint, T]]] = defaultdict(list)

    def add(self, place: GridPoint, thing: T) -> None:
        self._cells[self._cell(place)].append((place, thing))

    def remove(self, place: GridPoint, thing: T) -> None:
        self._cells[self._cell(place)].remove((place, thing))

    def around(self, place: GridPoint) -> Iterator[tuple[GridPoint, T]]:
        """Everything in the square of a place and in the eight around it."""
        east, north = self._cell(place)
        for cell in ((east + right, north + up) for right in (-1, 0, 1) for up in (-1, 0, 1)):
            yield from self._cells.get(cell, ())

    def _cell(self, place: GridPoint) -> tuple[int, int]:
        side = max(self.size, 1)
        return place.easting // side, place.northing // side


def _place(package: BatchablePackage) -> GridPoint:
    assert package.place is not None  # what has none is never gathered
    return package.place


def _reference(package: BatchablePackage) -> str:
    return package.reference
