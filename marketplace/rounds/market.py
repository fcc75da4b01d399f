"""How full a scheme's market is: members by lot and zone, their share of the hours, capacity, and who never answers.

Hours are those of packages awarded through Homeward that are awarded or running now; care placed before is not in them.
A constant number of queries, whatever the number of members, packages and offers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, render_template
from sqlalchemy import func, select

from app import clock
from app.auth import allows, current_viewer
from app.database import db
from app.messages.models import Delivery, Message
from app.values.spelling import as_read
from marketplace.membership.models import Capacity, Membership
from marketplace.membership.queries import members_of
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.providers.coverage import CoverageKind
from marketplace.rounds.letters import NEW_OFFER
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import (
    MessageFate,
    NoticeFacts,
    NoticeState,
    OfferState,
    ResponseState,
    RoundState,
    notice_state,
)
from marketplace.schemes.models import Scheme, Zone
from marketplace.schemes.queries import managed_scheme

LATELY_DAYS = 90
VIABLE_MINUTES = (50 * 60, 1_000 * 60)
"""Weekly minutes between which one member's work from a scheme is taken to be viable: enough for a round of carers, and
not so much that the scheme depends on it. An assumption to read the page by, which decides nothing."""

HELD = (PackageStatus.AWARDED, PackageStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Part:
    """One lot in one zone: the members that cover at least part of it, and what is awarded or running there."""

    lot: str
    zone: str
    members: int
    packages: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Member:
    """One member: what it holds, its share of all that members hold in per cent, and its answers lately."""

    provider_id: UUID
    name: str
    lots: tuple[str, ...]
    packages: int
    minutes: int
    share: int
    asked: int
    answered: int

    @property
    def never_answered(self) -> bool:
        """Whether it was asked lately and sent no answer at all, by page, link or telephone."""
        return self.asked > 0 and self.answered == 0

    @property
    def standing(self) -> str:
        """Its weekly hours against the viable range, in words."""
        least, most = VIABLE_MINUTES
        if self.minutes < least:
            return "below the range"
        return "above the range" if self.minutes > most else "within the range"


@dataclass(frozen=True, slots=True)
class Room:
    """Capacity declared for the whole scheme or for one zone, and what awards have taken of it, in minutes a week."""

    where: str
    declared: int
    committed: int


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that the page shows."""

    parts: tuple[Part, ...]
    rooms: tuple[Room, ...]
    members: tuple[Member, ...]


def market_of(scheme: Scheme) -> Market:
    """Reads the market of a scheme, whose lots and zones are loaded."""
    memberships = members_of(scheme.id)
    return Market(_parts(scheme, memberships), _rooms(scheme), _members(scheme.id, memberships))


def covers_part_of(membership: Membership, zone: Zone) -> bool:
    """Whether a membership includes an area that lies in the zone, or around a part of it."""
    areas = {area.area for area in zone.areas}
    around = areas | {area.partition(" ")[0] for area in areas}
    included = (area.area for area in membership.areas if area.kind is CoverageKind.INCLUDE)
    return any(area in around or area.partition(" ")[0] in areas for area in included)


def _parts(scheme: Scheme, memberships: Sequence[Membership]) -> tuple[Part, ...]:
    query = (
        select(Package.lot_id, Package.zone_id, func.count(), func.sum(Package.weekly_minutes))
        .where(Package.scheme_id == scheme.id, Package.status.in_(HELD))
        .group_by(Package.lot_id, Package.zone_id)
    )
    held = {(lot_id, zone_id): (count, int(minutes)) for lot_id, zone_id, count, minutes in db.session.execute(query)}
    parts = []
    for lot in scheme.lots:
        own = [membership for membership in memberships if membership.lot_id == lot.id]
        for zone in scheme.zones:
            covering = sum(covers_part_of(membership, zone) for membership in own)
            parts.append(Part(lot.name, zone.name, covering, *held.get((lot.id, zone.id), (0, 0))))
        if (lot.id, None) in held or not scheme.zones:
            parts.append(Part(lot.name, "Outside every zone", len(own), *held.get((lot.id, None), (0, 0))))
    return tuple(parts)


def _rooms(scheme: Scheme) -> tuple[Room, ...]:
    query = select(Capacity.zone_id, func.sum(Capacity.declared_minutes), func.sum(Capacity.committed_minutes))
    rows = db.session.execute(query.where(Capacity.scheme_id == scheme.id).group_by(Capacity.zone_id))
    names: dict[UUID | None, str] = {zone.id: zone.name for zone in scheme.zones}
    names[None] = "The whole scheme"
    rooms = [Room(names[zone_id], int(declared), int(taken)) for zone_id, declared, taken in rows]
    return tuple(sorted(rooms, key=lambda room: (room.where != names[None], as_read(room.where))))


def _members(scheme_id: UUID, memberships: Sequence[Membership]) -> tuple[Member, ...]:
    """Members by hours, most first; their shares are of what all members of today hold."""
    held, answers = _held_by_provider(scheme_id), _answers_lately(scheme_id)
    told = _told_lately(scheme_id, [provider_id for provider_id, (_, answered) in answers.items() if not answered])
    answers |= {provider_id: (told.get(provider_id, 0), 0) for provider_id, (_, sent) in answers.items() if not sent}
    by_provider: defaultdict[UUID, list[Membership]] = defaultdict(list)
    for membership in memberships:
        by_provider[membership.provider_id].append(membership)
    total = sum(held.get(provider_id, (0, 0))[1] for provider_id in by_provider)
    members = []
    for provider_id, own in by_provider.items():
        packages, minutes = held.get(provider_id, (0, 0))
        lots = tuple(membership.lot.name for membership in own)
        share = (200 * minutes + total) // (2 * total) if total else 0
        asked, answered = answers.get(provider_id, (0, 0))
        members.append(Member(provider_id, own[0].provider.name, lots, packages, minutes, share, asked, answered))
    return tuple(sorted(members, key=lambda member: (-member.minutes, as_read(member.name), member.provider_id)))


def _held_by_provider(scheme_id: UUID) -> dict[UUID, tuple[int, int]]:
    query = (
        select(Offer.provider_id, func.count(), func.sum(Package.weekly_minutes))
        .join(Offer.lines)
        .join(OfferLine.response)
        .join(OfferLine.round)
        .join(Round.package)
        .where(
            Package.scheme_id == scheme_id,
            Package.status.in_(HELD),
            Round.state == RoundState.AWARDED,
            Response.state == ResponseState.AWARDED,
        )
        .group_by(Offer.provider_id)
    )
    return {provider_id: (count, int(minutes)) for provider_id, count, minutes in db.session.execute(query)}


def _told_lately(scheme_id: UUID, provider_ids: Sequence[UUID]) -> dict[UUID, int]:
    """By provider that sent no answer, about how many packages it was demonstrably told with half the time left.

    Who was never reached, because its emails bounced or did not leave in time, is not silent.
    """
    lines = select(func.count()).where(OfferLine.offer_id == Offer.id).correlate(Offer).scalar_subquery()
    query = (
        select(Offer.provider_id, Offer.issued_at, Issue.deadline, lines, func.min(Delivery.sent_at))
        .join(Offer.issue)
        .join(Message, (Message.about_id == Offer.id) & (Message.kind == NEW_OFFER))
        .join(Message.deliveries)
        .where(
            Issue.scheme_id == scheme_id,
            Issue.state != OfferState.WITHDRAWN,
            Offer.provider_id.in_(provider_ids),
            Offer.issued_at > clock.now() - timedelta(days=LATELY_DAYS),
            Delivery.sent_at.is_not(None),
            Delivery.bounced_at.is_(None),
        )
        .group_by(Offer.id, Offer.provider_id, Offer.issued_at, Issue.deadline)
    )
    told: defaultdict[UUID, int] = defaultdict(int)
    for provider_id, issued_at, deadline, packages, sent_at in db.session.execute(query):
        facts = NoticeFacts(issued_at, deadline, inbox_at=issued_at, messages=(MessageFate(sent_at),))
        told[provider_id] += packages if notice_state(facts, clock.now()).state is NoticeState.PROVEN else 0
    return told


def _answers_lately(scheme_id: UUID) -> dict[UUID, tuple[int, int]]:
    """By provider how many packages it was asked about lately, and to how many of them it sent an answer."""
    query = (
        select(Offer.provider_id, func.count(OfferLine.id), func.count(Response.submitted_at))
        .join(Offer.issue)
        .join(Offer.lines)
        .outerjoin(OfferLine.response)
        .where(Issue.scheme_id == scheme_id, Offer.issued_at > clock.now() - timedelta(days=LATELY_DAYS))
        .group_by(Offer.provider_id)
    )
    return {provider_id: (asked, answered) for provider_id, asked, answered in db.session.execute(query)}


bp = Blueprint("market", __name__)


@bp.get("/schemes/<uuid:scheme_id>/market")
@allows("offers:watch")
def show(scheme_id: UUID) -> str:
    """How full the market is: members by lot and zone, shares, capacity, and who never answers."""
    scheme = managed_scheme(current_viewer(), scheme_id)
    return render_template(
        "marketplace/rounds/market.html",
        scheme=scheme,
        market=market_of(scheme),
        viable=VIABLE_MINUTES,
        days=LATELY_DAYS,
    )
