"""What the slice `providers` brings to the house: tables and commands; its pages are shown with memberships."""

from __future__ import annotations

from app.house import House


def register(house: House) -> None:
    """Adds nothing of its own: `vetting`, which stands above, shows providers with what they are in each scheme."""
