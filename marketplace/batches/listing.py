"""Batches as pages show them. For the list, the database adds up what each holds; no package is loaded.

How long a round is takes its places, so it is worked out once and kept in memory, by what the database says about the
places: their number, their sums and the sums of their squares and products. Another place gives other sums.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, bindparam, cast, func, select

from app.database import db
from app.http.paging import Page, one_page, page_of
from app.parties.viewer import Viewer
from app.postcodes.centroids import unsure_m
from marketplace.batches.distances import MOST_IN_A_ROUND, GridPoint, round_trip_m, single_trips_m
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.queries import packages_in, placed
from marketplace.batches.rules import BatchSize, BatchState, measured
from marketplace.packages.models import Package

MOST_KEPT = 5000

Sums = tuple[int, ...]
Lengths = tuple[int, int, int]
"""Metres of the round trip, of single trips, and within how many metres the places are known."""
_lengths: OrderedDict[Sums, Lengths] = OrderedDict()


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as lists and its page show it, with what it holds added up.

    `number` is its place on the map, None when it has no place there.
    """

    id: UUID
    reference: str
    title: str
    state: BatchState
    size: BatchSize
    first_start: date | None
    last_start: date | None
    number: int | None = None

    @property
    def anchor(self) -> str:
        """The id of its row in a table."""
        return f"batch-{self.reference.lower()}"


def views_of(batches: Sequence[Batch]) -> list[BatchView]:
    """Batches that are loaded, measured, each with its number on the map if it has a place there."""
    numbers = iter(range(len(batches)))
    return [_view_of(batch, numbers) for batch in batches]


def _view_of(batch: Batch, numbers: Iterator[int]) -> BatchView:
    packages = packages_in(batch)
    starts = [package.planned_start for package in packages]
    has_place = any(package.place for package in packages)
    return BatchView(
        *(batch.id, batch.reference, batch.title, batch.state),
        size=measured(packages),
        first_start=min(starts, default=None),
        last_start=max(starts, default=None),
        number=next(numbers) if has_place else None,
    )


def batches_listed(viewer: Viewer, state: BatchState | None, total: int) -> Page[BatchView]:
    """The batches in one state, or all, newest first; `total` is their number."""
    if not viewer.is_commissioner:
        return Page([], 1, 0)
    values = {"authority_id": viewer.authority_id, "state": state}
    page = page_of(_LISTED if state is None else _LISTED_IN_STATE, values, total)
    lengths = _lengths_of({row.id: _sums_of(row) for row in page.rows})
    return Page([_view(row, lengths.get(row.id)) for row in page.rows], page.number, page.total, page.per_page)


def _listed(*conditions: ColumnElement[bool]) -> Select[Any]:
    """A page of batches, each with what it holds added up. Statements are put together once, at import."""
    order = Batch.created_at.desc(), Batch.id
    mine = Batch.authority_id == bindparam("authority_id", type_=Uuid())
    page = one_page(select(Batch.id).where(mine, *conditions).order_by(*order))
    east, north = cast(Package.easting, BigInteger), cast(Package.northing, BigInteger)
    placed = func.sum(east), func.sum(north), func.sum(east * east), func.sum(north * north), func.sum(east * north)
    return (
        select(Batch.id, Batch.reference, Batch.title, Batch.state, func.count(Package.id).label("packages"))
        .add_columns(func.sum(Package.weekly_minutes).label("weekly_minutes"))
        .add_columns(func.min(Package.planned_start).label("first_start"))
        .add_columns(func.max(Package.planned_start).label("last_start"))
        .add_columns(func.count(east + north).label("places"), *placed)
        .outerjoin(BatchPackage, (BatchPackage.batch_id == Batch.id) & BatchPackage.removed_at.is_(None))
        .outerjoin(Package, Package.id == BatchPackage.package_id)
        .where(Batch.id.in_(page))
        .group_by(Batch.id)
        .order_by(*order)
    )


_LISTED = _listed()
_LISTED_IN_STATE = _listed(Batch.state == bindparam("state", type_=Batch.state.type))


def _sums_of(row: Any) -> Sums:
    return (row.id.int, int(row.places), *(int(total or 0) for total in row[-5:]))


def _view(row: Any, lengths: Lengths | None) -> BatchView:
    round_trip, single_trips, unsure = lengths or (None, 0, 0)
    held = row.packages, int(row.weekly_minutes or 0)
    size = BatchSize(*held, round_trip, single_trips, row.packages - row.places, unsure)
    return BatchView(row.id, row.reference, row.title, row.state, size, row.first_start, row.last_start)


def _lengths_of(keys: dict[UUID, Sums]) -> dict[UUID, Lengths]:
    """Round trip and single trips of each batch that is not too large, read for those that are new here."""
    measured = {batch_id: key for batch_id, key in keys.items() if key[1] <= MOST_IN_A_ROUND}
    # Asked once for each: another thread may be putting the oldest away.
    kept = {batch_id: _lengths.get(key) for batch_id, key in measured.items()}
    known = {batch_id: lengths for batch_id, lengths in kept.items() if lengths}
    for batch_id, found in _places_of([batch_id for batch_id in measured if batch_id not in known]).items():
        places, unsure = [place for place, _ in found], max((metres for _, metres in found), default=0)
        known[batch_id] = _lengths[keys[batch_id]] = round_trip_m(places), single_trips_m(places), unsure
    while len(_lengths) > MOST_KEPT:
        _lengths.popitem(last=False)
    return known


def _places_of(batch_ids: Sequence[UUID]) -> dict[UUID, list[tuple[GridPoint, int]]]:
    """The places of each batch, and within how many metres each is."""
    if not batch_ids:
        return {}
    query = (
        select(BatchPackage.batch_id, Package.sector, Package.outcode, Package.easting, Package.northing)
        .join(Package, Package.id == BatchPackage.package_id)
        .where(BatchPackage.batch_id.in_(batch_ids), BatchPackage.removed_at.is_(None))
        .where(Package.easting.is_not(None), Package.northing.is_not(None))
    )
    places: dict[UUID, list[tuple[GridPoint, int]]] = {batch_id: [] for batch_id in batch_ids}
    for batch_id, sector, outcode, east, north in db.session.execute(query):
        if place := placed(east, north):
            places[batch_id].append((place, unsure_m(sector, outcode, place.easting, place.northing)))
    return places
