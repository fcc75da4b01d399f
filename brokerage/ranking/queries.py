"""Questions about frozen rankings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.database import db
from app.errors import Conflict, NotFoundForViewer
from app.parties.viewer import Viewer
from brokerage.ranking import facts
from brokerage.ranking.access import reason_against_seeing, refuse_seeing
from brokerage.ranking.models import Ranking
from brokerage.ranking.replay import Reader, ranking_inputs_from_json
from brokerage.ranking.rules import rank
from brokerage.ranking.together import Ordered, order_all
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind

__all__ = [
    "issue_seen",
    "lines_by_member",
    "lines_by_round",
    "names_invited",
    "newest_of_package",
    "newest_rankings",
    "orders_of",
    "ranking_of",
    "rankings_of",
    "reason_against_seeing",
    "refuse_seeing",
    "replayed",
    "round_seen",
]

NOT_RANKED = "The answers have not been ranked yet. Try again in a minute."


def replayed(row: Ranking) -> facts.Ranking:
    """The ranking that the frozen inputs give."""
    return _replayed(row.inputs)


@lru_cache(maxsize=16)
def _replayed(inputs: str) -> facts.Ranking:
    """An award asks several times for the ranking of its round; equal inputs give equal rankings."""
    return rank(ranking_inputs_from_json(inputs))


def rankings_of(round_: Round) -> Sequence[Ranking]:
    """All rankings of a round, newest first."""
    query = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc())
    return db.session.scalars(query).all()


def ranking_of(round_: Round) -> tuple[Ranking, facts.Ranking]:
    """The newest frozen ranking of a round, replayed. Raises Conflict when there is none yet."""
    query = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc()).limit(1)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise Conflict(NOT_RANKED)
    return row, replayed(row)


def newest_rankings(which: Select[UUID]) -> Select[Ranking]:
    """The newest frozen ranking of each of these rounds."""
    last = (
        select(Ranking.round_id, func.max(Ranking.number).label("number"))
        .where(Ranking.round_id.in_(which))
        .group_by(Ranking.round_id)
        .subquery()
    )
    newest = (Ranking.round_id == last.c.round_id) & (Ranking.number == last.c.number)
    return select(Ranking).join(last, newest)


def orders_of(which: Select[UUID]) -> dict[UUID, Ordered]:
    """The order that the newest frozen ranking of each of these rounds gives, all of them read and ranked together.

    A round that has not been ranked yet is left out. The sentences of a place are made by `ranking_of`.
    """
    reader, query = Reader(), newest_rankings(which).with_only_columns(Ranking.round_id, Ranking.inputs)
    inputs = {round_id: reader.inputs_of(text) for round_id, text in db.session.execute(query)}
    return dict(zip(inputs, order_all(list(inputs.values())), strict=True))


def lines_by_member(round_: Round) -> dict[str, UUID]:
    """The offer line of each member in a ranking: `facts.RankingEntry.member` to the line's id."""
    return lines_by_round(select(Round.id).where(Round.id == round_.id)).get(round_.id, {})


def lines_by_round(which: Select[UUID]) -> dict[UUID, dict[str, UUID]]:
    """The same for many rounds, by the id of the round. Only who said yes stands in a ranking, so only their lines."""
    query = (
        select(OfferLine.round_id, Offer.provider_id, OfferLine.id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Response, Response.line_id == OfferLine.id)
        .where(OfferLine.round_id.in_(which), Response.kind == ResponseKind.ACCEPT)
    )
    found: defaultdict[UUID, dict[str, UUID]] = defaultdict(dict)
    for round_id, provider_id, line_id in db.session.execute(query):
        found[round_id][str(provider_id)] = line_id
    return found


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
