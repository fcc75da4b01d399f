"""Who pays, as rows: the shares of a package, and the ICB that takes part when the NHS pays a share."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.database import db
from marketplace.packages.models import Funder, FundingShare, Package, PackageParty, PartyRole
from marketplace.packages.rules import FundingSplit


def share_values(split: FundingSplit) -> list[tuple[Funder, int]]:
    """The funders that pay anything, with their per cent; together 100."""
    shares = ((Funder.COUNCIL, split.council_percent), (Funder.HEALTH, split.health_percent))
    return [(funder, percent) for funder, percent in shares if percent]


def set_shares(package: Package, split: FundingSplit, starts_on: date) -> None:
    """Replaces the shares of a package that has not begun. The scheme's ICB becomes a party, or stops being one."""
    package.funding = [
        FundingShare(authority_id=package.authority_id, funder=funder, percent=percent, starts_on=starts_on)
        for funder, percent in share_values(split)
    ]
    db.session.flush()
    icb_id = package.scheme.default_icb_id
    if icb_id:
        _set_party(package, icb_id, takes_part=split.health_percent > 0)


def split_of(package: Package) -> FundingSplit:
    """The shares in force at the planned start."""
    health = sum(share.percent for share in package.funding if share.funder is Funder.HEALTH)
    return FundingSplit(100 - health, health)


def _set_party(package: Package, icb_id: UUID, *, takes_part: bool) -> None:
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
