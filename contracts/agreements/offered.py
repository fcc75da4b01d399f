"""What higher slices offer to do on an agreement's page: each adds a link when it registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.house import House
from app.parties.viewer import Viewer
from contracts.agreements.models import Agreement

KEY = "agreement_links"


@dataclass(frozen=True, slots=True)
class AgreementLink:
    """A link on an agreement's page. `url` gives its address, or None where it does not fit this agreement."""

    text: str
    permission: str
    url: Callable[[Viewer, Agreement], str | None]


def offer_link(house: House, link: AgreementLink) -> None:
    """Adds a link to every agreement's page."""
    house.extensions.setdefault(KEY, []).append(link)


def links_for(house: House, viewer: Viewer, agreement: Agreement) -> list[tuple[str, str]]:
    """The texts and addresses that this viewer is offered for this agreement."""
    found: list[tuple[str, str]] = []
    for link in house.extensions.get(KEY, []):
        url = link.url(viewer, agreement) if house.permissions.may(viewer.roles, link.permission) else None
        if url:
            found.append((link.text, url))
    return found
