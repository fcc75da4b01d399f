"""Awards: their states, when one may be made, when it is only proposed, and what is proposed for a whole batch.

Everything is asked again at the instant of the award. "Acceptance" is the award to a provider whose yes still stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

from app.values.hours import hours_text
from app.values.lifecycle import Lifecycle
from app.values.rounding import decimal_text
from brokerage.allocation.times import WORDS_ALONE

NEED_CONFIRMED_WITHIN = timedelta(hours=24)
PROPOSAL_LASTS_WORKING_DAYS = 2

Found = Iterator[tuple[str, str]]
"""Reasons against something: the field that each belongs to, and its sentence."""


class AwardState(Lifecycle):
    """Where an award stands."""

    PROPOSED = (
        "proposed",
        "yellow",
        "A broker proposes this award. A second person must approve it; no provider has been told.",
        "awarded refused lapsed cancelled",
    )
    AWARDED = "awarded", "green", "The package is awarded and the agreement has been made.", "pulled_out cancelled"
    REFUSED = "refused", "red", "The proposal was refused, with a reason."
    LAPSED = "lapsed", "grey", "Nobody approved the proposal in two working days, so it ended."
    PULLED_OUT = "pulled_out", "orange", "The provider withdrew before care began."
    CANCELLED = "cancelled", "grey", "The package was cancelled."


HOLDING_STATES = frozenset({AwardState.PROPOSED, AwardState.AWARDED})
"""States in which an award holds the package and takes capacity."""


class BatchProposalState(Lifecycle):
    """What became of a whole-batch proposal."""

    OPEN = "open", "yellow", "Nothing is awarded yet. Approve it, edit it or refuse it.", "approved refused"
    APPROVED = "approved", "green", "Its lines were awarded together."
    REFUSED = "refused", "red", "It was refused, or a newer proposal replaced it. Nothing was awarded by it."


class NextStep(StrEnum):
    """What becomes of a package of which no answer was suitable."""

    OFFER_AGAIN = "offer_again"
    SPOT = "spot"
    CANCEL = "cancel"


NEXT_STEP_SENTENCES: dict[NextStep, str] = {
    NextStep.OFFER_AGAIN: "Offer it again: it goes to the unsourced list and can enter a new batch or round.",
    NextStep.SPOT: "Buy it outside the scheme: it goes to the unsourced list, marked for a spot purchase.",
    NextStep.CANCEL: "The care is no longer needed: the package is withdrawn.",
}


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """The words that go with an award; empty where nothing was asked.

    `need_confirmed_with` confirms, with this award, that the care is still needed. `second_person` is the email
    address of the colleague who is to approve an award below the quality minimum. `exception_reason` says why an
    undecided application cannot be waited for (section 34). `agreed_visits` are those agreed with the person, as files
    write them; empty: as asked. `agreed_on` is when, today where nothing is said.
    """

    skip_reason: str = ""
    below_minimum_reason: str = ""
    agreed_with_person: str = ""
    need_confirmed_with: str = ""
    second_person: str = ""
    exception_reason: str = ""
    agreed_visits: str = ""
    agreed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReasonAgainst:
    """One reason against an award: the field it belongs to (for the form) and the sentence."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """Everything an award depends on, read inside the transaction that makes it.

    Instants are aware UTC; minutes are minutes of care a week. `eligibility` holds the sentences why the member is not
    eligible now, `regime` those why nothing may be awarded, `pending_applications` those why the round must wait.
    `skipped` counts the places before this one that could be awarded. `conflict_declared` is None when the broker has
    not answered the question about conflicts of interest, True when there is one. `reopening_over`: the awarded provider
    stepped back, and the working days for which the ranking was open again have passed. `against_times` holds the
    sentences why the visits agreed are not what the provider said yes to, `against_day` why they cannot be agreed that
    day; `words_alone` that it gave other times in words and no visits.
    """

    now: datetime
    deadline: datetime
    round_open: bool
    round_awardable: bool
    response_stands: bool
    responded_at: datetime | None
    eligibility: tuple[str, ...]
    capacity_left_minutes: int
    package_minutes: int
    need_confirmed_at: datetime | None
    regime: tuple[str, ...]
    pending_applications: tuple[str, ...]
    skipped: int
    reason: str
    changed_yes: bool
    agreed_with_person: bool
    below_quality_minimum: bool
    second_person: str
    awarded_by: str
    answer_entered_by: str
    conflict_declared: bool | None
    reopening_over: bool = False
    words_alone: bool = False
    against_times: tuple[str, ...] = ()
    against_day: str | None = None


def reasons_against_award(facts: AwardFacts) -> tuple[ReasonAgainst, ...]:
    """Every reason why this award may not be made (or proposed) now; empty when it may."""
    groups = (
        _against_round,
        _against_response,
        _against_member,
        _against_need,
        _against_law,
        _against_officer,
        _missing_reasons,
    )
    return tuple(ReasonAgainst(*found) for group in groups for found in group(facts))


def counts_as_skip(facts: AwardFacts) -> bool:
    """Is somebody passed over who could be awarded? Where nobody could, there was no choice, and no reason is asked."""
    return facts.skipped > 0


def is_above_limit(weekly_cost_pence: int, limit_pence: int | None) -> bool:
    """Whether an award is only proposed for its value; at the limit, or with no limit, it is made at once."""
    return limit_pence is not None and weekly_cost_pence > limit_pence


def reason_against_approval(proposed_by: str, approved_by: str) -> str | None:
    """Why this person may not approve the proposal: it takes a second one."""
    return "You proposed this award. Somebody else must approve it." if proposed_by == approved_by else None


def _against_round(facts: AwardFacts) -> Found:
    if facts.round_open:
        yield "round", "The round is still open. Wait for the deadline, or close it first."
    elif not facts.round_awardable:
        yield "round", "This round is over: the package was awarded, withdrawn or ended without an award."
    elif facts.reopening_over:
        yield "round", "This ranking was open again for a while, and that is over. Offer the package again."


def _against_response(facts: AwardFacts) -> Found:
    if not facts.response_stands:
        yield "response", "This provider's yes does not stand any more."
    elif facts.responded_at is None or facts.responded_at >= facts.deadline:
        yield "response", "This provider's yes did not come before the deadline."
    if facts.words_alone:
        yield "response", WORDS_ALONE


def _against_member(facts: AwardFacts) -> Found:
    for sentence in facts.eligibility:
        yield "member", sentence
    if facts.capacity_left_minutes < facts.package_minutes:
        left, needed = hours_text(max(0, facts.capacity_left_minutes)), hours_text(facts.package_minutes)
        yield "capacity", f"It has {left} of capacity left; the package needs {needed} a week."


def _against_need(facts: AwardFacts) -> Found:
    confirmed = facts.need_confirmed_at
    if confirmed is None or not timedelta(0) <= facts.now - confirmed <= NEED_CONFIRMED_WITHIN:
        yield "need", "Ask whether the care is still needed. The last yes must not be older than 24 hours."


def _against_law(facts: AwardFacts) -> Found:
    for sentence in facts.regime + facts.pending_applications:
        yield "scheme", sentence


def _against_officer(facts: AwardFacts) -> Found:
    if facts.answer_entered_by and facts.answer_entered_by == facts.awarded_by:
        yield "by", "You entered an answer for a provider in this round, so somebody else must award it."
    elif facts.conflict_declared is None:
        yield "conflict", "Say first whether you have a conflict of interest in this round."
    elif facts.conflict_declared:
        yield "conflict", "You declared a conflict of interest, so somebody else must award this round."


def _missing_reasons(facts: AwardFacts) -> Found:
    if facts.changed_yes and not facts.agreed_with_person:
        yield "agreed_with_person", "Agree the changed start or times with the person first, and say so."
    if facts.against_times:
        yield "agreed_visits", " ".join(facts.against_times)
    if facts.changed_yes and facts.against_day:
        yield "agreed_on", facts.against_day
    if not facts.reason.strip() and facts.below_quality_minimum:
        yield "reason", "Give the reason for awarding below the quality minimum."
    elif not facts.reason.strip() and counts_as_skip(facts):
        yield "reason", "Give the reason for not awarding to the first in the ranking."
    if facts.below_quality_minimum and facts.second_person in ("", facts.awarded_by):
        yield "second_person", "Below the quality minimum a second person must agree."


# ----------------------------------------------------------------------------------------------------- whole batches
#
# In ranked order: simple, explainable, and the same for the same facts. Packages go by planned start, then by the hash
# of their reference, so that nobody's package is favoured by its number. Each takes the first ranked member with
# capacity left.


@dataclass(frozen=True, slots=True)
class RankedMember:
    """One awardable place of a package's ranking."""

    member: str
    name: str
    score: Fraction


@dataclass(frozen=True, slots=True)
class RankedPackage:
    """A package with the places of its ranking, best first; minutes of care a week.

    Only `members`, the firm yeses, are proposed: a changed yes is agreed with the person first, and one below the quality
    minimum needs a reason and a second person, one by one.
    """

    reference: str
    planned_start: date
    weekly_minutes: int
    members: tuple[RankedMember, ...]
    changed: tuple[RankedMember, ...] = ()
    below: tuple[RankedMember, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """What is proposed for one package. `member` is None when nobody has capacity or said yes as asked.

    `cost` is what the line gives up in score against the best of its ranking.
    """

    reference: str
    member: str | None
    cost: Fraction
    sentence: str


def propose_batch(packages: Sequence[RankedPackage], capacity: Mapping[str, int]) -> tuple[ProposedLine, ...]:
    """One line per package, in the order in which they were settled. Capacity in minutes a week; unknown means none."""
    left = dict(capacity)
    lines: list[ProposedLine] = []
    for package in sorted(packages, key=_settling_key):
        line = _line(package, left)
        if line.member is not None:
            left[line.member] -= package.weekly_minutes
        lines.append(line)
    return tuple(lines)


def _settling_key(package: RankedPackage) -> tuple[date, str]:
    return package.planned_start, sha256(package.reference.encode()).hexdigest()


def _line(package: RankedPackage, left: Mapping[str, int]) -> ProposedLine:
    full: list[RankedMember] = []
    for ranked in package.members:
        if left.get(ranked.member, 0) >= package.weekly_minutes:
            cost = package.members[0].score - ranked.score
            return ProposedLine(package.reference, ranked.member, cost, _sentence(ranked, full, cost))
        full.append(ranked)
    return ProposedLine(package.reference, None, Fraction(0), _nobody(package))


def _sentence(chosen: RankedMember, full: Sequence[RankedMember], cost: Fraction) -> str:
    if not full:
        return f"{chosen.name} is first in the ranking and has capacity."
    passed = ", ".join(ranked.name for ranked in full)
    have = "has" if len(full) == 1 else "have"
    return (
        f"{passed} {have} too little capacity left. {chosen.name} is next, {decimal_text(cost)} points below the best."
    )


def _nobody(package: RankedPackage) -> str:
    if not package.members + package.changed + package.below:
        return "Nobody is ranked for this package."
    least = f"{hours_text(package.weekly_minutes)} a week of capacity left."
    first = f"Nobody who said yes as asked has {least}" if package.members else "Nobody said yes as asked."
    sentences = [first]
    if package.changed:
        sentences.append(
            f"With a changed start or times, to be agreed with the person first: {_named(package.changed)}."
        )
    if package.below:
        sentences.append(f"Below the quality minimum: {_named(package.below)}.")
    return " ".join(sentences)


def _named(members: Sequence[RankedMember]) -> str:
    return ", ".join(ranked.name for ranked in members)
