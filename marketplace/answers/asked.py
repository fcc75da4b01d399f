"""What an answer about one package is judged against: plain values, for an answer needs no objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Uuid, bindparam, func, or_, select, text

from app import clock
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.membership.models import Membership, Pause, Suspension
from marketplace.membership.rules import MEMBER_STATES
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import Lot


class Standing(NamedTuple):
    """What stops a provider from saying yes: no membership, a suspension until that day, a pause."""

    is_member: bool
    suspended_until: date | None
    is_paused: bool


@dataclass(frozen=True, slots=True)
class OfferMeant:
    """An offer as the audit names it."""

    __tablename__: ClassVar[str] = "offer"
    id: UUID
    authority_id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """One package in one offer. `has_answer` and `standing` are known only where they were read with the rest."""

    line_id: UUID
    authority_id: UUID
    offer_id: UUID
    provider_id: UUID
    opened_at: datetime | None
    issue_state: OfferState
    issued_at: datetime
    deadline: datetime
    seed: str
    scheme_id: UUID
    lot_id: UUID
    lot_name: str
    unit: str
    round_state: RoundState
    floor_pence: int
    ceiling_pence: int
    package: str
    planned_start: date
    zone_id: UUID | None
    has_answer: bool = False
    standing: Standing | None = None

    @classmethod
    def of(cls, line: OfferLine) -> Asked:
        """The same of rows that have been read."""
        offer, one = line.offer, line.round
        issue, package = offer.issue, one.package
        return cls(
            line_id=line.id,
            authority_id=line.authority_id,
            offer_id=offer.id,
            provider_id=offer.provider_id,
            opened_at=offer.opened_at,
            issue_state=issue.state,
            issued_at=issue.issued_at,
            deadline=issue.deadline,
            seed=issue.seed,
            scheme_id=issue.scheme_id,
            lot_id=issue.lot_id,
            lot_name=issue.lot.name,
            unit=issue.lot.unit.value,
            round_state=one.state,
            floor_pence=one.floor_pence,
            ceiling_pence=one.ceiling_pence,
            package=package.reference,
            planned_start=package.planned_start,
            zone_id=package.zone_id,
        )

    @property
    def offer(self) -> OfferMeant:
        """Its offer, as the audit names it."""
        return OfferMeant(self.offer_id, self.authority_id)


def asked_to_answer(viewer: Viewer, offer_id: UUID, line_id: UUID) -> Asked:
    """One package in an offer of the viewer's own provider, in one statement. Raises NotFoundForViewer.

    It is locked as `responses.lock` does it: first, for sharing, the issue and the round, then the offer. What is
    locked is read as it stands behind the lock; whether there is an answer, as it stood before.
    """
    if not viewer.is_provider:
        raise NotFoundForViewer
    asked = {"line_id": line_id, "offer_id": offer_id, "organisation_id": viewer.organisation_id}
    row = db.session.connection().execute(_TO_ANSWER, {**asked, "today": clock.today()}).one_or_none()
    if row is None:
        raise NotFoundForViewer
    *values, is_member, suspended_until, is_paused = row
    return _from_row(values, Standing(bool(is_member), suspended_until, bool(is_paused)))


def open_in(offer_id: UUID) -> list[Asked]:
    """The packages of an offer that can still be answered, the earliest start first; when none can, one that says why."""
    rows = db.session.connection().execute(_OF_LINES, {"offer_id": offer_id})
    found = sorted((_from_row(row, None) for row in rows), key=lambda one: (one.planned_start, one.package))
    return [one for one in found if one.round_state is RoundState.OPEN] or found[:1]


def _from_row(values: Iterable[Any], standing: Standing | None) -> Asked:
    named = dict(zip(_NAMES, values, strict=True))
    return Asked(**named | {"unit": named["unit"].value, "has_answer": bool(named["has_answer"])}, standing=standing)


def standing_of(asked: Asked) -> Standing:
    """What stands against a yes today, where it has not been read yet."""
    if asked.standing is not None:
        return asked.standing
    of = {"lot": asked.lot_id, "scheme": asked.scheme_id, "zone": asked.zone_id, "provider": asked.provider_id}
    found = db.session.connection().execute(_STANDING, {**of, "today": clock.today()}).one()
    return Standing(bool(found[0]), found[1], bool(found[2]))


def _standing(lot: Any, scheme: Any, zone: Any, provider: Any) -> tuple[ColumnElement[Any], ...]:
    """Whether the provider is a member, until when a suspension reaches this lot and zone today, whether it has paused.

    A suspension ends by itself after its last day.
    """
    today = bindparam("today", type_=Date())
    member, suspension, pause = Membership.__table__.c, Suspension.__table__.c, Pause.__table__.c
    is_member = select(member.id).where(
        member.lot_id == lot, member.provider_id == provider, member.state.in_(sorted(MEMBER_STATES))
    )
    suspended = select(func.max(suspension.ends_on)).where(
        suspension.scheme_id == scheme,
        suspension.provider_id == provider,
        or_(suspension.lot_id.is_(None), suspension.lot_id == lot),
        or_(suspension.zone_id.is_(None), suspension.zone_id == zone),
        suspension.starts_on <= today,
        suspension.ends_on >= today,
        suspension.lifted_at.is_(None),
    )
    paused = select(pause.id).where(
        pause.scheme_id == scheme,
        pause.provider_id == provider,
        or_(pause.zone_id.is_(None), pause.zone_id == zone),
        pause.ended_at.is_(None),
    )
    return is_member.exists(), suspended.scalar_subquery(), paused.exists()


def _of_lines() -> Select[Any]:
    line, offer, issue = OfferLine.__table__.c, Offer.__table__.c, Issue.__table__.c
    one, package, lot = Round.__table__.c, Package.__table__.c, Lot.__table__.c
    columns = {
        "line_id": line.id,
        "authority_id": line.authority_id,
        "offer_id": line.offer_id,
        "provider_id": offer.provider_id,
        "opened_at": offer.opened_at,
        "issue_state": issue.state,
        "issued_at": issue.issued_at,
        "deadline": issue.deadline,
        "seed": issue.seed,
        "scheme_id": issue.scheme_id,
        "lot_id": issue.lot_id,
        "lot_name": lot.name,
        "unit": lot.unit,
        "round_state": one.state,
        "floor_pence": one.floor_pence,
        "ceiling_pence": one.ceiling_pence,
        "package": package.reference,
        "planned_start": package.planned_start,
        "zone_id": package.zone_id,
        "has_answer": select(Response.__table__.c.id).where(Response.__table__.c.line_id == line.id).exists(),
    }
    asked = [column.label(f"asked_{name}") for name, column in columns.items()]
    return (
        select(*asked)
        .select_from(OfferLine.__table__)
        .join(Offer.__table__, offer.id == line.offer_id)
        .join(Issue.__table__, issue.id == offer.issue_id)
        .join(Lot.__table__, lot.id == issue.lot_id)
        .join(Round.__table__, one.id == line.round_id)
        .join(Package.__table__, package.id == one.package_id)
        .where(line.offer_id == bindparam("offer_id"))
    )


def _to_answer() -> Select[Any]:
    line, offer, issue = OfferLine.__table__.c, Offer.__table__.c, Issue.__table__.c
    package, provider = Package.__table__.c, Provider.__table__.c
    return (
        _of_lines()
        .add_columns(*_standing(issue.lot_id, issue.scheme_id, package.zone_id, offer.provider_id))
        .join(Provider.__table__, provider.id == offer.provider_id)
        .where(line.id == bindparam("line_id"))
        .where(provider.organisation_id == bindparam("organisation_id"))
        .suffix_with(text("FOR SHARE OF issue, round FOR UPDATE OF offer"), dialect="postgresql")
    )


_NAMES = tuple(Asked.__dataclass_fields__)[:-1]
_OF_LINES = _of_lines()
_TO_ANSWER = _to_answer()
_STANDING = select(*_standing(*(bindparam(name, type_=Uuid()) for name in ("lot", "scheme", "zone", "provider"))))
"""Made once, asked with every answer."""
