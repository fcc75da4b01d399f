"""Questions about memberships, suspensions and removals, asked on behalf of a viewer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, selectinload

from app import clock
from app.database import db, names_hold, only_one
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from app.values.spelling import as_read, plain
from marketplace.applications.models import Application, ApplicationCheck
from marketplace.membership.models import (
    Capacity,
    GateOverride,
    Membership,
    MembershipArea,
    Pause,
    Removal,
    RemovalStage,
    Suspension,
)
from marketplace.membership.rules import MEMBER_STATES
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider, ProviderSkill
from marketplace.schemes.models import Lot, Scheme

T = TypeVar("T")
Place = tuple[UUID, UUID]
"""A scheme and a provider, by their ids."""

REMIND_DAYS = 7
"""A suspension is on the home page from 7 days before its review or its end."""


@dataclass(frozen=True, slots=True)
class LocationInScheme:
    """What one location is and has in one scheme."""

    scheme: Scheme
    provider: Provider
    memberships: tuple[Membership, ...]
    capacity: tuple[Capacity, ...]
    pauses: tuple[Pause, ...]
    suspensions: tuple[Suspension, ...]
    removals: tuple[Removal, ...]


def visible_memberships(viewer: Viewer) -> Select[Membership]:
    """An authority's memberships; for people of a provider, those of their own locations, whoever's scheme it is."""
    query = select(Membership).join(Membership.provider).options(*_membership_parts())
    return query.where(_scope(viewer, Membership.authority_id))


def areas_covered(scheme_id: UUID) -> frozenset[str]:
    """The outcodes and sectors that any standing member of a scheme covers."""
    query = select(MembershipArea.area).join(Membership, Membership.id == MembershipArea.membership_id)
    query = query.where(Membership.scheme_id == scheme_id, Membership.state.in_(MEMBER_STATES))
    return frozenset(db.session.scalars(query.where(MembershipArea.kind == CoverageKind.INCLUDE).distinct()))


def memberships_list(viewer: Viewer, text: str, lot_id: UUID | None, *, ended: bool = False) -> Select[Any]:
    """The standing (or ended) memberships, of one lot if given, whose provider's name or reference holds the text."""
    states = Membership.state.not_in(MEMBER_STATES) if ended else Membership.state.in_(MEMBER_STATES)
    query = visible_memberships(viewer).where(states)
    if lot_id:
        query = query.where(Membership.lot_id == lot_id)
    if text:
        query = query.where(or_(names_hold(text, Provider.name_key), Provider.reference == plain(text).upper()))
    return query.order_by(Provider.name_key, Membership.id)


def known_providers(authority_id: UUID) -> Select[Any]:
    """The providers that an authority knows, by name: those of its own schemes, as members once or now or as applicants."""
    own = (select(table.provider_id).where(table.authority_id == authority_id) for table in (Membership, Application))
    return select(Provider).where(Provider.id.in_(union(*own))).order_by(Provider.name_key, Provider.id)


def declared_skills(authority_id: UUID) -> list[str]:
    """What carers of the providers that an authority knows can do, by name; spellings that read the same once."""
    known = known_providers(authority_id).with_only_columns(Provider.id).order_by(None)
    query = select(ProviderSkill.skill).where(ProviderSkill.provider_id.in_(known)).distinct()
    found = {as_read(skill): skill for skill in sorted(db.session.scalars(query), reverse=True)}
    return [found[key] for key in sorted(found)]


def memberships_page(viewer: Viewer) -> Select[Any]:
    """Every visible membership with its areas, standing or ended, by provider."""
    query = visible_memberships(viewer).options(selectinload(Membership.areas))
    return query.order_by(Provider.name_key, Membership.id)


def membership_for(viewer: Viewer, membership_id: UUID) -> Membership:
    """One membership with its areas; raises NotFoundForViewer."""
    query = visible_memberships(viewer).where(Membership.id == membership_id)
    return only_one(query.options(selectinload(Membership.areas)))


def visible_suspensions(viewer: Viewer) -> Select[Suspension]:
    """An authority's suspensions; for people of a provider, those of their own locations."""
    parts = selectinload(Suspension.lot), selectinload(Suspension.zone), selectinload(Suspension.scheme)
    query = select(Suspension).join(Suspension.provider).options(contains_eager(Suspension.provider), *parts)
    return query.where(_scope(viewer, Suspension.authority_id))


def suspension_for(viewer: Viewer, suspension_id: UUID) -> Suspension:
    """One suspension; raises NotFoundForViewer."""
    return only_one(visible_suspensions(viewer).where(Suspension.id == suspension_id))


def suspensions_to_review(viewer: Viewer) -> Select[Any]:
    """Those that are not over and whose review or end is near, and those made by the CQC gate, soonest first."""
    soon = clock.today() + timedelta(days=REMIND_DAYS)
    near = (Suspension.review_on <= soon) | (Suspension.ends_on <= soon)
    query = visible_suspensions(viewer).where(near, Suspension.ends_on >= clock.today(), Suspension.lifted_at.is_(None))
    return query.order_by(Suspension.review_on, Suspension.id)


def documents_of(membership: Membership) -> Sequence[ApplicationCheck]:
    """The documents with an expiry on which a membership rests, the first to expire first."""
    query = select(ApplicationCheck).where(
        ApplicationCheck.application_id == membership.application_id, ApplicationCheck.expires_on.is_not(None)
    )
    return db.session.scalars(query.order_by(ApplicationCheck.expires_on, ApplicationCheck.kind)).all()


def overrides_of(membership: Membership) -> Sequence[GateOverride]:
    """Every override of the CQC gate for a member in its scheme, newest first."""
    return db.session.scalars(_overrides(membership).order_by(GateOverride.made_at.desc())).all()


def override_of(membership: Membership, override_id: UUID) -> GateOverride:
    """One override of the CQC gate for a member that the viewer may see; raises NotFoundForViewer."""
    return only_one(_overrides(membership).where(GateOverride.id == override_id))


def visible_removals(viewer: Viewer) -> Select[Removal]:
    """An authority's removals; for people of a provider, those of their own locations."""
    whole = contains_eager(Removal.membership).options(*_membership_parts())
    query = select(Removal).join(Removal.membership).join(Membership.provider).options(whole)
    return query.where(_scope(viewer, Removal.authority_id))


def removal_for(viewer: Viewer, removal_id: UUID) -> Removal:
    """One removal with its membership; raises NotFoundForViewer."""
    return only_one(visible_removals(viewer).where(Removal.id == removal_id))


def removals_of(membership: Membership) -> Sequence[Removal]:
    """Every removal of a membership, the newest first."""
    query = select(Removal).where(Removal.membership_id == membership.id)
    return db.session.scalars(query.order_by(Removal.told_at.desc())).all()


def removals_to_decide(viewer: Viewer) -> Select[Any]:
    """Open removals that somebody else proposed and whose provider has answered or had its time."""
    heard = (Removal.answer_until < clock.today()) | Removal.answer.is_not(None)
    query = visible_removals(viewer).where(
        Removal.stage == RemovalStage.TOLD, Removal.proposed_by != viewer.user_id, heard
    )
    return query.order_by(Removal.answer_until, Removal.id)


def locations_in_schemes(viewer: Viewer, providers: Sequence[Provider]) -> list[LocationInScheme]:
    """What each of these locations is in each scheme that the viewer may see it in; a constant number of queries."""
    ids = [provider.id for provider in providers]
    joined = visible_memberships(viewer).options(selectinload(Membership.areas))
    memberships = _by_place(joined.where(Membership.provider_id.in_(ids)))
    holding = Suspension.ends_on >= clock.today(), Suspension.lifted_at.is_(None)
    suspensions = _by_place(visible_suspensions(viewer).where(Suspension.provider_id.in_(ids), *holding))
    told = visible_removals(viewer).where(Membership.provider_id.in_(ids), Removal.stage == RemovalStage.TOLD)
    removals = _by_place(told, lambda removal: removal.membership)
    whole_first = Capacity.zone_id.is_not(None)
    capacity = _by_place(select(Capacity).where(Capacity.provider_id.in_(ids)).order_by(whole_first))
    open_now = Pause.provider_id.in_(ids), Pause.ended_at.is_(None)
    pauses = _by_place(select(Pause).where(*open_now).options(selectinload(Pause.zone)))
    locations = [
        LocationInScheme(
            scheme=lots[0].scheme,
            provider=lots[0].provider,
            memberships=lots,
            capacity=capacity.get(place, ()),
            pauses=pauses.get(place, ()),
            suspensions=suspensions.get(place, ()),
            removals=removals.get(place, ()),
        )
        for place, lots in memberships.items()
    ]
    return sorted(locations, key=lambda location: (location.scheme.name_key, location.provider.name_key))


def own_location(viewer: Viewer, scheme_id: UUID, provider_id: UUID) -> LocationInScheme:
    """One own location in one scheme of which it is or was a member; raises NotFoundForViewer."""
    own = select(Provider).where(Provider.id == provider_id, Provider.organisation_id == viewer.organisation_id)
    for location in locations_in_schemes(viewer, [only_one(own)]):
        if location.scheme.id == scheme_id:
            return location
    raise NotFoundForViewer


def own_pause(viewer: Viewer, pause_id: UUID) -> Pause:
    """A pause of an own location; raises NotFoundForViewer."""
    query = select(Pause).join(Provider, Provider.id == Pause.provider_id).options(selectinload(Pause.zone))
    return only_one(query.where(Pause.id == pause_id, Provider.organisation_id == viewer.organisation_id))


def public_members(scheme_id: UUID) -> list[Membership]:
    """The standing memberships of a scheme, for anybody, by provider and lot."""
    query = (
        select(Membership)
        .join(Membership.provider)
        .join(Membership.lot)
        .where(Membership.scheme_id == scheme_id, Membership.state.in_(MEMBER_STATES))
        .options(contains_eager(Membership.provider), contains_eager(Membership.lot))
        .order_by(Provider.name_key, Provider.id, Lot.position)
    )
    return list(db.session.scalars(query))


def public_scheme(scheme_id: UUID) -> Scheme:
    """A scheme whose members anybody may read; raises NotFoundForViewer."""
    return only_one(select(Scheme).where(Scheme.id == scheme_id))


def _overrides(membership: Membership) -> Select[GateOverride]:
    return select(GateOverride).where(
        GateOverride.scheme_id == membership.scheme_id, GateOverride.provider_id == membership.provider_id
    )


def _scope(viewer: Viewer, authority_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    if viewer.is_commissioner:
        return authority_id == viewer.authority_id
    return Provider.organisation_id == viewer.organisation_id


def _membership_parts() -> tuple[Any, ...]:
    return contains_eager(Membership.provider), selectinload(Membership.lot), selectinload(Membership.scheme)


def _by_place(query: Select[T], of: Callable[[T], Any] = lambda row: row) -> dict[Place, tuple[T, ...]]:
    """What a query finds, by scheme and provider."""
    rows: dict[Place, tuple[T, ...]] = {}
    for row in db.session.scalars(query):
        place = of(row).scheme_id, of(row).provider_id
        rows[place] = (*rows.get(place, ()), row)
    return rows


def members_of(scheme_id: UUID, lot_id: UUID | None = None) -> list[Membership]:
    """The memberships of a scheme that stand, with provider, lot and areas; of one lot when it is given."""
    query = (
        select(Membership)
        .where(Membership.scheme_id == scheme_id, Membership.state.in_(MEMBER_STATES))
        .options(selectinload(Membership.areas))
        .join(Provider, Provider.id == Membership.provider_id)
        .order_by(Provider.name_key, Membership.id)
    )
    if lot_id is not None:
        query = query.where(Membership.lot_id == lot_id)
    return list(db.session.scalars(query))


def lots_joined(scheme_id: UUID, provider_id: UUID) -> frozenset[UUID]:
    """The lots of a scheme of which a provider is a member now."""
    query = select(Membership.lot_id).where(
        Membership.scheme_id == scheme_id, Membership.provider_id == provider_id, Membership.state.in_(MEMBER_STATES)
    )
    return frozenset(db.session.scalars(query))


def suspensions_on(scheme_id: UUID, day: date, provider_ids: Iterable[UUID] | None = None) -> list[Suspension]:
    """The suspensions of a scheme that hold on this day, longest first."""
    holding = Suspension.starts_on <= day, Suspension.ends_on >= day, Suspension.lifted_at.is_(None)
    query = select(Suspension).where(Suspension.scheme_id == scheme_id, *holding)
    if provider_ids is not None:
        query = query.where(Suspension.provider_id.in_(list(provider_ids)))
    return list(db.session.scalars(query.order_by(Suspension.ends_on.desc(), Suspension.id)))


def overrides_on(scheme_id: UUID, day: date, provider_ids: Iterable[UUID]) -> dict[UUID, GateOverride]:
    """The overrides of the CQC gate that hold on this day, by the provider's id."""
    query = select(GateOverride).where(
        GateOverride.scheme_id == scheme_id,
        GateOverride.provider_id.in_(list(provider_ids)),
        GateOverride.starts_on <= day,
        GateOverride.ends_on >= day,
        GateOverride.ended_at.is_(None),
    )
    return {override.provider_id: override for override in db.session.scalars(query)}


def documents_of_members() -> Select[Any]:
    """The documents with an expiry on which a standing membership rests, with application and provider."""
    standing = select(Membership.application_id).where(
        Membership.state.in_(MEMBER_STATES), Membership.application_id.is_not(None)
    )
    return (
        select(ApplicationCheck)
        .join(ApplicationCheck.application)
        .join(Application.provider)
        .options(contains_eager(ApplicationCheck.application).contains_eager(Application.provider))
        .where(ApplicationCheck.expires_on.is_not(None), ApplicationCheck.application_id.in_(standing))
        .order_by(ApplicationCheck.expires_on, ApplicationCheck.id)
    )


def lapsed_documents(viewer: Viewer) -> Select[Any]:
    """The documents of an authority's members that have lapsed, longest ago first."""
    mine = ApplicationCheck.authority_id == viewer.authority_id
    return documents_of_members().where(mine, ApplicationCheck.expires_on < clock.today())
