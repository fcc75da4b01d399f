"""The rounds that are to be ranked, and the yeses to them, as plain rows: no object per answer, whatever their number."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select

from app.database import db
from app.database.many import raw
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import COUNTED_YES
from marketplace.rounds.rules import ResponseKind, RoundState


@dataclass(frozen=True, slots=True)
class RoundMeant:
    """A round with what of its package decides a ranking. Audit entries can be about it."""

    __tablename__: ClassVar[str] = Round.__tablename__

    id: UUID
    authority_id: UUID
    floor_pence: int
    ceiling_pence: int
    reference: str
    lot_id: UUID
    zone_id: UUID | None
    outcode: str
    sector: str
    planned_start: date
    weekly_minutes: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class OfferMeant:
    """One provider's offer: its ticket in the draw."""

    provider_id: UUID
    ticket: str


class Yes(NamedTuple):
    """A yes that counts, as it was sent; the identifiers raw, for there are ten times as many of these."""

    round_key: Hashable
    offer_key: Hashable
    price_pence: int
    earliest_start: date
    alternative_times: str


def closed_rounds(issue: Issue) -> Select[UUID]:
    """The ids of an issue's closed rounds, for use inside another question."""
    return select(Round.id).where(Round.issue_id == issue.id, Round.state == RoundState.CLOSED)


def rounds_meant(which: Select[UUID]) -> list[RoundMeant]:
    """The rounds, in the order of their ids."""
    of_package = (Package.reference, Package.lot_id, Package.zone_id, Package.outcode, Package.sector)
    query = (
        select(Round.id, Round.authority_id, Round.floor_pence, Round.ceiling_pence, *of_package)
        .add_columns(Package.planned_start, Package.weekly_minutes, raw(Round.id, "key"))
        .join(Package, Package.id == Round.package_id)
        .where(Round.id.in_(which))
        .order_by(Round.id)
    )
    return [RoundMeant(*row) for row in db.session.execute(query)]


def offers_meant(issue: Issue) -> Mapping[Hashable, OfferMeant]:
    """The issue's offers by their raw id."""
    query = select(raw(Offer.id, "key"), Offer.provider_id, Offer.ticket).where(Offer.issue_id == issue.id)
    return {row.key: OfferMeant(row.provider_id, row.ticket) for row in db.session.execute(query)}


def yeses_to(which: Select[UUID]) -> list[Yes]:
    """Every yes that counts to these rounds, in one reading."""
    query = (
        select(
            raw(OfferLine.round_id, "round_key"),
            raw(OfferLine.offer_id, "offer_key"),
            Response.price_pence,
            Response.earliest_start,
            Response.alternative_times,
        )
        .join(Response, Response.line_id == OfferLine.id)
        .where(
            OfferLine.round_id.in_(which),
            Response.kind == ResponseKind.ACCEPT,
            Response.state.in_(COUNTED_YES),
        )
    )
    return [Yes._make(row) for row in db.session.execute(query)]
