"""Ratings that other authorities took in, of providers that the viewer's own authority knows; of no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.membership.queries import known_providers
from marketplace.providers.known import known_to
from marketplace.providers.models import CqcAcceptance, CqcImport, CqcImportState, CqcRating, Provider
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
