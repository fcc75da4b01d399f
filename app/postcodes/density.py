"""How thickly people live, by square kilometre: the settlement texture behind a map."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class SettledSquare:
    """One square kilometre with homes: its south-west corner in metres of the National Grid, and its postcodes."""

    easting: int
    northing: int
    postcodes: int


@cache
def settled_squares() -> tuple[SettledSquare, ...]:
    """Every settled square kilometre that the shipped data knows, west to east; read once."""
    text = resources.files("app.postcodes").joinpath("data/density_1km.csv").read_text(encoding="utf-8")
    return tuple(
        SettledSquare(int(row["easting_km"]) * 1000, int(row["northing_km"]) * 1000, int(row["unit_postcodes"]))
        for row in csv.DictReader(text.splitlines())
    )
