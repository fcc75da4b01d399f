"""Makers of batches for tests: packages that wait near each other, and batches made by the real services."""

from __future__ import annotations

from typing import Any

from app.audit import SYSTEM
from marketplace.batches.models import Batch
from marketplace.batches.proposing import propose_batches
from marketplace.batches.services import seal
from marketplace.packages.models import Package
from marketplace.packages.rules import Source
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_package


def waiting_packages(scheme: Scheme, count: int = 3, **changes: Any) -> list[Package]:
    """Reallocated packages that wait, a hundred metres apart."""
    values = {"source": Source.REALLOCATION, **changes}
    east, north = values.pop("easting", 353_700), values.pop("northing", 429_300)
    return [a_package(scheme, easting=east + 100 * step, northing=north, **values) for step in range(count)]


def a_draft(scheme: Scheme, count: int = 3, **changes: Any) -> Batch:
    """A draft batch of reallocated packages, proposed by the real service."""
    waiting_packages(scheme, count, **changes)
    batches = propose_batches(scheme, None, {Source.REALLOCATION}, SYSTEM)
    return batches[-1]


def a_sealed_batch(scheme: Scheme, count: int = 3, **changes: Any) -> Batch:
    """A sealed batch."""
    batch = a_draft(scheme, count, **changes)
    seal(batch, by=SYSTEM)
    return batch
