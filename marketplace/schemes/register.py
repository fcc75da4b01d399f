"""What the slice `schemes` brings to the house."""

from __future__ import annotations

from app.house import House


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
