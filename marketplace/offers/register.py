"""What the slice `offers` brings to the house."""

from __future__ import annotations

from app.house import House
from marketplace.offers.register_provider import register_provider_side


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    register_provider_side(house)
