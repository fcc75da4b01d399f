"""Questions about frozen rankings, and who may see them: never before the deadline, never before a declaration, never
with a conflict of interest.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.database import db, only_one
from app.errors import Conflict, NotAllowed
from app.parties.roles import Role
from app.parties.viewer import Viewer
from brokerage.ranking.explanations import ExplainedRanking, explain
from brokerage.ranking.inputs import RankingInputs, digest, read_inputs, write_inputs
from brokerage.ranking.models import ConflictDeclaration, EarlyClosing, Ranking
from brokerage.ranking.rules import RankingOrder, rank
from marketplace.answers.views import AnswerCounts, counts_of_reasons
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import IS_OPENED, round_for, rounds_entered_by, sealed_sentence
from marketplace.rounds.rules import ResponseKind, RoundState

DECIDERS = (Role.BROKER, Role.TEAM_MANAGER)
"""Those readers of rankings who decide on them and so declare their interests first."""

READERS = (*DECIDERS, Role.CONTRACT_MANAGER, Role.AUDITOR)

NOT_RANKED = "The answers have not been ranked yet. Try again in a minute."
"""Of a round that is to be ranked; what another says for ever, `why_unranked` knows."""

NOT_DECLARED = "Say first whether you have an interest in any provider. Until then you cannot see the answers."
HAS_CONFLICT = "You declared an interest in a provider, so you cannot see, rank or award this. A colleague does it."


# ------------------------------------------------------------------------------------------------ who may see


def declaration_of(user_id: UUID, issue: Issue) -> ConflictDeclaration | None:
    """What this user declared for the issue."""
    query = select(ConflictDeclaration).where(
        ConflictDeclaration.issue_id == issue.id, ConflictDeclaration.user_id == user_id
    )
    return db.session.scalars(query).one_or_none()


def declared_conflict(user_id: UUID, issue: Issue) -> bool | None:
    """Whether this user declared a conflict of interest for the issue; None while they have declared nothing."""
    declaration = declaration_of(user_id, issue)
    return declaration.has_conflict if declaration else None


def declared_by(user_id: UUID, issue_ids: Collection[UUID]) -> dict[UUID, bool]:
    """What this user declared for each of these issues: whether there is a conflict; nothing where nothing was."""
    query = select(ConflictDeclaration.issue_id, ConflictDeclaration.has_conflict)
    mine = ConflictDeclaration.user_id == user_id, ConflictDeclaration.issue_id.in_(issue_ids)
    return dict(db.session.execute(query.where(*mine)).all())


def reason_against_seeing(viewer: Viewer, issue: Issue) -> str | None:
    """Why this viewer may not see the issue's answers now; None when they may."""
    if issue.is_sealed:
        return sealed_sentence(issue)
    declared = declared_conflict(viewer.user_id, issue)
    if declared:
        return HAS_CONFLICT
    return NOT_DECLARED if declared is None and viewer.has(*DECIDERS) else None


def reads_answers(viewer: Viewer, issue: Issue) -> bool:
    """Whether the viewer reads now what providers answered: nobody but those who may read rankings of the authority."""
    is_own = viewer.is_commissioner and viewer.authority_id == issue.authority_id
    return is_own and viewer.has(*READERS) and reason_against_seeing(viewer, issue) is None


def refuse_while_sealed(issue: Issue) -> None:
    """Raises Conflict until the issue is closed, and for ever where it was taken back: nobody sees an answer."""
    if issue.is_sealed:
        raise Conflict(sealed_sentence(issue))


def refuse_seeing(viewer: Viewer, issue: Issue) -> None:
    """Raises Conflict while sealed or not yet declared, NotAllowed after a declared conflict."""
    refuse_while_sealed(issue)
    reason = reason_against_seeing(viewer, issue)
    if reason == HAS_CONFLICT:
        raise NotAllowed(reason)
    if reason:
        raise Conflict(reason)


# --------------------------------------------------------------------------------------------- rounds and issues


def round_opened(viewer: Viewer, round_id: UUID) -> Round:
    """A round of the viewer's authority of which they may see the answers now; refuses otherwise."""
    round_ = round_for(viewer, round_id)
    refuse_seeing(viewer, round_.issue)
    return round_


def newest_of_package(viewer: Viewer, package_id: UUID) -> Round:
    """The newest round of a package of the viewer's authority."""
    query = select(Round).where(Round.package_id == package_id, Round.authority_id == viewer.authority_id)
    return only_one(query.order_by(Round.number.desc()).limit(1).options(joinedload(Round.issue)))


def newest_opened(viewer: Viewer, package_id: UUID) -> Round | None:
    """The newest round of a package of the viewer's authority whose seal has ended."""
    query = select(Round).join(Round.issue).where(Round.package_id == package_id, *IS_OPENED)
    own = query.where(Round.authority_id == viewer.authority_id).order_by(Round.number.desc()).limit(1)
    return (
        db.session.scalars(own.options(contains_eager(Round.issue))).unique().one_or_none()
        if viewer.is_commissioner
        else None
    )


def names_invited(issue: Issue) -> Sequence[str]:
    """The providers invited, by name."""
    query = select(Provider.name).join(Offer, Offer.provider_id == Provider.id).where(Offer.issue_id == issue.id)
    return db.session.scalars(query.order_by(Provider.name_key, Provider.id)).all()


def open_request(issue: Issue) -> EarlyClosing | None:
    """The request to close this issue early that waits for a second person."""
    query = select(EarlyClosing).where(EarlyClosing.issue_id == issue.id, EarlyClosing.agreed_at.is_(None))
    return db.session.scalars(query.order_by(EarlyClosing.asked_at.desc()).limit(1)).one_or_none()


def entered_by_phone(issue: Issue, user_id: UUID) -> bool:
    """Whether this user entered an answer to any round of the issue by telephone."""
    return bool(rounds_entered_by(select(Round.id).where(Round.issue_id == issue.id), user_id))


# ------------------------------------------------------------------------------------------------------ rankings


def why_unranked(round_: Round) -> str:
    """Why a round has no ranking: not yet, or, where nobody accepted or it ended before, never; with the counts then."""
    if round_.state is RoundState.CLOSED:
        return NOT_RANKED
    counts = counts_of_reasons(Round.id, Round.id == round_.id).get(round_.id, AnswerCounts())
    said = f" {counts.sentence}" if round_.state is RoundState.NONE_ACCEPTED else ""
    return f"{round_.state.sentence}{said} There is no ranking of this round."


class ReplayedRanking(NamedTuple):
    """A frozen ranking made again: `holds` where its frozen inputs still give the frozen digest, and the same order from
    any order of the answers.
    """

    id: UUID
    inputs: RankingInputs
    order: RankingOrder
    holds: bool


def replayed(rows: Sequence[Ranking]) -> list[ReplayedRanking]:
    """The rankings that frozen inputs give, all of them read and ranked at once."""
    inputs = read_inputs(row.inputs for row in rows)
    turned = [replace(each, entries=tuple(reversed(each.entries))) for each in inputs]
    orders = rank([*inputs, *turned])
    replays = zip(rows, inputs, orders[: len(rows)], orders[len(rows) :], write_inputs(inputs), strict=True)
    return [
        ReplayedRanking(row.id, given, order, (text, digest(text), other) == (row.inputs, row.digest, order))
        for row, given, order, other, text in replays
    ]


def newest_replayed(which: Select[UUID]) -> dict[UUID, ReplayedRanking]:
    """The newest frozen ranking of each of these rounds; not of one that has not been ranked yet."""
    rows = db.session.scalars(newest_rankings(which)).all()
    return {row.round_id: ranking for row, ranking in zip(rows, replayed(rows), strict=True)}


def rankings_of(round_: Round) -> Sequence[Ranking]:
    """All rankings of a round, newest first."""
    query = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc())
    return db.session.scalars(query).all()


def ranking_of(round_: Round) -> tuple[Ranking, ExplainedRanking]:
    """The newest frozen ranking of a round, with its sentences. Raises Conflict when there is none yet."""
    row = db.session.scalars(newest_rankings(select(Round.id).where(Round.id == round_.id))).one_or_none()
    if row is None:
        raise Conflict(why_unranked(round_))
    (inputs,) = read_inputs([row.inputs])
    return row, explain(inputs)


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


def orders_of(which: Select[UUID]) -> dict[UUID, RankingOrder]:
    """The order that the newest frozen ranking of each of these rounds gives, all of them read and ranked at once.

    A round that has not been ranked yet is left out. The sentences of a place are made by `ranking_of`.
    """
    query = newest_rankings(which).with_only_columns(Ranking.round_id, Ranking.inputs)
    written = dict(db.session.execute(query).all())
    return dict(zip(written, rank(read_inputs(written.values())), strict=True))


def lines_by_member(round_: Round) -> dict[str, UUID]:
    """The offer line of each member in a ranking: `RankingEntry.member` to the line's id."""
    return lines_by_round(select(Round.id).where(Round.id == round_.id)).get(round_.id, {})


def lines_by_round(which: Select[UUID]) -> dict[UUID, dict[str, UUID]]:
    """The same for many rounds, by the id of the round. Only who said yes stands in a ranking, so only their lines."""
    query = (
        select(OfferLine.round_id, Offer.provider_id, OfferLine.id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Response, Response.line_id == OfferLine.id)
        .where(OfferLine.round_id.in_(which), Response.kind == ResponseKind.ACCEPT)
    )
    lines: defaultdict[UUID, dict[str, UUID]] = defaultdict(dict)
    for round_id, provider_id, line_id in db.session.execute(query):
        lines[round_id][str(provider_id)] = line_id
    return lines
