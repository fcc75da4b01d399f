"""Who pays, as rows: the shares of a package, and the ICB that takes part when the NHS pays a share."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from app import clock
from app.database import db
from marketplace.packages.models import Funder, Package, PackageParty, PartyRole
from marketplace.packages.rules import FundingSplit


def share_rows(split: FundingSplit, starts_on: date) -> list[dict[str, object]]:
    """The shares of the funders that pay anything; together 100 per cent."""
    shares = ((Funder.COUNCIL, split.council_percent), (Funder.HEALTH, split.health_percent))
    period = {"starts_on": starts_on, "ends_on": None}
    return [{"funder": funder, "percent": percent, **period} for funder, percent in shares if percent]


def split_of(package: Package) -> FundingSplit:
    """The shares in force at the planned start."""
    health = sum(share.percent for share in package.funding if share.funder is Funder.HEALTH)
    return FundingSplit(100 - health, health)


def set_party(package: Package, *, takes_part: bool) -> None:
    """The scheme's ICB becomes a party of a package that has not begun, or stops being one."""
    icb_id = package.scheme.default_icb_id
    if icb_id is None:
        return
    query = select(PackageParty).where(
        PackageParty.package_id == package.id,
        PackageParty.organisation_id == icb_id,
        PackageParty.role == PartyRole.FUNDER,
    )
    party = db.session.scalars(query).one_or_none()
    if party is None and takes_part:
        row = {"package_id": package.id, "organisation_id": icb_id, "role": PartyRole.FUNDER}
        db.session.add(PackageParty(authority_id=package.authority_id, starts_on=clock.today(), **row))
    elif party is not None:
        party.ends_on = None if takes_part else clock.today() - timedelta(days=1)
