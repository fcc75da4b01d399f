"""Questions about frozen rankings."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.database import db
from app.errors import Conflict, NotFoundForViewer
from app.parties.viewer import Viewer
from brokerage.ranking import facts
from brokerage.ranking.access import reason_against_seeing, refuse_seeing
from brokerage.ranking.models import Ranking
from brokerage.ranking.replay import ranking_inputs_from_json
from brokerage.ranking.rules import rank
from marketplace.offers.models import Issue, Offer, OfferLine, Round
from marketplace.packages.models import Package
from marketplace.providers.models import Provider

__all__ = [
    "issue_seen",
    "lines_by_member",
    "names_invited",
    "newest_of_package",
    "ranking_of",
    "rankings_of",
    "reason_against_seeing",
    "refuse_seeing",
    "replayed",
    "round_seen",
]


def replayed(row: Ranking) -> facts.Ranking:
    """The ranking that the frozen inputs give."""
    return rank(ranking_inputs_from_json(row.inputs))


def rankings_of(round_: Round) -> Sequence[Ranking]:
    """All rankings of a round, newest first."""
    query = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc())
    return db.session.scalars(query).all()


def ranking_of(round_: Round) -> tuple[Ranking, facts.Ranking]:
    """The newest frozen ranking of a round, replayed. Raises Conflict when there is none yet."""
    query = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc()).limit(1)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise Conflict("The answers have not been ranked yet. Try again in a minute.")
    return row, replayed(row)


def lines_by_member(round_: Round) -> dict[str, UUID]:
    """The offer line of each member in a ranking: `facts.RankingEntry.member` to the line's id."""
    query = select(Offer.provider_id, OfferLine.id).join(OfferLine, OfferLine.offer_id == Offer.id)
    rows = db.session.execute(query.where(OfferLine.round_id == round_.id))
    return {str(provider_id): line_id for provider_id, line_id in rows}


def round_seen(viewer: Viewer, round_id: UUID) -> Round:
    """A round of the viewer's authority, with its package and issue; whether its answers may be seen is another thing."""
    query = _rounds(viewer).where(Round.id == round_id)
    return _found(db.session.scalars(query).unique().one_or_none())


def newest_of_package(viewer: Viewer, package_id: UUID) -> Round:
    """The newest round of a package of the viewer's authority."""
    query = _rounds(viewer).where(Round.package_id == package_id).order_by(Round.number.desc()).limit(1)
    return _found(db.session.scalars(query).unique().one_or_none())


def issue_seen(viewer: Viewer, issue_id: UUID) -> Issue:
    """An issue of the viewer's authority."""
    query = select(Issue).where(Issue.authority_id == viewer.authority_id, Issue.id == issue_id)
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFoundForViewer
    return found


def names_invited(issue: Issue) -> Sequence[str]:
    """The providers invited, by name."""
    query = select(Provider.name).join(Offer, Offer.provider_id == Provider.id).where(Offer.issue_id == issue.id)
    return db.session.scalars(query.order_by(Provider.name, Provider.id)).all()


def _rounds(viewer: Viewer) -> Select[Round]:
    return (
        select(Round)
        .where(Round.authority_id == viewer.authority_id)
        .options(joinedload(Round.issue).joinedload(Issue.lot), joinedload(Round.package).joinedload(Package.zone))
    )


def _found(round_: Round | None) -> Round:
    if round_ is None:
        raise NotFoundForViewer
    return round_
