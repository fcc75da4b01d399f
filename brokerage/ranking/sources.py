"""What the database knows about the providers that said yes, read with one query per kind of fact.

Facts count if dated at or before the cut-off. A fact known by its day only counts from the start of that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from app.clock import LONDON
from app.database import db
from brokerage.ranking.quality import Component, cqc_component, entry_component
from contracts.agreements.models import Agreement, AgreementVersion
from marketplace.membership.models import Capacity, Standing
from marketplace.packages.models import Package
from marketplace.providers.models import CqcRating, Provider
from marketplace.providers.ratings import AssessmentStyle, PublishedRating, effective_rating
from marketplace.rounds.models import Issue

FAIRNESS_DAYS = 28
"""Minutes awarded in so many days before the deadline count for the tie-break."""


@dataclass(frozen=True, slots=True)
class MemberSources:
    """What counts for one provider: components of quality, minutes awarded lately, declared minutes a week."""

    components: tuple[Component, ...]
    awarded_minutes: int
    capacity_minutes: int | None


def sources_of(issue: Issue, providers: Sequence[Provider], cut_off: datetime) -> dict[UUID, MemberSources]:
    """The sources of each provider for an issue, with four queries however many there are."""
    ids = [provider.id for provider in providers]
    entries = _entry_components(issue, ids)
    ratings = _cqc_components(providers, cut_off)
    awarded, capacity = _awarded_minutes(issue, ids, cut_off), _declared_minutes(issue, ids)
    return {
        key: MemberSources(_known(entries.get(key), ratings.get(key)), awarded.get(key, 0), capacity.get(key))
        for key in ids
    }


def _known(*components: Component | None) -> tuple[Component, ...]:
    return tuple(one for one in components if one is not None)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _entry_components(issue: Issue, ids: Sequence[UUID]) -> dict[UUID, Component]:
    """An assessment of a later day is kept: the rules leave it out and say so."""
    query = select(Standing.provider_id, Standing.entry_score, Standing.entry_assessed_on).where(
        Standing.authority_id == issue.authority_id,
        Standing.scheme_id == issue.scheme_id,
        Standing.provider_id.in_(ids),
    )
    return {
        key: entry_component(score, _start_of(day))
        for key, score, day in db.session.execute(query)
        if score is not None and day is not None
    }


def _cqc_components(providers: Sequence[Provider], cut_off: datetime) -> dict[UUID, Component]:
    published = _published_ratings(providers)
    last_day = cut_off.astimezone(LONDON).date()
    found: dict[UUID, Component] = {}
    for provider in providers:
        counts = effective_rating(one for one in published[provider.id] if one.published_on <= last_day)
        component = counts and cqc_component(counts.rating.value, _start_of(counts.published_on))
        if component:
            found[provider.id] = component
    return found


def _published_ratings(providers: Iterable[Provider]) -> Mapping[UUID, list[PublishedRating]]:
    """All ratings published, and the one that stands with the provider itself."""
    found: defaultdict[UUID, list[PublishedRating]] = defaultdict(list)
    for provider in providers:
        if provider.cqc_published_on is not None:
            found[provider.id].append(PublishedRating(provider.cqc_rating, provider.cqc_published_on))
    query = select(CqcRating.provider_id, CqcRating.overall, CqcRating.published_on, CqcRating.style)
    rows = db.session.execute(query.where(CqcRating.provider_id.in_([provider.id for provider in providers])))
    for key, overall, day, style in rows:
        found[key].append(PublishedRating(overall, day, AssessmentStyle(style)))
    return found


def _awarded_minutes(issue: Issue, ids: Sequence[UUID], cut_off: datetime) -> dict[UUID, int]:
    """Weekly minutes of the agreements that began in the 28 days up to the cut-off, in this scheme."""
    query = (
        select(Agreement.provider_id, func.sum(AgreementVersion.weekly_minutes))
        .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        .join(Package, Package.id == Agreement.package_id)
        .where(
            Agreement.authority_id == issue.authority_id,
            Package.scheme_id == issue.scheme_id,
            AgreementVersion.number == 1,
            Agreement.provider_id.in_(ids),
            Agreement.contract_from > cut_off - timedelta(days=FAIRNESS_DAYS),
            Agreement.contract_from <= cut_off,
        )
        .group_by(Agreement.provider_id)
    )
    return {key: int(minutes) for key, minutes in db.session.execute(query)}


def _declared_minutes(issue: Issue, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Capacity.provider_id, Capacity.declared_minutes).where(
        Capacity.authority_id == issue.authority_id,
        Capacity.scheme_id == issue.scheme_id,
        Capacity.provider_id.in_(ids),
        Capacity.zone_id.is_(None),
    )
    return {row.provider_id: row.declared_minutes for row in db.session.execute(query)}
