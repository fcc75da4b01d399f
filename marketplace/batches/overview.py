"""Batches as pages and the API show them: measured, compared with the scheme's limits, drawn on a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from app import clock
from app.postcodes.density import settled_squares
from app.postcodes.queries import sectors_of
from app.ui.drawing import bar_chart, batch_map
from app.ui.drawing.bars import BarChart, ChartRow
from app.ui.drawing.county import BatchMap, BatchOnMap, Sector
from app.values.hours import hours_text
from marketplace.batches.edit_rules import Measures, length_text, measured, warnings
from marketplace.batches.models import Batch
from marketplace.batches.queries import areas_of
from marketplace.batches.waiting import limits_of, packages_in
from marketplace.packages.visits import DAY_NAMES, Visit, weekly_minutes
from marketplace.schemes.queries import policy_on


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch as it is shown. `number` is its place on the map, None when it has no place there."""

    batch: Batch
    size: Measures
    first_start: date | None
    last_start: date | None
    number: int | None = None

    @property
    def round_trip(self) -> str:
        """The round trip in kilometres, in a straight line."""
        return length_text(self.size.round_trip_m)

    @property
    def saved(self) -> str:
        """What the round saves against a trip for each package, in a straight line."""
        return length_text(self.size.saved_m)

    @property
    def anchor(self) -> str:
        """The id of its row in a table."""
        return f"batch-{self.batch.reference.lower()}"

    @property
    def sentence(self) -> str:
        """The batch for somebody who hears the map."""
        packages = f"{self.size.packages} {'package' if self.size.packages == 1 else 'packages'}"
        return f"{self.batch.reference}: {packages}, {hours_text(self.size.weekly_minutes)} a week"


def views_of(batches: Sequence[Batch]) -> list[BatchView]:
    """The batches measured, each with its number on the map if it has a place there."""
    numbers = iter(range(len(batches)))
    return [_view(batch, numbers) for batch in batches]


def _view(batch: Batch, numbers: Iterator[int]) -> BatchView:
    starts = sorted(package.planned_start for package in batch.packages)
    return BatchView(
        batch=batch,
        size=measured(packages_in(batch)),
        first_start=starts[0] if starts else None,
        last_start=starts[-1] if starts else None,
        number=next(numbers) if _points(batch) else None,
    )


def map_of(views: Sequence[BatchView], *, to_rows: bool) -> BatchMap | None:
    """The map of the batches that have a place, linked to their rows (or to their pages); None without any."""
    drawn = [view for view in views if view.number is not None]
    if not drawn:
        return None
    sectors = sectors_of(areas_of(sorted({view.batch.scheme_id for view in drawn}, key=str)))
    return batch_map(
        [Sector(one.area, one.outcode, one.easting, one.northing) for one in sectors],
        [_on_map(view, to_rows) for view in drawn],
        settled_squares(),
    )


def _on_map(view: BatchView, to_rows: bool) -> BatchOnMap:
    page = url_for("batches.show", batch_id=view.batch.id)
    return BatchOnMap(
        label=view.batch.reference.removeprefix("BAT-"),
        sentence=view.sentence,
        href=f"#{view.anchor}" if to_rows else page,
        points=_points(view.batch),
    )


def _points(batch: Batch) -> tuple[tuple[int, int], ...]:
    return tuple(
        (package.easting, package.northing)
        for package in batch.packages
        if package.easting is not None and package.northing is not None
    )


def warnings_of(view: BatchView) -> list[str]:
    """The limits of the scheme that the batch goes over, as sentences."""
    policy = policy_on(view.batch.scheme_id, clock.today())
    return warnings(view.size, limits_of(policy))


def hours_by_day(visits: Sequence[Visit]) -> BarChart:
    """Hours of care on each day of the week, carers counted."""
    rows = []
    for weekday, name in enumerate(DAY_NAMES):
        of_the_day = [visit for visit in visits if visit.weekday == weekday]
        minutes = weekly_minutes(of_the_day)
        count = f"{len(of_the_day)} {'visit' if len(of_the_day) == 1 else 'visits'}"
        rows.append(ChartRow(name, minutes, f"{hours_text(minutes)}, {count}"))
    return bar_chart(rows)
