"""Importing a file of packages with every check, beside parsing it and inserting the same rows unchecked."""

from __future__ import annotations

import csv
import gc
import io
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app import clock
from app.audit import COMMAND
from app.database import db
from app.postcodes.centroids import sectors_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from bench.county import OUTCODES, County
from bench.figures import Figure, medians, seconds
from bench.places import Place
from demo.county import PACKAGES, shifted
from marketplace.packages.importing import queue_import
from marketplace.packages.models import FundingShare, Package, PackageParty, PackageSkill, PackageVisit
from marketplace.people.models import Person
from marketplace.schemes.models import Scheme

MANY, MOST_ADDED = 20_000, 50.0
"""So many rows may add so many megabytes: what is kept of a row is what tells duplicates."""
WRITTEN = (Person, Package, PackageVisit, PackageSkill, FundingShare, PackageParty)


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """The queued work from its start to its commit. The baseline reads the same file and writes the same rows."""
    place.back_to("county")
    content = file_of(5_000)
    rows: dict[Any, list[dict[str, Any]]] = {}

    def ours() -> float:
        place.back_to("county")
        with place.house.app_context():
            before = {model: set(db.session.scalars(select(model.id))) for model in WRITTEN}
            queue_import(db.session.get_one(Scheme, county.scheme_id), content, "county.csv", by=COMMAND)
            db.session.commit()
            taken = seconds(run_queued)
            _must_be_done()
            for model in WRITTEN:
                names = [column.name for column in model.__table__.columns]
                made = (dict(zip(names, row, strict=True)) for row in db.session.execute(select(model.__table__)))
                rows[model] = [row for row in made if row["id"] not in before[model]]
        return taken

    def bare() -> float:
        place.back_to("county")
        with place.house.app_context():
            return seconds(lambda: _bare(content, rows))

    figure, baseline = medians(rounds, ours, bare)
    return [
        Figure("import 5,000 packages", place.name, figure, baseline, "s", rounds),
        _memory(place, county),
    ]


def _memory(place: Place, county: County) -> Figure:
    """What an import of four times as many rows adds to the process at its peak, beside what it may."""
    added = _peak(place, county, file_of(MANY))
    return Figure(f"memory, {MANY:,} packages", place.name, added, MOST_ADDED, "MB", 1, limit=1)


def _peak(place: Place, county: County, content: bytes) -> float:
    """Megabytes that an import adds at its peak to what the process held before."""
    place.back_to("county")
    with place.house.app_context():
        queue_import(db.session.get_one(Scheme, county.scheme_id), content, "county.csv", by=COMMAND)
        db.session.commit()
        db.session.remove()
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew from what is held now
        before = _held("VmRSS")
        run_queued()
        _must_be_done()
        return (_held("VmHWM") - before) / 1024


def _held(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _must_be_done() -> None:
    task = db.session.scalars(select(Task)).one()
    if task.state is not TaskState.DONE:
        raise RuntimeError(f"The import failed: {task.state.value}: {str(task.report)[:500]}")


def _bare(content: bytes, rows: dict[Any, list[dict[str, Any]]]) -> None:
    list(csv.DictReader(io.StringIO(content.decode())))
    for model, made in rows.items():
        if made:
            db.session.connection().execute(insert(model.__table__), made)
    db.session.commit()


def file_of(count: int, seed: int = 3) -> bytes:
    """The demo's packages again and again, each time of other people in other places under other references."""
    chance, text = Random(seed), io.StringIO()
    known = list(csv.DictReader(PACKAGES.read_text(encoding="utf-8").splitlines()))
    writer = csv.DictWriter(text, fieldnames=list(known[0]), lineterminator="\n")
    writer.writeheader()
    sectors = sectors_of(OUTCODES)
    for n in range(count):
        row = shifted(known[n % len(known)], clock.today())
        before = "Provider 1" if row["incumbent_provider"] else ""
        own = {
            "reference": f"BEN-{n:05d}",
            "nhs_number": _nhs_number(n),
            "date_of_birth": str(date(1940, 1, 1 + n % 28)),
        }
        writer.writerow({**row, **own, "postcode": f"{chance.choice(sectors).area}AA", "incumbent_provider": before})
    return text.getvalue().encode()


def _nhs_number(n: int) -> str:
    """The n-th number of the test range whose check digit is right."""
    first = f"999{n:06d}"
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(first))
    check = (11 - total % 11) % 11
    return f"{first}{check}" if check < 10 else _nhs_number(n + 500_000)
