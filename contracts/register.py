"""What this area brings to the house, slice by slice, lowest first."""

from __future__ import annotations

import contracts.tables  # noqa: F401 (maps every table before the first query)
from app.house import House
from contracts.agreements.register import register as register_agreements


def register(house: House) -> None:
    """Hangs the area into the house."""
    register_agreements(house)
