"""One issue as the council's page and API show it: its rounds, who was asked with proof of notice, who not and why.

Before the rounds are closed nothing of an answer is here but that there is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager

from app import clock
from app.api.shell import Given
from app.database import db
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from marketplace.invitations.rules import ReasonCode
from marketplace.membership.queries import overrides_on
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import DeadlineChange, Exclusion, Issue, NotInvited, Offer, OfferLine, Round
from marketplace.rounds.notice import NoticeOut, notice_of_issue
from marketplace.rounds.queries import counts_of_answers, of_authority, reasons_by_line
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import Lot
from marketplace.vocabulary import PriceScoring, Window


class ExclusionOut(Given):
    """Members that were not asked, by reason: each provider's name with its sentence."""

    code: ReasonCode
    label: str
    providers: list[tuple[str, str]]
    provider_ids: frozenset[UUID]


class IssueRoundOut(Given):
    """One package of the issue. `answers` counts yes, no and none, once the round was closed; if taken back, never."""

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
    left_out: list[ExclusionOut]
    answers: dict[str, int] | None

    @property
    def not_asked(self) -> int:
        """How many members were not asked; one may have several reasons."""
        return len({own for reason in self.left_out for own in reason.provider_ids})


class IssueOut(Given):
    """One act of offering. `seed` is the fair draw's secret number, given once the rounds are closed; if taken back, never."""

    id: UUID
    reference: str
    state: OfferState
    batch_id: UUID | None
    scheme_id: UUID
    lot: str
    window: Window
    issued_at: datetime
    deadline: datetime
    ended_at: datetime | None
    ended_because: str | None
    quality_weight: int
    price_weight: int
    price_scoring: PriceScoring
    quality_minimum: int
    seed_hash: str
    seed: str | None
    rounds: list[IssueRoundOut]
    offers: list[NoticeOut]


class IssueRowOut(Given):
    """One act of offering in a list: how many packages it holds, and how many providers were asked."""

    id: UUID
    reference: str
    state: OfferState
    batch_id: UUID | None
    scheme_id: UUID
    lot: str
    window: Window
    issued_at: datetime
    deadline: datetime
    ended_at: datetime | None
    packages: int
    offers: int


def issues_page(viewer: Viewer, state: OfferState | None, *, number: int | None = None) -> Page[Any]:
    """The issues of the viewer's authority, those in one state or all, the newest first."""
    names = IssueRowOut.model_fields.keys() - {"lot", "packages", "offers"}
    query = of_authority(viewer, Issue).with_only_columns(*(getattr(Issue, name) for name in names))
    query = query.join(Issue.lot).add_columns(
        Lot.name.label("lot"),
        select(func.count(Round.id)).where(Round.issue_id == Issue.id).scalar_subquery().label("packages"),
        select(func.count(Offer.id)).where(Offer.issue_id == Issue.id).scalar_subquery().label("offers"),
    )
    if state is not None:
        query = query.where(Issue.state == state)
    return paged(query.order_by(Issue.issued_at.desc(), Issue.id), number=number)


def view_of(issue: Issue) -> IssueOut:
    """Reads one issue with a constant number of queries."""
    own = {"lot": issue.lot.name, "seed": issue.seed_shown, "rounds": _round_views(issue), "offers": _offers(issue)}
    return IssueOut(**own, **{name: getattr(issue, name) for name in IssueOut.model_fields.keys() - own.keys()})


def _offers(issue: Issue) -> list[NoticeOut]:
    offers = notice_of_issue(issue)
    stops = stops_of(lines_of(issue)) if issue.state is OfferState.OPEN else {}
    overrides = overrides_on(issue.scheme_id, clock.today(), [offer.provider_id for offer in offers])
    for offer in offers:
        offer.stopped = stops.get(offer.offer_id, [])
        override = overrides.get(offer.provider_id)
        offer.overridden = override.sentence if override else None
    return offers


def _round_views(issue: Issue) -> list[IssueRoundOut]:
    rounds = _rounds(issue)
    ids = [round_.id for round_ in rounds]
    left_out, asked = _left_out(ids), _asked_by_round(ids)
    answers = {} if issue.is_sealed else counts_of_answers(issue)
    return [
        IssueRoundOut(
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
            left_out=left_out[round_.id],
            answers=None if round_.is_sealed else answers.get(round_.id),
        )
        for round_ in rounds
    ]


def _rounds(issue: Issue) -> Sequence[Round]:
    query = select(Round).join(Round.package).where(Round.issue_id == issue.id)
    return db.session.scalars(query.order_by(Package.planned_start, Package.reference)).unique().all()


def _asked_by_round(round_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(OfferLine.round_id, func.count()).where(OfferLine.round_id.in_(round_ids))
    return dict(db.session.execute(query.group_by(OfferLine.round_id)).all())


def _left_out(round_ids: Sequence[UUID]) -> dict[UUID, list[ExclusionOut]]:
    """Per round who was not asked, in the order of the reasons; rounds share their lists."""
    query = select(NotInvited.round_id, Exclusion).join(Exclusion, Exclusion.id == NotInvited.exclusion_id)
    rows = db.session.execute(query.where(NotInvited.round_id.in_(round_ids))).all()
    names = _names({UUID(key) for _, exclusion in rows for keys in exclusion.providers.values() for key in keys})
    views = {exclusion.id: _exclusion_view(exclusion, names) for _, exclusion in rows}
    found: defaultdict[UUID, list[ExclusionOut]] = defaultdict(list)
    for round_id, exclusion in sorted(rows, key=lambda row: list(ReasonCode).index(ReasonCode(row[1].code))):
        found[round_id].append(views[exclusion.id])
    return found


def _exclusion_view(exclusion: Exclusion, names: dict[UUID, str]) -> ExclusionOut:
    code = ReasonCode(exclusion.code)
    providers = [
        (names.get(UUID(key), "A provider"), sentence) for sentence, keys in exclusion.providers.items() for key in keys
    ]
    ids = frozenset(UUID(key) for keys in exclusion.providers.values() for key in keys)
    return ExclusionOut(code=code, label=code.label, providers=sorted(providers), provider_ids=ids)


def _names(provider_ids: set[UUID]) -> dict[UUID, str]:
    return dict(db.session.execute(select(Provider.id, Provider.name).where(Provider.id.in_(provider_ids))).all())


def lines_of(issue: Issue, *which: ColumnElement[bool]) -> Sequence[OfferLine]:
    """The packages in the offers of an issue, or in some of them."""
    query = select(OfferLine).join(OfferLine.offer).where(Offer.issue_id == issue.id, *which)
    return db.session.scalars(query.options(contains_eager(OfferLine.offer))).unique().all()


def deadline_changes(issue: Issue) -> Sequence[DeadlineChange]:
    """Each extension of the deadline, the first one first."""
    query = select(DeadlineChange).where(DeadlineChange.issue_id == issue.id)
    return db.session.scalars(query.order_by(DeadlineChange.changed_at)).all()


STOPPING = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED, ReasonCode.BELOW_GATE})


def stops_of(lines: Sequence[OfferLine]) -> dict[UUID, list[str]]:
    """The stop flag: per offer the sentences that say why its provider may not say yes to some of it now."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    reasons = reasons_by_line(lines)
    for line in lines:
        found[line.offer_id] |= {reason.sentence for reason in reasons[line.id] if reason.code in STOPPING}
    return {offer_id: sorted(sentences) for offer_id, sentences in found.items() if sentences}
