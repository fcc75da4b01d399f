"""Which locations the register shows to whom, and ratings that other authorities took in of providers known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true

from app.database import db, only_one
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.applications.models import Application
from marketplace.membership.models import Membership
from marketplace.membership.queries import known_providers
from marketplace.providers.known import known_to
from marketplace.providers.models import CqcAcceptance, CqcImport, CqcImportState, CqcRating, Provider
from marketplace.providers.queries import visible_providers, with_lists
from marketplace.vocabulary import Rating


@dataclass(frozen=True, slots=True)
class OthersRating:
    """What another authority took in of one provider, beside what counts for the viewer's own now."""

    provider: Provider
    stated: CqcRating
    counts: Rating


@dataclass(frozen=True, slots=True)
class OthersRun:
    """One run of another authority, as far as it concerns the viewer's, and how that decided, if it did."""

    run: CqcImport
    decision: CqcAcceptance | None
    ratings: tuple[OthersRating, ...]

    @property
    def provider_ids(self) -> frozenset[UUID]:
        return frozenset(one.provider.id for one in self.ratings)


def is_shown(viewer: Viewer) -> ColumnElement[bool]:
    """Which of the locations a viewer may know are in the register for them: all but those that only ask to join others.

    Who is a member somewhere is public. Who applied to another authority, and what became of that, is not.
    """
    if not viewer.is_commissioner:
        return true()
    applied = select(Application.id).where(Application.provider_id == Provider.id)
    own = applied.where(Application.authority_id == viewer.authority_id)
    joined = select(Membership.id).where(Membership.provider_id == Provider.id)
    return ~applied.exists() | own.exists() | joined.exists()


def shown_provider(viewer: Viewer, provider_id: UUID) -> Provider:
    """One location of the register with skills, languages and contacts; raises NotFoundForViewer."""
    query = visible_providers(viewer).where(Provider.id == provider_id, is_shown(viewer))
    return only_one(query.options(*with_lists()))


def runs_of_others(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Each run of another authority with the decision of the viewer's, newest first. Shared runs count already."""
    known = known_providers(viewer.authority_id).with_only_columns(Provider.id).order_by(None)
    stated = select(CqcRating.run_id).where(CqcRating.provider_id.in_(known), CqcRating.run_id.is_not(None))
    decided = (CqcAcceptance.run_id == CqcImport.id) & (CqcAcceptance.authority_id == viewer.authority_id)
    return (
        select(CqcImport, CqcAcceptance)
        .outerjoin(CqcAcceptance, decided)
        .where(
            CqcImport.authority_id != viewer.authority_id,
            CqcImport.shared.is_(False),
            CqcImport.state == CqcImportState.APPLIED,
            CqcImport.id.in_(stated),
        )
        .order_by(CqcImport.imported_at.desc(), CqcImport.id)
    )


def undecided_runs_of_others(viewer: Viewer) -> Select[Any]:
    """Those that wait for a decision."""
    return runs_of_others(viewer).where(CqcAcceptance.id.is_(None)).with_only_columns(CqcImport)


def run_of_others(viewer: Viewer, run_id: UUID) -> OthersRun:
    """One of them with its ratings; raises NotFoundForViewer."""
    found = db.session.execute(runs_of_others(viewer).where(CqcImport.id == run_id)).one_or_none()
    if found is None:
        raise NotFoundForViewer
    run, decision = found
    providers = {one.id: one for one in db.session.scalars(known_providers(viewer.authority_id))}
    query = select(CqcRating).where(CqcRating.run_id == run.id, CqcRating.authority_id == run.authority_id)
    rows = db.session.scalars(query.where(CqcRating.provider_id.in_(providers))).all()
    known = known_to(viewer.authority_id, [providers[row.provider_id] for row in rows])
    ratings = [OthersRating(providers[row.provider_id], row, known[row.provider_id].rating) for row in rows]
    return OthersRun(run, decision, tuple(sorted(ratings, key=lambda one: one.provider.name_key)))
