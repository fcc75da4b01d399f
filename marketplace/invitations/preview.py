"""What offering would do at this moment: who would be asked, who not, until when; and what to check before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app import clock
from app.database import db
from marketplace.invitations.reach import REASON_LABELS, reach_of
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.packages.queries import confirmed_since
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on
from marketplace.schemes.rules import Window
from marketplace.schemes.windows import deadline_of


@dataclass(frozen=True, slots=True)
class PackagePreview:
    """One package: how many members would be asked, and how many not, by reason."""

    package: Package
    area_shown: str
    asked: int
    left_out: tuple[tuple[str, int], ...]
    ask_whether_needed: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole act. `providers` is how many would get an offer."""

    packages: tuple[PackagePreview, ...]
    providers: int
    deadline: datetime


def preview_of(scheme: Scheme, packages: Sequence[Package], window: Window) -> Preview:
    """What would happen if these packages were offered now; nothing is written."""
    policy = policy_on(scheme.id, clock.today())
    reach = reach_of(scheme, policy, packages)
    unconfirmed = _unconfirmed(packages, timedelta(days=policy.still_needed_after_days))
    views = (
        PackagePreview(
            asking.package,
            asking.area_shown,
            asking.asked,
            tuple((REASON_LABELS[one.code], one.mask.bit_count()) for one in asking.left_out),
            asking.package.id in unconfirmed,
        )
        for asking in reach.rounds
    )
    return Preview(tuple(views), len(reach.asked), deadline_of(policy, window, clock.now()))


def _unconfirmed(packages: Sequence[Package], after: timedelta) -> frozenset[UUID]:
    """Packages older than the scheme's number of days that nobody has confirmed as still needed since; a no undoes it."""
    since = clock.now() - after
    ids = [package.id for package in packages]
    confirmed = set(db.session.scalars(confirmed_since(since).where(NeedConfirmation.package_id.in_(ids))))
    return frozenset(one.id for one in packages if one.created_at < since and one.id not in confirmed)
