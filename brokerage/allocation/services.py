"""Awarding: one decision per round, asked again in full inside the transaction that makes it.

An award takes capacity, makes the agreement, ends the round and tells everybody who answered. Above the scheme's limit,
or below its quality minimum, it is only proposed: it holds the package and the capacity, tells no provider, and a
second person approves or refuses it. How awards end stands in `ending`.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state_where
from app.database import db, locked, new_id
from app.database.many import among
from app.errors import Conflict, Invalid, Refusal
from app.values.reference import new_reference
from brokerage.allocation import rules
from brokerage.allocation.candidates import (
    AwardBasis,
    Candidate,
    WantedAward,
    decided_sentence,
    has_lapsed,
    live_awards,
)
from brokerage.allocation.letters import tell_winners
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice, AwardState, ReasonAgainst
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from contracts.agreements.services import AgreementTerms, put_in_force
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.rounds.models import OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState
from marketplace.rounds.services import end_rounds

Made = Sequence[tuple[Award, Candidate]]


def award(wanted: Sequence[WantedAward], *, by: Actor) -> list[Award]:
    """Awards packages of one issue to the providers of these answers, or proposes it (state PROPOSED), all or none.

    Raises Conflict when a round is decided or the facts have changed, Invalid by field when a reason is wanting.
    """
    candidates, refusals = judge(wanted, by=by)
    for refusal in refusals.values():
        raise refusal
    return make(candidates, by=by)


def judge(wanted: Sequence[WantedAward], *, by: Actor) -> tuple[list[Candidate], dict[str, Refusal]]:
    """Who can be awarded as things stand, locked until the end of the transaction; and why not, by package reference.

    One after another, and each takes its hours at once: the next finds so many less.
    """
    candidates: list[Candidate] = []
    refusals: dict[str, Refusal] = {}
    if not wanted:
        return candidates, refusals
    rounds = [each.line.round for each in wanted]
    lock_rounds(rounds)
    live, basis = live_awards(rounds), AwardBasis(wanted, by.id, lock=True)
    for each in wanted:
        try:
            if each.held is None and (holder := live.get(each.line.round_id)):
                raise Conflict(decided_sentence(holder))
            candidate = basis.candidate(each)
            _refuse_against(candidate, basis.reasons_against(candidate))
        except Refusal as refusal:
            refusals[each.line.round.package.reference] = refusal
        else:
            basis.take_hours(candidate)
            candidates.append(candidate)
    return candidates, refusals


def make(candidates: Sequence[Candidate], *, by: Actor) -> list[Award]:
    """Makes the awards that were judged, and proposes those that a second person must approve."""
    _confirm_needs(candidates, by)
    made = list(zip(_insert([_row(candidate, by) for candidate in candidates]), candidates, strict=True))
    for state, tag in ((AwardState.PROPOSED, "award:proposed"), (AwardState.AWARDED, "award:made")):
        _record(tag, [(award, candidate) for award, candidate in made if award.state is state], by)
    _take_effect([(award, candidate) for award, candidate in made if award.state is AwardState.AWARDED], by)
    return [award for award, _ in made]


def approve(award: Award, *, by: Actor, need_confirmed_with: str = "") -> Award:
    """A second person approves a proposed award, and that is the award. Everything is asked again.

    Raises Conflict when it is not open any more, when the approver proposed it, or when the facts have changed.
    """
    lock_rounds([award.round])
    refuse_unless_open(award)
    if by.id is None:
        raise Conflict("Only a person can approve an award.")
    if reason := rules.reason_against_approval(str(award.made_by), str(by.id)):
        raise Conflict(reason)
    choice = _choice_of(award, need_confirmed_with)
    candidates, refusals = judge([WantedAward(award.line, choice, held=award)], by=by)
    for refusal in refusals.values():
        raise refusal
    _confirm_needs(candidates, by)
    names: dict[str, Any] = {"reference": award.reference, "provider": award.provider.name}
    approval = {"approved_by": by.id, "awarded_at": clock.now()}
    move([award], AwardState.AWARDED, "award:approved", by=by, values=approval, **names)
    audit.record("award:made", award.round, by=by, price_pence=award.price_pence, place=award.place, **names)
    _take_effect([(award, candidate) for candidate in candidates], by)
    return award


def lock_rounds(rounds: Sequence[Round]) -> None:
    """Rounds as they are now, locked until the end of the transaction; their packages first, as withdrawing does.

    Always in the same order, so that two who lock several wait for each other and never deadlock.
    """
    packages = select(Package.id).where(among(Package.id, [round_.package_id for round_ in rounds]))
    db.session.execute(locked(packages.order_by(Package.id)))
    query = select(Round).where(among(Round.id, [round_.id for round_ in rounds])).order_by(Round.id)
    db.session.scalars(locked(query)).unique().all()


def refuse_decided(round_: Round) -> None:
    """Raises Conflict naming who awarded it, and when, if somebody did."""
    for live in live_awards([round_]).values():
        raise Conflict(decided_sentence(live))


def _refuse_against(candidate: Candidate, reasons: Sequence[ReasonAgainst]) -> None:
    """Raises Conflict with what nobody can mend here; else Invalid, naming the fields where something is wanting."""
    wanting = {candidate.field_of(reason): reason.sentence for reason in reasons}
    if beyond_mending := [reason.sentence for reason in reasons if not candidate.field_of(reason)]:
        raise Conflict(" ".join(beyond_mending))
    if wanting:
        raise Invalid(wanting)


def _confirm_needs(candidates: Sequence[Candidate], by: Actor) -> None:
    """Notes that the care is still needed, where the broker confirmed it with the award."""
    confirmed: defaultdict[str, list[Package]] = defaultdict(list)
    for candidate in candidates:
        confirmed[candidate.wanted.choice.need_confirmed_with.strip()].append(candidate.package)
    for with_whom in filter(None, confirmed):
        try:
            packages.confirm_need(confirmed[with_whom], needed=True, with_whom=with_whom, by=by)
        except Invalid as refusal:
            raise Invalid({"need_confirmed_with": refusal.sentence}) from refusal


def _take_effect(made: Made, by: Actor) -> None:
    """Awards become real: packages awarded, rounds ended, agreements in force, everybody told."""
    if not made:
        return
    packages.mark_awarded([candidate.package for _, candidate in made], by=by)
    rounds = {award.round: f"Award {award.reference}" for award, _ in made}
    end_rounds(rounds, RoundState.AWARDED, by=by)
    move_answers([award.line_id for award, _ in made], ResponseState.AWARDED)
    mark_not_awarded(rounds)
    agreements = put_in_force([_terms(*pair) for pair in made], by=by)
    tell_winners([(award, agreement) for (award, _), agreement in zip(made, agreements, strict=True)])
    write_letters(list(rounds), Outcome.NOT_AWARDED, {award.line_id: candidate.ranking for award, candidate in made})


def _terms(award: Award, candidate: Candidate) -> AgreementTerms:
    return AgreementTerms(
        package=candidate.package,
        provider=candidate.line.offer.provider,
        award_id=award.id,
        price_pence=award.price_pence,
        unit=candidate.issue.lot.unit,
        starts_on=candidate.starts_on,
        contract_from=award.awarded_at or clock.now(),
        because=f"Award {award.reference}",
        visits=candidate.visits,
    )


def refuse_unless_open(award: Award) -> None:
    """Raises Conflict where a proposed award can be neither approved nor refused any more."""
    db.session.refresh(award)
    if award.state is not AwardState.PROPOSED:
        raise Conflict(award.state.refusal(AwardState.AWARDED))
    if has_lapsed(award):
        raise Conflict(AwardState.LAPSED.sentence)


def mark_not_awarded(rounds: Iterable[Round]) -> None:
    """Every yes of these rounds that was sent and not awarded becomes not awarded."""
    lines = select(OfferLine.id).where(among(OfferLine.round_id, [round_.id for round_ in rounds]))
    accepted = Response.line_id.in_(lines), Response.kind == ResponseKind.ACCEPT
    set_state_where(Response, *accepted, to=ResponseState.NOT_AWARDED, updated_at=clock.now())


def move_answers(line_ids: Sequence[UUID], to: ResponseState) -> None:
    """What awards make of answers: awarded, or pulled out. Raises Conflict where one cannot become so."""
    these = among(Response.line_id, line_ids)
    if len(set_state_where(Response, these, to=to, updated_at=clock.now())) < len(line_ids):
        left = select(Response.state).where(these, Response.state != to).limit(1)
        state = db.session.scalar(left)
        raise Conflict(state.sentence if state else "This provider has not answered.")


def _choice_of(award: Award, need_confirmed_with: str) -> AwardChoice:
    """The proposer's words stand; only the need may have to be confirmed again."""
    return AwardChoice(
        skip_reason=award.skip_reason or "",
        below_minimum_reason=award.below_minimum_reason or "",
        agreed_with_person=award.agreed_with_person or "",
        need_confirmed_with=need_confirmed_with,
        exception_reason=award.exception_reason or "",
        agreed_visits=award.week,
        agreed_on=award.agreed_on,
    )


def _row(candidate: Candidate, by: Actor) -> Award:
    now, choice = clock.now(), candidate.wanted.choice
    state = AwardState.PROPOSED if candidate.is_only_proposed else AwardState.AWARDED
    return Award(
        id=new_id(),
        authority_id=candidate.package.authority_id,
        reference=new_reference("AWD", secrets.randbits(32)),
        package_id=candidate.package.id,
        ranking_id=candidate.ranking.id,
        state=state,
        place=candidate.number,
        price_pence=candidate.response.price_pence,
        weekly_cost_pence=candidate.cost.pence,
        held_minutes=candidate.minutes,
        visits=[visit.columns for visit in candidate.visits],
        agreed_on=candidate.agreed_on if candidate.changed else None,
        skip_reason=choice.skip_reason.strip() or None,
        below_minimum_reason=choice.below_minimum_reason.strip() or None,
        agreed_with_person=choice.agreed_with_person.strip() or None,
        exception_reason=choice.exception_reason.strip() or None,
        made_by=by.id,
        made_by_label=by.label,
        proposed_at=now,
        awarded_at=now if state is AwardState.AWARDED else None,
        round=candidate.line.round,
        line=candidate.line,
        provider=candidate.line.offer.provider,
    )


def _insert(rows: list[Award]) -> list[Award]:
    """The unique index has the last word: one live award per round."""
    try:
        with db.session.begin_nested():
            db.session.add_all(rows)
    except IntegrityError as lost:
        raise Conflict("This package was awarded at the same moment. Reload the page to see to whom.") from lost
    return rows


def _record(tag: str, made: Made, by: Actor) -> None:
    """About each award, with its reasons; and about the round, where the award is made."""
    told = [(award, _facts(award, candidate)) for award, candidate in made]
    audit.record_told(tag, told, by=by, reason={award.id: _reasons(award) for award, _ in made})
    if tag == "award:made":
        audit.record_told(tag, [(award.round, facts) for award, facts in told], by=by)


def _reasons(award: Award) -> str | None:
    reasons = (award.skip_reason, award.below_minimum_reason, award.agreed_with_person, award.exception_reason)
    return "; ".join(filter(None, reasons)) or None


def _facts(award: Award, candidate: Candidate) -> dict[str, object]:
    return {
        "reference": award.reference,
        "provider": award.provider.name,
        "place": award.place,
        "price_pence": award.price_pence,
        "weekly_cost_pence": award.weekly_cost_pence,
        "below_quality_minimum": candidate.below_minimum,
        "skipped": bool(award.skip_reason),
    }
