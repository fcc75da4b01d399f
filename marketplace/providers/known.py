"""What CQC data says of a location to one authority: its own, where it took some in or accepted it, else what all share.

The CQC's own data, loaded by whoever runs the machine, is shared. What a council loads may have been made by hand, so
it counts for that council alone, until another one accepts it for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, select

from app.database import db
from app.database.bulk import insert_rows
from marketplace.providers.models import CqcRating, OwnRating, Provider
from marketplace.providers.ratings import AssessmentStyle, PublishedRating, effective_rating
from marketplace.vocabulary import Rating

RatingKey = tuple[UUID, date, AssessmentStyle]
"""A location has one published rating of each day and style, shared or of one authority."""


@dataclass(frozen=True, slots=True)
class Known:
    """The rating that counts, and whether and when CQC data listed the location."""

    rating: Rating
    published_on: date | None
    checked_at: datetime | None
    vanished_at: datetime | None


def shared_of(provider: Any) -> Known:
    """What all share of a location; a row of its columns will do."""
    return Known(provider.cqc_rating, provider.cqc_published_on, provider.cqc_checked_at, provider.vanished_at)


def known_to(authority_id: UUID | ScalarSelect[UUID] | None, providers: Iterable[Any]) -> dict[UUID, Known]:
    """What counts of each location for an authority, by the provider's id; without an authority what all share."""
    known = {provider.id: shared_of(provider) for provider in providers}
    if authority_id is not None:
        known |= {row.provider_id: _own(row) for row in _own_rows(authority_id, known)}
    return known


def known_anywhere(providers: Iterable[Provider]) -> dict[UUID, Known]:
    """What a provider reads of its own locations: the newest of what all share and of what each authority counts."""
    known = {provider.id: shared_of(provider) for provider in providers}
    for row in db.session.scalars(select(OwnRating).where(OwnRating.provider_id.in_(known))):
        if (row.published_on or date.min) > (known[row.provider_id].published_on or date.min):
            known[row.provider_id] = _own(row)
    return known


def known_in(places: Collection[tuple[UUID, Provider]]) -> dict[tuple[UUID, UUID], Known]:
    """The same of locations in several authorities, by the ids of authority and provider."""
    known = {(authority_id, provider.id): shared_of(provider) for authority_id, provider in places}
    authorities, ids = {authority_id for authority_id, _ in places}, {provider.id for _, provider in places}
    query = select(OwnRating).where(OwnRating.authority_id.in_(authorities), OwnRating.provider_id.in_(ids))
    own = {(row.authority_id, row.provider_id): _own(row) for row in db.session.scalars(query)}
    return known | {place: own[place] for place in known.keys() & own.keys()}


def counts_for(authority_id: UUID | None) -> ColumnElement[bool]:
    """The published ratings that count for an authority: what is shared, and its own."""
    shared = CqcRating.authority_id.is_(None)
    return shared if authority_id is None else shared | (CqcRating.authority_id == authority_id)


def of_owner(authority_id: UUID | None) -> ColumnElement[bool]:
    """The published ratings of one authority alone, or those that are shared."""
    return CqcRating.authority_id.is_not_distinct_from(authority_id)


def published_to(authority_id: UUID | None, provider_ids: Collection[UUID]) -> dict[RatingKey, PublishedRating]:
    """The published ratings that count for an authority; of one day and style its own goes before the shared one."""
    columns = (CqcRating.provider_id, CqcRating.published_on, CqcRating.style, CqcRating.overall)
    query = select(*columns, CqcRating.authority_id).where(CqcRating.provider_id.in_(provider_ids))
    rows = db.session.execute(query.where(counts_for(authority_id))).all()
    return {
        (row.provider_id, row.published_on, row.style): PublishedRating(row.overall, row.published_on, row.style)
        for row in sorted(rows, key=lambda row: row.authority_id is not None)
    }


def newest(published: Mapping[RatingKey, PublishedRating]) -> dict[UUID, PublishedRating]:
    """The one that counts of each location."""
    of_provider: dict[UUID, list[PublishedRating]] = {}
    for (provider_id, _, _), rating in published.items():
        of_provider.setdefault(provider_id, []).append(rating)
    counting = {provider_id: effective_rating(ratings) for provider_id, ratings in of_provider.items()}
    return {provider_id: rating for provider_id, rating in counting.items() if rating}


def write_known(authority_id: UUID | None, providers: Collection[Provider], known: Mapping[UUID, Known]) -> None:
    """Keeps what counts now, for an authority or for all."""
    if authority_id is None:
        for provider in providers:
            now = known[provider.id]
            provider.cqc_rating, provider.cqc_published_on = now.rating, now.published_on
            provider.cqc_checked_at, provider.vanished_at = now.checked_at, now.vanished_at
    else:
        ids = {provider.id for provider in providers}
        there = {row.provider_id: row for row in _own_rows(authority_id, ids)}
        for provider_id, row in there.items():
            for name in _NAMES:
                setattr(row, name, getattr(known[provider_id], name))
        whose = {"authority_id": authority_id}
        insert_rows(
            OwnRating,
            [
                {**whose, "provider_id": key, **{name: getattr(known[key], name) for name in _NAMES}}
                for key in sorted(ids - there.keys())
            ],
        )
    db.session.flush()


def follow_shared(providers: Collection[Provider]) -> None:
    """After shared data: authorities with data of their own of these locations count what is newest of both."""
    shared = {provider.id: shared_of(provider) for provider in providers}
    rows = db.session.scalars(select(OwnRating).where(OwnRating.provider_id.in_(shared))).all()
    for authority_id in {row.authority_id for row in rows}:
        own = [row for row in rows if row.authority_id == authority_id]
        counting = newest(published_to(authority_id, [row.provider_id for row in own]))
        for row in own:
            row.checked_at, row.vanished_at = shared[row.provider_id].checked_at, shared[row.provider_id].vanished_at
            if rating := counting.get(row.provider_id):
                row.rating, row.published_on = rating.rating, rating.published_on
    db.session.flush()


def _own_rows(authority_id: UUID | ScalarSelect[UUID], provider_ids: Collection[UUID]) -> Iterable[OwnRating]:
    query = select(OwnRating).where(OwnRating.authority_id == authority_id)
    return db.session.scalars(query.where(OwnRating.provider_id.in_(list(provider_ids)))).all()


def _own(row: OwnRating) -> Known:
    return Known(row.rating, row.published_on, row.checked_at, row.vanished_at)


_NAMES = tuple(field.name for field in fields(Known))
