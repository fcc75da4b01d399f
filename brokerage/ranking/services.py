"""Making rankings and declaring interests. A ranking is frozen with every input and never changed afterwards."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from app import audit, clock
from app.audit import Actor
from app.database import db, locked
from app.errors import Conflict, Invalid, NotAllowed
from brokerage.ranking.access import HAS_CONFLICT, Declared, declaration_of, declared_by
from brokerage.ranking.assembling import assemble, refuse_while_sealed
from brokerage.ranking.freezing import freeze
from brokerage.ranking.meant import closed_rounds
from brokerage.ranking.models import ConflictDeclaration, Ranking
from brokerage.ranking.queries import replayed
from brokerage.ranking.replay import digest, ranking_inputs_from_json, ranking_inputs_to_json
from brokerage.ranking.rules import rank
from brokerage.ranking.together import order_all
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.queries import officer_entered_any
from marketplace.rounds.rules import RoundState

FIRST_REASON = "The deadline passed."


def rank_round(round_: Round, *, because: str, by: Actor) -> Ranking:
    """Freezes the ranking of a closed round; gives the newest one again when nothing has changed since.

    Raises Conflict while sealed or after the round has ended, NotAllowed for somebody who has a conflict of interest
    or entered one of its answers by phone.
    """
    issue = round_.issue
    _lock(issue)
    db.session.refresh(round_, ["state"])
    _refuse_ranking(issue, select(Round.id).where(Round.id == round_.id), by)
    if round_.state is not RoundState.CLOSED:
        raise Conflict(f"This cannot be ranked now. {round_.state.sentence}")
    which = select(Round.id).where(Round.id == round_.id)
    _rank(issue, which, because, by)
    newest = select(Ranking).where(Ranking.round_id == round_.id).order_by(Ranking.number.desc()).limit(1)
    return db.session.scalars(newest).one()


def rank_issue(issue: Issue, *, because: str = FIRST_REASON, by: Actor) -> int:
    """Freezes the rankings of all closed rounds of an issue, set by set; the number of rounds."""
    _lock(issue)
    which = closed_rounds(issue)
    _refuse_ranking(issue, which, by)
    return _rank(issue, which, because, by)


def _rank(issue: Issue, which: Select[UUID], because: str, by: Actor) -> int:
    """What cannot be ordered is not frozen: ValueError says why."""
    made = assemble(issue, which)
    freeze(made, order_all([one.inputs for one in made]), which, because, by)
    return len(made)


def replays(ranking: Ranking) -> bool:
    """Whether the frozen inputs still give the frozen digest, and the same order from any order of the answers."""
    inputs = ranking_inputs_from_json(ranking.inputs)
    if digest(inputs) != ranking.digest or ranking_inputs_to_json(inputs) != ranking.inputs:
        return False
    turned = type(inputs)(inputs.reference, inputs.seed, inputs.terms, inputs.mix, tuple(reversed(inputs.entries)))
    return rank(turned) == replayed(ranking)


def declare_conflict(issue: Issue, has_conflict: bool, note: str, *, by: Actor) -> ConflictDeclaration:
    """Writes down whether somebody has an interest in a provider of an issue.

    A conflict found later can be added; one that was declared is not taken back here. Raises Invalid and Conflict.
    """
    note = note.strip()
    if has_conflict and not note:
        raise Invalid({"note": "Say which provider, and what your interest is."})
    if len(note) > 500:
        raise Invalid({"note": "Use 500 characters or fewer."})
    if by.id is None:
        raise NotAllowed("Only a person can declare an interest.")
    declared = declaration_of(by.id, issue) or ConflictDeclaration(
        authority_id=issue.authority_id, issue_id=issue.id, user_id=by.id, has_conflict=False
    )
    if declared.has_conflict and not has_conflict:
        raise Conflict("You declared an interest before. Ask your team manager if that was a mistake.")
    declared.has_conflict, declared.note, declared.declared_at = has_conflict, note or None, clock.now()
    db.session.add(declared)
    db.session.flush()
    audit.record("ranking:declared", issue, by=by, conflict=has_conflict)
    return declared


def _lock(issue: Issue) -> None:
    """One ranking of an issue at a time; what a parallel request changed is read anew."""
    db.session.execute(locked(select(Issue.id).where(Issue.id == issue.id)))
    db.session.refresh(issue, ["state", "deadline", "ended_at"])


def _refuse_ranking(issue: Issue, which: Select[UUID], by: Actor) -> None:
    refuse_while_sealed(issue)
    if by.id is None:
        return
    if declared_by(by.id, issue) is Declared.CONFLICT:
        raise NotAllowed(HAS_CONFLICT)
    if officer_entered_any(which, by.id):
        raise NotAllowed("You entered an answer to this by phone, so somebody else must rank and award it.")
