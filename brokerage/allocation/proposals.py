"""A whole batch at once: awards proposed in ranked order under declared capacity, to approve, edit or refuse.

Approval awards every line in one transaction: all of them, or none with the reasons line by line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state, set_state_where
from app.database import db, in_bulk, locked, new_id
from app.database.many import among, listed
from app.errors import Conflict, Invalid, reason_given
from app.values.rounding import decimal_text
from brokerage.allocation.candidates import ANOTHER_ROUND, WantedAward
from brokerage.allocation.models import AllocationProposal, Award
from brokerage.allocation.rules import (
    HOLDING_STATES,
    AwardChoice,
    BatchProposalState,
    ProposedLine,
    RankedMember,
    RankedPackage,
    propose_batch,
)
from brokerage.allocation.services import judge, make
from brokerage.ranking.queries import NOT_RANKED, lines_by_round, orders_of
from brokerage.ranking.rules import PlaceList, RankedAnswer, RankingOrder
from brokerage.ranking.sources import closed_rounds
from marketplace.membership.services import CapacityInHand
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Offer, OfferLine, Round


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What the broker makes of one proposed line: another ranked answer, or none with the reason for leaving it out."""

    line_id: UUID | None
    reason: str = ""
    need_confirmed_with: str = ""


@in_bulk()
def propose_for_batch(issue: Issue, *, by: Actor) -> AllocationProposal:
    """Proposes a provider for each package of an issue that waits for its award; replaces an earlier open proposal."""
    rounds = _waiting(issue)
    if not rounds:
        raise Conflict("No package of this offer waits for an award.")
    which = listed(round_.id for round_ in rounds)  # asked once, for others may award meanwhile
    orders, line_ids = orders_of(which), lines_by_round(which)
    if any(round_.id not in orders for round_ in rounds):
        raise Conflict(NOT_RANKED)
    by_reference = {round_.package.reference: round_ for round_ in rounds}
    ranked = {round_.package.reference: _ranked(round_, orders[round_.id]) for round_ in rounds}
    proposed = propose_batch(list(ranked.values()), _capacity(issue, rounds, ranked.values()))
    lines = [_stored(line, by_reference[line.reference], ranked[line.reference], line_ids) for line in proposed]
    _replace_open(issue, by)
    row = AllocationProposal(
        id=new_id(), authority_id=issue.authority_id, issue_id=issue.id, lines=lines, made_by_label=by.label
    )
    db.session.add(row)
    db.session.flush()
    without = sum(line.member is None for line in proposed)
    audit.record("allocation:proposed", row, by=by, lines=len(lines), without_provider=without)
    return row


@in_bulk()
def approve_proposal(proposal: AllocationProposal, edits: Mapping[str, LineEdit], *, by: Actor) -> list[Award]:
    """Awards every line, as edited by package reference, in one transaction.

    Raises Invalid with a sentence per package reference when any line cannot be awarded; the caller rolls back all.
    """
    _lock_open(proposal)
    set_state([proposal], BatchProposalState.APPROVED, values=_decision(by, None))
    wanted, errors = _wanted(proposal, edits)
    candidates, refusals = judge(wanted, by=by)
    errors |= {reference: f"{reference}: {refusal.sentence}" for reference, refusal in refusals.items()}
    if errors:
        raise Invalid(errors)
    awards = make(candidates, by=by)
    left_out = len(proposal.lines) - len(awards)
    audit.record("allocation:approved", proposal, by=by, awarded=len(awards), left_out=left_out)
    return awards


def refuse_proposal(proposal: AllocationProposal, because: str, *, by: Actor) -> None:
    """Refuses the whole proposal; nothing was awarded by it."""
    reason = reason_given(because)
    _lock_open(proposal)
    decision = _decision(by, reason)
    move([proposal], BatchProposalState.REFUSED, "allocation:refused", by=by, reason=reason, values=decision)


def _wanted(proposal: AllocationProposal, edits: Mapping[str, LineEdit]) -> tuple[list[WantedAward], dict[str, str]]:
    """What is to be awarded, and what is wrong with the edits themselves, by package reference."""
    wanted: list[WantedAward] = []
    errors: dict[str, str] = {}
    edited = [(stored, edits.get(str(stored["reference"])) or _as_proposed(stored)) for stored in proposal.lines]
    lines = _lines([edit.line_id for _, edit in edited if edit.line_id])
    for stored, edit in edited:
        line = lines.get(edit.line_id) if edit.line_id else None
        if line is not None and str(line.round_id) == stored["round_id"]:
            choice = AwardChoice(skip_reason=edit.reason, need_confirmed_with=edit.need_confirmed_with)
            wanted.append(WantedAward(line, choice))
        elif refusal := _against_leaving_out(stored, edit, line):
            errors[str(stored["reference"])] = f"{stored['reference']}: {refusal}"
    return wanted, errors


def _against_leaving_out(stored: Mapping[str, Any], edit: LineEdit, line: OfferLine | None) -> str | None:
    """What stands against an edit by which a proposed line is not awarded."""
    if edit.line_id is not None:
        return ANOTHER_ROUND if line else "This answer does not exist any more."
    try:
        reason_given(edit.reason if stored["line_id"] else "nobody was proposed", "reason")
    except Invalid as refusal:
        return refusal.sentence
    return None


def _as_proposed(stored: Mapping[str, Any]) -> LineEdit:
    """The line as it was proposed."""
    return LineEdit(UUID(stored["line_id"]) if stored["line_id"] else None)


def _lines(ids: Sequence[UUID]) -> dict[UUID, OfferLine]:
    loaded = joinedload(OfferLine.offer).joinedload(Offer.provider), joinedload(OfferLine.round).joinedload(Round.issue)
    query = select(OfferLine).where(among(OfferLine.id, ids)).options(*loaded)
    return {line.id: line for line in db.session.scalars(query).unique()}


def _waiting(issue: Issue) -> Sequence[Round]:
    held = select(Award.round_id).where(Award.state.in_(HOLDING_STATES))
    query = (
        select(Round)
        .where(Round.id.in_(closed_rounds(issue)), Round.id.not_in(held))
        .options(joinedload(Round.package).joinedload(Package.zone))
        .order_by(Round.id)
    )
    return db.session.scalars(query).unique().all()


def _ranked(round_: Round, order: RankingOrder) -> RankedPackage:
    package = round_.package
    lists = (tuple(map(partial(_ranked_member, order), order.listed(place_list))) for place_list in PlaceList)
    return RankedPackage(package.reference, package.planned_start, package.weekly_minutes, *lists)


def _ranked_member(order: RankingOrder, answer: RankedAnswer) -> RankedMember:
    return RankedMember(answer.entry.member, answer.entry.name, order.score(answer))


def _capacity(issue: Issue, rounds: Sequence[Round], ranked: Iterable[RankedPackage]) -> dict[str, int]:
    """What each member can still take: the least over the zones that the batch lies in, so never more than there is."""
    providers = {UUID(member.member) for package in ranked for member in package.members}
    zones, capacity = {round_.package.zone_id for round_ in rounds}, CapacityInHand(issue.scheme_id, providers)
    return {str(provider_id): capacity.left(provider_id, *zones) for provider_id in providers}


def _stored(
    line: ProposedLine, round_: Round, package: RankedPackage, line_ids: Mapping[UUID, Mapping[str, UUID]]
) -> dict[str, object]:
    lines = line_ids.get(round_.id, {})
    members, others = (
        [
            {"line_id": str(lines[ranked.member]), "name": ranked.name, "score": decimal_text(ranked.score)}
            for ranked in places
        ]
        for places in (package.members, package.changed + package.below)
    )
    return {
        "reference": line.reference,
        "round_id": str(round_.id),
        "package_id": str(round_.package_id),
        "weekly_minutes": round_.package.weekly_minutes,
        "planned_start": round_.package.planned_start.isoformat(),
        "line_id": str(lines[line.member]) if line.member else None,
        "cost": decimal_text(line.cost),
        "sentence": line.sentence,
        "members": members,
        "others": others,
    }


def _replace_open(issue: Issue, by: Actor) -> None:
    """One open proposal per issue: a newer one replaces it."""
    of_issue, decision = AllocationProposal.issue_id == issue.id, _decision(by, "A newer proposal replaced it.")
    set_state_where(AllocationProposal, of_issue, to=BatchProposalState.REFUSED, **decision)


def _lock_open(proposal: AllocationProposal) -> None:
    query = select(AllocationProposal).where(AllocationProposal.id == proposal.id).options(lazyload("*"))
    db.session.scalars(locked(query)).one()
    if proposal.state is not BatchProposalState.OPEN:
        raise Conflict(f"This proposal was decided already. {proposal.decision_note or ''}".strip())


def _decision(by: Actor, note: str | None) -> dict[str, object]:
    return {"decided_at": clock.now(), "decided_by_label": by.label, "decision_note": note}
