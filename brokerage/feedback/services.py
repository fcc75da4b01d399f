"""Writing the automatic letters: one per provider that answered, with its own figures and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import audit, clock
from app.audit import SYSTEM
from app.database import db, locked, new_id
from app.database.sweep import sweep
from app.errors import Conflict
from app.messages import Letter
from app.values.rounding import decimal_text
from brokerage.feedback.letters import outcome_letter, send_outcomes
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import LetterFacts, Outcome, letter_facts
from brokerage.ranking.explanations import ExplainedPlace
from brokerage.ranking.inputs import RankingTerms
from brokerage.ranking.queries import ranking_of
from marketplace.rounds.models import Offer, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState

ANSWERED = (
    ResponseState.SUBMITTED,
    ResponseState.AWARDED,
    ResponseState.NOT_AWARDED,
    ResponseState.PULLED_OUT,
)


def write_letters(round_: Round, outcome: Outcome, *, awarded_line_id: UUID | None = None) -> list[FeedbackLetter]:
    """Writes and sends the letters of a round that has ended; `outcome` is that of everybody but the one awarded.

    The one awarded gets its figures here and its message from the award. Who was told before, in the same round and
    with the same outcome, is not told again.
    """
    lines, known = _answered(round_), _letters_of(round_)
    places, terms = _places(round_)
    awarded = next((line for line in lines if line.id == awarded_line_id), None)
    best = places[str(awarded.offer.provider_id)].scored.score if awarded else None
    written: list[tuple[FeedbackLetter, Letter]] = []
    for line in lines:
        own = Outcome.AWARDED if line.id == awarded_line_id else outcome
        before = known.get(line.id)
        if before is None or before.outcome not in (own.value, Outcome.AWARDED.value):
            facts = _facts(line, places, terms, own, best)
            written.append(_write(before, line, facts, own))
    db.session.flush()
    send_outcomes([(row, text) for row, text in written if row.outcome != Outcome.AWARDED.value])
    audit.record("feedback:written", round_, by=SYSTEM, outcome=outcome.value, letters=len(written))
    return [row for row, _ in written]


def write_due() -> int:
    """Writes by itself to all who said no, where nobody said yes and so no award would tell them; the number of rounds."""
    untold = (
        select(Round.id)
        .join(OfferLine, OfferLine.round_id == Round.id)
        .join(Response, Response.line_id == OfferLine.id)
        .outerjoin(FeedbackLetter, FeedbackLetter.line_id == OfferLine.id)
        .where(
            Round.state == RoundState.NONE_ACCEPTED,
            Response.state == ResponseState.SUBMITTED,
            FeedbackLetter.id.is_(None),
        )
        .distinct()
    )
    return sweep(untold.order_by(Round.id), _write_by_itself)


def _write_by_itself(round_id: UUID) -> bool:
    if db.session.scalar(locked(select(Round.id).where(Round.id == round_id), skip=True)) is None:
        return False
    return bool(write_letters(db.session.get_one(Round, round_id), Outcome.NONE_SUITABLE))


def _answered(round_: Round) -> Sequence[OfferLine]:
    query = (
        select(OfferLine)
        .join(Response, Response.line_id == OfferLine.id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .where(OfferLine.round_id == round_.id, Response.state.in_(ANSWERED))
        .options(joinedload(OfferLine.offer).joinedload(Offer.provider), joinedload(OfferLine.response))
        .order_by(Offer.reference)
    )
    return db.session.scalars(query).unique().all()


def _letters_of(round_: Round) -> dict[UUID, FeedbackLetter]:
    query = select(FeedbackLetter).where(FeedbackLetter.round_id == round_.id)
    return {letter.line_id: letter for letter in db.session.scalars(query)}


def _places(round_: Round) -> tuple[dict[str, ExplainedPlace], RankingTerms | None]:
    """The places by member, and the terms they were judged by; nothing when the round was never ranked."""
    try:
        _, ranking = ranking_of(round_)
    except Conflict:
        return {}, None
    return {place.scored.entry.member: place for place in ranking.places}, ranking.inputs.terms


def _facts(
    line: OfferLine,
    places: dict[str, ExplainedPlace],
    terms: RankingTerms | None,
    outcome: Outcome,
    best: Fraction | None,
) -> LetterFacts | None:
    """The figures of an answer that was ranked; None for a decline, and for a yes that was left out."""
    place = places.get(str(line.offer.provider_id))
    said_yes = line.response is not None and line.response.kind is ResponseKind.ACCEPT
    if place is None or terms is None or not said_yes:
        return None
    return letter_facts(line.round.package.reference, place, terms, outcome, best)


def _write(
    before: FeedbackLetter | None, line: OfferLine, facts: LetterFacts | None, own: Outcome
) -> tuple[FeedbackLetter, Letter]:
    row = before or FeedbackLetter(
        id=new_id(),
        authority_id=line.authority_id,
        line_id=line.id,
        round_id=line.round_id,
        provider_id=line.offer.provider_id,
    )
    row.outcome, row.written_at = own.value, clock.now()
    letter = outcome_letter(row, line.round.package.reference, facts)
    row.sentences = letter.body.split("\n\n")
    row.gap_band, row.figures = (facts.gap, _figures(facts)) if facts else (None, {})
    db.session.add(row)
    return row, letter


def _figures(facts: LetterFacts) -> dict[str, object]:
    lines = [
        {"name": line.name, "points": decimal_text(line.points), "most": decimal_text(line.most)}
        for line in facts.lines
    ]
    return {"score": decimal_text(facts.score), "lines": lines, "absent": list(facts.absent)}
