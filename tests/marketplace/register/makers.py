"""Makers of files that the register takes in: the Lancashire file in a scheme, rows of providers, data of the CQC."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from marketplace.providers.models import Provider
from marketplace.register.rules import PROVIDERS
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_lot, a_scheme
from tests.people import People

LANCASHIRE = Path(__file__).resolve().parents[3] / "demo" / "lancashire" / "providers.csv"


def a_lancashire_scheme(people: People) -> Scheme:
    """A scheme with the lots that the file of providers names."""
    scheme = a_scheme(people, name="Lancashire living well at home")
    for name in ("short-term care at home", "night sitting", "respite"):
        a_lot(scheme, name)
    return scheme


def a_row(**changes: str) -> dict[str, str]:
    """One good row of a file of providers, for the scheme of the tests."""
    row = dict.fromkeys(PROVIDERS.required, "Good") | {
        "name": "Thistle Care",
        "cqc_location_id": "1-93394916533",
        "cqc_report_date": "2025-10-12",
        "base_postcode": "PR3 2AP",
        "lots": "homecare",
        "outcodes": "PR1|PR2 1",
        "capacity_hours_per_week": "80.5",
        "carers_female": "53",
        "carers_male": "7",
        "languages": "Gujarati|Punjabi",
        "skills": "dementia|PEG feeding",
        "entry_assessment_score": "54",
        "contact_name": "Dilip Walmsley",
        "contact_email": "coordinator1@provider001.example",
        "telephone": "01632 960238",
    }
    return row | changes


def a_file(*rows: dict[str, str]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def a_filters_file(*ratings: tuple[Provider, str, str]) -> bytes:
    """A monthly directory with filters: a line above the header, then provider, rating and date."""
    lines = [
        "Some text that stands above",
        "Location ID,Location HSCA start date,Dormant (Y/N),Location Name,Location Latest Overall Rating,Publication Date",
        *(f"{one.cqc_location_id},01/01/2020,N,{one.name},{rating},{day}" for one, rating, day in ratings),
    ]
    return "\n".join(lines).encode()
