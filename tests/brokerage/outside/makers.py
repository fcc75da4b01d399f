"""What an award outside the system needs: a package that nobody took, and a provider to buy from."""

from __future__ import annotations

from typing import Any

from app import clock
from app.database import db
from brokerage.outside import services
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import OutsideGround, OutsideWanted
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from tests.marketplace.makers import a_package, a_scheme
from tests.people import People


def an_unsourced(people: People, **changes: Any) -> Package:
    """A package of a new scheme that nobody took."""
    package = a_package(a_scheme(people), **{"status": PackageStatus.UNSOURCED, **changes})
    db.session.commit()
    return package


def wanted(**changes: Any) -> OutsideWanted:
    """Juniper Care, registered nowhere, at £30.00 an hour from today on, because nobody suited."""
    values = {
        "ground": OutsideGround.NONE_SUITABLE,
        "reason": "All who answered start too late.",
        "price_pence": 3000,
        "starts_on": clock.today(),
        "has_interest": False,
        "need_confirmed_with": "Ward 4",
        "provider_name": "Juniper Care",
        "provider_postcode": "PR2 3AB",
        **changes,
    }
    return OutsideWanted(**values)


def bought_from(provider: Any) -> dict[str, str]:
    """The words by which a registered provider is chosen."""
    return {"provider_id": str(provider.id), "provider_name": "", "provider_postcode": ""}


def asked(people: People, package: Package | None = None, by: str = "broker", **changes: Any) -> OutsideAward:
    """What an officer asked for."""
    row = services.ask(people.viewer(by), package or an_unsourced(people), wanted(**changes))
    db.session.commit()
    return row


def agree(people: People, row: OutsideAward, name: str, *, clearing: bool = False, **changes: Any) -> OutsideAward:
    """A colleague agrees, as the second person or as contract manager."""
    step = services.clear if clearing else services.second
    said = {"has_interest": False, "need_confirmed_with": "", **changes}
    done = step(row, **said, by=people.viewer(name).actor)
    db.session.commit()
    return done
