"""What this area brings to the house, slice by slice, lowest first."""

from __future__ import annotations

import brokerage.tables  # noqa: F401 (maps every table before the first query)
from app.house import House
from brokerage.allocation.register import register as register_allocation
from brokerage.feedback.register import register as register_feedback
from brokerage.ranking.register import register as register_ranking


def register(house: House) -> None:
    """Hangs the area into the house."""
    register_ranking(house)
    register_allocation(house)
    register_feedback(house)
