"""Making rankings, declaring interests, closing before the deadline.

A ranking is frozen with every input and never changed afterwards.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.database import db, locked, new_id
from app.database.bulk import ready_rows
from app.database.sweep import sweep
from app.errors import Conflict, Invalid, NotAllowed, reason_given
from brokerage.ranking.inputs import digest, write_inputs
from brokerage.ranking.models import ConflictDeclaration, EarlyClosing, Ranking
from brokerage.ranking.queries import (
    HAS_CONFLICT,
    declaration_of,
    declared_conflict,
    entered_by_phone,
    newest_rankings,
    open_request,
    refuse_while_sealed,
)
from brokerage.ranking.rules import RankingOrder, rank
from brokerage.ranking.sources import GatheredRound, RoundFacts, closed_rounds, gather
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.queries import all_have_answered, rounds_entered_by, sealed_sentence
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.rounds.services import close_early

FIRST_REASON = "The deadline passed."
MOST_REASON = 300
ALL_ANSWERED = "Everybody who was invited has answered."
ENTERED_BY_PHONE = (
    "You entered an answer to this by phone, so you cannot close it early alone. Somebody else can, "
    "or you give a reason and a second person agrees."
)


# ------------------------------------------------------------------------------------------------------- ranking


def rank_round(round_: Round, *, because: str, by: Actor) -> Ranking:
    """Freezes the ranking of a closed round; gives the newest one again when nothing has changed since.

    Raises Conflict while sealed or after the round has ended, NotAllowed for somebody who has a conflict of interest
    or entered one of its answers by phone.
    """
    which = select(Round.id).where(Round.id == round_.id)
    _lock(round_.issue)
    db.session.refresh(round_, ["state"])
    _refuse_ranking(round_.issue, which, by)
    if round_.state is not RoundState.CLOSED:
        raise Conflict(f"This cannot be ranked now. {round_.state.sentence}")
    _rank(round_.issue, which, because, by)
    return db.session.scalars(newest_rankings(which)).one()


def rank_issue(issue: Issue, *, because: str = FIRST_REASON, by: Actor) -> int:
    """Freezes the rankings of all closed rounds of an issue, set by set; the number of rounds."""
    which = closed_rounds(issue)
    _lock(issue)
    _refuse_ranking(issue, which, by)
    return _rank(issue, which, because, by)


def rank_due() -> int:
    """Ranks every closed issue that has a round without a ranking, by itself; the number of issues."""
    unranked = (
        select(Round.issue_id)
        .outerjoin(Ranking, Ranking.round_id == Round.id)
        .join(Issue, Issue.id == Round.issue_id)
        .where(Round.state == RoundState.CLOSED, Ranking.id.is_(None), Issue.state == OfferState.CLOSED)
        .distinct()
    )
    return sweep(unranked.order_by(Round.issue_id), _rank_by_itself)


def _rank_by_itself(issue_id: UUID) -> bool:
    if db.session.scalar(locked(select(Issue.id).where(Issue.id == issue_id), skip=True)) is None:
        return False
    rank_issue(db.session.get_one(Issue, issue_id), by=SYSTEM)
    return True


def _lock(issue: Issue) -> None:
    """One ranking of an issue at a time; what a parallel request changed is read anew."""
    db.session.execute(locked(select(Issue.id).where(Issue.id == issue.id)))
    db.session.refresh(issue, ["state", "deadline", "ended_at"])


def _refuse_ranking(issue: Issue, which: Select[UUID], by: Actor) -> None:
    refuse_while_sealed(issue)
    if by.id is None:
        return
    if declared_conflict(by.id, issue):
        raise NotAllowed(HAS_CONFLICT)
    if rounds_entered_by(which, by.id):
        raise NotAllowed("You entered an answer to this by phone, so somebody else must rank and award it.")


def _rank(issue: Issue, which: Select[UUID], because: str, by: Actor) -> int:
    """Freezes rankings in three statements. What cannot be ordered is not frozen: ValueError says why."""
    gathered = gather(issue, which)
    frozen = _frozen(gathered, which, because.strip()[:MOST_REASON])
    ready_rows(Ranking, [row for _, row, _ in frozen]).write()
    facts = [(about, audited) for about, _, audited in frozen]
    audit.record_told("ranking:made", facts, by=by, reason=because.strip()[:MOST_REASON])
    return len(gathered)


def _frozen(
    gathered: Sequence[GatheredRound], which: Select[UUID], because: str
) -> list[tuple[RoundFacts, dict[str, Any], dict[str, object]]]:
    """The rows of these rankings and what the audit keeps; none where nothing has changed since the newest one.

    The audit keeps a digest of each order, so that it can be shown later that the order is still the one of that day.
    """
    shown = (Ranking.round_id, Ranking.number, Ranking.digest, Ranking.left_out)
    newest = {row.round_id: row for row in db.session.execute(newest_rankings(which).with_only_columns(*shown))}
    inputs = [round_.inputs for round_ in gathered]
    frozen = []
    for round_, order, text in zip(gathered, rank(inputs), write_inputs(inputs), strict=True):
        if row := _row(round_, text, newest.get(round_.about.id), because):
            frozen.append((round_.about, row, _audited(round_, order, row)))
    return frozen


def _row(round_: GatheredRound, text: str, before: Any, because: str) -> dict[str, Any] | None:
    """The row of a ranking; None where it is the same as the newest one before."""
    fingerprint, left_out = digest(text), round_.left_out
    if before is not None and (before.digest, before.left_out) == (fingerprint, left_out):
        return None
    return {
        "id": new_id(),
        "authority_id": round_.about.authority_id,
        "round_id": round_.about.id,
        "number": before.number + 1 if before else 1,
        "made_at": clock.now(),
        "because": because,
        "inputs": text,
        "digest": fingerprint,
        "left_out": left_out,
    }


def _audited(round_: GatheredRound, order: RankingOrder, row: dict[str, Any]) -> dict[str, object]:
    return {
        "number": row["number"],
        "answers": len(round_.inputs.entries),
        "left_out": len(row["left_out"]),
        "digest": row["digest"],
        "order": order.digest,
    }


# -------------------------------------------------------------------------------------------- declaring interests


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


# ------------------------------------------------------------------------------------- closing before the deadline


def ask_to_close_early(issue: Issue, reason: str, *, by: Actor) -> EarlyClosing:
    """Asks a second person to agree. Raises Invalid without a reason, Conflict when one waits already."""
    asker = _person(issue, by)
    reason = reason_given(reason, "reason", what="Say why the round must close early")
    _lock_open(issue)
    if open_request(issue) is not None:
        raise Conflict("Somebody has asked to close this early already. A second person can agree.")
    request = EarlyClosing(authority_id=issue.authority_id, issue_id=issue.id, reason=reason, asked_by=asker)
    db.session.add(request)
    db.session.flush()
    audit.record("ranking:early_closing_asked", issue, by=by, reason=reason)
    return request


def agree_to_close_early(issue: Issue, *, by: Actor) -> None:
    """Closes the rounds now and tells everybody invited. Raises NotAllowed for whoever asked, Conflict without a request."""
    agreeing = _person(issue, by)
    _lock_open(issue)
    request = open_request(issue)
    if request is None:
        raise Conflict("Nobody has asked to close this early, or somebody has agreed already.")
    if request.asked_by == agreeing:
        raise NotAllowed("You asked for this, so a second person must agree.")
    request.agreed_by, request.agreed_at = agreeing, clock.now()
    db.session.flush()
    audit.record("ranking:early_closing_agreed", issue, by=by, reason=request.reason)
    close_early(issue, request.reason, by=by)


def close_when_answered(issue: Issue, *, by: Actor) -> None:
    """Closes the rounds now, for everybody invited has answered; they are told. Raises Conflict while one has not.

    Raises NotAllowed for whoever entered one of the answers by telephone: nobody completes a round and closes it alone.
    """
    person = _person(issue, by)
    _lock_open(issue)
    if entered_by_phone(issue, person):
        raise NotAllowed(ENTERED_BY_PHONE)
    if not all_have_answered(issue):
        raise Conflict("Not everybody who was invited has answered. Give a reason and ask a second person.")
    audit.record("ranking:closed_early", issue, by=by, reason=ALL_ANSWERED)
    close_early(issue, ALL_ANSWERED, by=by)


def refuse_unless_open(issue: Issue) -> None:
    """Raises Conflict where there is nothing to close early."""
    if issue.state is OfferState.CLOSED:
        raise Conflict("This round is closed already. Its answers can be ranked.")
    if issue.state is not OfferState.OPEN:
        raise Conflict(sealed_sentence(issue))


def _person(issue: Issue, by: Actor) -> UUID:
    if by.id is None:
        raise NotAllowed("Only a person can close a round early.")
    if declared_conflict(by.id, issue):
        raise NotAllowed(HAS_CONFLICT)
    return by.id


def _lock_open(issue: Issue) -> None:
    _lock(issue)
    refuse_unless_open(issue)
    if clock.now() >= issue.deadline:
        raise Conflict("The deadline has passed already. The round is being closed.")
