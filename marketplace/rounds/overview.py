"""One issue as the council's page and API show it: its rounds, who was asked with proof of notice, who not and why.

Before the rounds are closed nothing of an answer is here but that there is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import clock
from app.database import db
from marketplace.invitations.reach import REASON_LABELS
from marketplace.invitations.rules import ReasonCode
from marketplace.membership.queries import overrides_on
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import DeadlineChange, Exclusion, Issue, NotInvited, Offer, OfferLine, Round
from marketplace.rounds.notice import NoticeOfOffer, notice_of_issue
from marketplace.rounds.queries import counts_of_answers, reasons_by_line
from marketplace.rounds.rules import OfferState, RoundState


@dataclass(frozen=True, slots=True)
class ExclusionView:
    """One reason why members were not asked about a package: the providers' names, each with its sentence."""

    code: ReasonCode
    label: str
    providers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RoundView:
    """One package of an issue. `answers` has how many said yes, no and nothing, once the round was closed."""

    round_id: UUID
    package_id: UUID
    package_reference: str
    number: int
    state: RoundState
    ended_because: str | None
    changed_since: str | None
    area_shown: str
    floor_pence: int
    ceiling_pence: int
    asked: int
    left_out: tuple[ExclusionView, ...]
    answers: dict[str, int] | None

    @property
    def not_asked(self) -> int:
        """How many members were not asked; one may have several reasons."""
        return len({name for reason in self.left_out for name, _ in reason.providers})


@dataclass(frozen=True, slots=True)
class IssueView:
    """Everything that the page of an issue shows."""

    rounds: tuple[RoundView, ...]
    notice: tuple[NoticeOfOffer, ...]
    stops: dict[UUID, tuple[str, ...]]
    overrides: dict[UUID, str]
    changes: tuple[DeadlineChange, ...]


def view_of(issue: Issue) -> IssueView:
    """Reads one issue with a constant number of queries."""
    rounds = _rounds(issue)
    left_out = _left_out([round_.id for round_ in rounds])
    asked = _asked_by_round([round_.id for round_ in rounds])
    answers = {} if issue.is_sealed else counts_of_answers(issue)
    views = (_round_view(round_, asked, left_out.get(round_.id, ()), answers) for round_ in rounds)
    return IssueView(
        rounds=tuple(views),
        notice=tuple(notice_of_issue(issue)),
        stops=stops_of(_lines(issue)) if issue.state is OfferState.OPEN else {},
        overrides=overrides_of(issue),
        changes=tuple(_changes(issue)),
    )


def _rounds(issue: Issue) -> Sequence[Round]:
    query = select(Round).join(Package, Package.id == Round.package_id).where(Round.issue_id == issue.id)
    return db.session.scalars(query.order_by(Package.planned_start, Package.reference)).unique().all()


def _round_view(
    round_: Round, asked: dict[UUID, int], left_out: tuple[ExclusionView, ...], answers: dict[UUID, dict[str, int]]
) -> RoundView:
    return RoundView(
        round_id=round_.id,
        package_id=round_.package_id,
        package_reference=round_.package.reference,
        number=round_.number,
        state=round_.state,
        ended_because=round_.ended_because,
        changed_since=round_.changed_since,
        area_shown=round_.area_shown,
        floor_pence=round_.floor_pence,
        ceiling_pence=round_.ceiling_pence,
        asked=asked.get(round_.id, 0),
        left_out=left_out,
        answers=None if round_.is_sealed else answers.get(round_.id),
    )


def _asked_by_round(round_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(OfferLine.round_id, func.count()).where(OfferLine.round_id.in_(round_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(OfferLine.round_id))}


def _left_out(round_ids: Sequence[UUID]) -> dict[UUID, tuple[ExclusionView, ...]]:
    query = select(NotInvited.round_id, Exclusion).join(Exclusion, Exclusion.id == NotInvited.exclusion_id)
    rows = db.session.execute(query.where(NotInvited.round_id.in_(round_ids))).all()
    names = _names({UUID(key) for _, exclusion in rows for keys in exclusion.providers.values() for key in keys})
    found: dict[UUID, tuple[ExclusionView, ...]] = {}
    for round_id, exclusion in sorted(rows, key=lambda row: list(ReasonCode).index(ReasonCode(row[1].code))):
        found[round_id] = (*found.get(round_id, ()), _reason(exclusion, names))
    return found


def _reason(exclusion: Exclusion, names: dict[UUID, str]) -> ExclusionView:
    code = ReasonCode(exclusion.code)
    providers = sorted(
        (names.get(UUID(key), "A provider"), sentence) for sentence, keys in exclusion.providers.items() for key in keys
    )
    return ExclusionView(code, REASON_LABELS[code], tuple(providers))


def _names(provider_ids: set[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(select(Provider.id, Provider.name).where(Provider.id.in_(provider_ids)))
    return {row.id: row.name for row in rows}


def _lines(issue: Issue) -> Sequence[OfferLine]:
    query = (
        select(OfferLine)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .where(Offer.issue_id == issue.id)
        .options(joinedload(OfferLine.offer), joinedload(OfferLine.round).joinedload(Round.package))
    )
    return db.session.scalars(query).unique().all()


def _changes(issue: Issue) -> Sequence[DeadlineChange]:
    query = select(DeadlineChange).where(DeadlineChange.issue_id == issue.id)
    return db.session.scalars(query.order_by(DeadlineChange.changed_at)).all()


def offer_lines(issue: Issue, offer_id: UUID) -> list[OfferLine]:
    """The lines of one offer of the issue, to choose which package an answer is about; empty when it is none of it."""
    return [line for line in _lines(issue) if line.offer_id == offer_id]


STOPPING = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED, ReasonCode.BELOW_GATE})


def stops_of(lines: Sequence[OfferLine]) -> dict[UUID, tuple[str, ...]]:
    """The stop flag: per offer the sentences that say why its provider may not say yes to some of it now."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    reasons = reasons_by_line(lines)
    for line in lines:
        found[line.offer_id] |= {reason.sentence for reason in reasons[line.id] if reason.code in STOPPING}
    return {offer_id: tuple(sorted(sentences)) for offer_id, sentences in found.items() if sentences}


def overrides_of(issue: Issue) -> dict[UUID, str]:
    """The override flag: by offer, why its provider is asked although CQC rates it below the scheme's gate."""
    providers = {offer.provider_id: offer.id for offer in issue.offers}
    held = overrides_on(issue.scheme_id, clock.today(), providers)
    return {providers[provider_id]: override.sentence for provider_id, override in held.items()}
