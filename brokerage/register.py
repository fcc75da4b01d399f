"""What this area brings to the house: pages, permissions, timed jobs, home panels, commands."""

from __future__ import annotations

from app.house import House


def register(house: House) -> None:
    """Hangs the area into the house."""
