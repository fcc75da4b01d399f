"""What this area brings to the house, slice by slice, lowest first."""

from __future__ import annotations

import marketplace.tables  # noqa: F401 (maps every table before the first query)
from app.house import House
from marketplace.batches.register import register as register_batches
from marketplace.offers.register import register as register_offers
from marketplace.packages.register import register as register_packages
from marketplace.people.register import register as register_people
from marketplace.providers.register import register as register_providers
from marketplace.schemes.register import register as register_schemes
from marketplace.vetting.register import register as register_vetting


def register(house: House) -> None:
    """Hangs the area into the house."""
    register_schemes(house)
    register_people(house)
    register_providers(house)
    register_vetting(house)
    register_packages(house)
    register_batches(house)
    register_offers(house)
