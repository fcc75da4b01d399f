"""Writing the automatic letters: one per provider that answered, with its own figures and nothing of anybody else."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, update

from app import audit, clock
from app.audit import SYSTEM
from app.database import db, locked, new_id
from app.database.bulk import ready_rows
from app.database.many import listed
from app.database.sweep import sweep
from app.messages import Letter
from app.values.rounding import decimal_text
from brokerage.feedback.letters import OUTCOME, Told, send_outcomes
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import LetterFacts, LetterWriter, Outcome
from brokerage.ranking.explanations import ScoredAnswer, score
from brokerage.ranking.inputs import RankingTerms
from brokerage.ranking.queries import ReplayedRanking, newest_replayed
from marketplace.rounds.models import Offer, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState

ANSWERED = (
    ResponseState.SUBMITTED,
    ResponseState.AWARDED,
    ResponseState.NOT_AWARDED,
    ResponseState.PULLED_OUT,
)
Places = Mapping[tuple[UUID, str], tuple[ScoredAnswer, RankingTerms]]
"""Each answer that was ranked, by round and member, with the terms it was judged by."""


def write_letters(
    rounds: Sequence[Round], outcome: Outcome, awarded: Mapping[UUID, ReplayedRanking] | None = None
) -> int:
    """Writes and sends the letters of rounds of one issue that have ended, and says how many.

    `outcome` is that of everybody but those `awarded`, by their offer lines, with the ranking of their round: they get
    their figures here and their message from the award. Who was told before, in the same round and with the same outcome, is not told again. A
    provider with several answers reads of all of them in one message.
    """
    which, awarded = listed(round_.id for round_ in rounds), awarded or {}
    answers, known = _answered(which), _told_before(which)
    rankings = {answer.round_id: awarded[answer.line_id] for answer in answers if answer.line_id in awarded}
    places = _places(rankings or newest_replayed(which))
    references = {round_.id: round_.package.reference for round_ in rounds}
    best = {
        answer.round_id: places[answer.round_id, str(answer.provider_id)][0].score
        for answer in answers
        if answer.line_id in awarded
    }
    written, writer = list[tuple[dict[str, Any], Letter]](), LetterWriter()
    for answer in answers:
        own, before = Outcome.AWARDED if answer.line_id in awarded else outcome, known.get(answer.line_id)
        if before is None or before.outcome not in (own.value, Outcome.AWARDED.value):
            reference, place = references[answer.round_id], places.get((answer.round_id, str(answer.provider_id)))
            facts = None  # of a decline, and of a yes that was left out of the ranking
            if place is not None and answer.kind is ResponseKind.ACCEPT:
                facts = writer.facts(reference, *place, own, best.get(answer.round_id))
            written.append(_write(before.id if before else new_id(), answer, own, reference, facts))
    _keep([row for row, _ in written], {letter.id for letter in known.values()})
    others = [(row, letter) for row, letter in written if row["outcome"] != Outcome.AWARDED.value]
    told = [Told(row["provider_id"], bool(row["figures"]), letter) for row, letter in others]
    send_outcomes(told, rounds[0].issue_id, rounds[0].authority_id)
    letters = Counter(row["round_id"] for row, _ in written)
    recorded = [(round_, {"outcome": outcome.value, "letters": letters[round_.id]}) for round_ in rounds]
    audit.record_told("feedback:written", recorded, by=SYSTEM)
    return len(written)


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
    return bool(write_letters([db.session.get_one(Round, round_id)], Outcome.NONE_SUITABLE))


def _answered(which: Select[UUID]) -> Sequence[Row[Any]]:
    """Every answer that was sent and stands, by offer."""
    query = (
        select(OfferLine.id.label("line_id"), OfferLine.round_id, OfferLine.authority_id, Offer.provider_id)
        .add_columns(Response.kind)
        .join(Response, Response.line_id == OfferLine.id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .where(OfferLine.round_id.in_(which), Response.state.in_(ANSWERED))
        .order_by(Offer.reference, OfferLine.round_id)
    )
    return db.session.execute(query).all()


def _told_before(which: Select[UUID]) -> dict[UUID, Any]:
    query = select(FeedbackLetter.id, FeedbackLetter.line_id, FeedbackLetter.outcome)
    return {row.line_id: row for row in db.session.execute(query.where(FeedbackLetter.round_id.in_(which)))}


def _places(rankings: Mapping[UUID, ReplayedRanking]) -> Places:
    return {
        (round_id, scored.entry.member): (scored, ranking.inputs.terms)
        for round_id, ranking in rankings.items()
        for scored in score(ranking.inputs, ranking.order)
    }


def _write(
    letter_id: UUID, answer: Row[Any], own: Outcome, reference: str, facts: LetterFacts | None
) -> tuple[dict[str, Any], Letter]:
    """The letter about one package as it is kept, and as it is sent; without figures where there are none to tell."""
    letter = OUTCOME.write(letter_id, answer.authority_id, outcome=own.value, reference=reference, figures=facts)
    row = {
        "id": letter_id,
        "authority_id": answer.authority_id,
        "line_id": answer.line_id,
        "round_id": answer.round_id,
        "provider_id": answer.provider_id,
        "outcome": own.value,
        "gap_band": facts.gap if facts else None,
        "figures": _figures(facts) if facts else {},
        "sentences": letter.body.split("\n\n"),
        "written_at": clock.now(),
    }
    return row, letter


def _keep(rows: Sequence[dict[str, Any]], known: Collection[UUID]) -> None:
    """Writes new letters, and those anew whose round has come out otherwise since."""
    ready_rows(FeedbackLetter, [row for row in rows if row["id"] not in known]).write()
    if changed := [row for row in rows if row["id"] in known]:
        db.session.execute(update(FeedbackLetter), changed)


def _figures(facts: LetterFacts) -> dict[str, object]:
    lines = [line.figures for line in facts.lines]
    return {"score": decimal_text(facts.score), "lines": lines, "absent": list(facts.absent)}
