"""What the council asks about offers: one issue, one round, and, once a round is closed, who said yes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import clock
from app.audit.models import AuditEntry, AuditFact
from app.calendar.deadlines import local_text
from app.database import Owned, db, only_one
from app.errors import Conflict, NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.invitations.eligibility import Eligibility
from marketplace.invitations.queries import areas_of, member_facts, needs_of
from marketplace.invitations.rules import Reason
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState, is_open_at
from marketplace.schemes.queries import policy_on

Thing = TypeVar("Thing", bound=Owned)
ANSWERED_TAGS = ("response:sent", "response:changed")
COUNTED_YES = (ResponseState.SUBMITTED, ResponseState.AWARDED, ResponseState.NOT_AWARDED)
"""A yes that was sent and stands; awarded or not, it is there again when a ranking is re-opened."""

_TAKEN_BACK = and_(Round.state == RoundState.WITHDRAWN, Round.ended_at < Issue.ended_at)
IS_OPENED = Issue.state == OfferState.CLOSED, ~_TAKEN_BACK
"""Of rounds joined with their issue: the seal of their answers has ended, as `Round.is_sealed` says of one."""


def of_authority(viewer: Viewer, model: type[Thing]) -> Select[Thing]:
    """Everything of a kind that is of the viewer's authority, to be narrowed; raises NotFoundForViewer for providers."""
    if not viewer.is_commissioner:
        raise NotFoundForViewer
    return select(model).where(model.authority_id == viewer.authority_id)


def issue_for(viewer: Viewer, issue_id: UUID) -> Issue:
    """One issue with its rounds and batch; raises NotFoundForViewer for anybody outside the authority."""
    whole = selectinload(Issue.rounds), joinedload(Issue.batch), joinedload(Issue.scheme)
    return only_one(of_authority(viewer, Issue).where(Issue.id == issue_id).options(*whole))


def round_for(viewer: Viewer, round_id: UUID) -> Round:
    """One round with its package and issue; raises NotFoundForViewer for anybody outside the authority."""
    return only_one(of_authority(viewer, Round).where(Round.id == round_id).options(joinedload(Round.issue)))


def line_for(viewer: Viewer, line_id: UUID) -> OfferLine:
    """One package in one offer, for the council; raises NotFoundForViewer for anybody outside the authority."""
    query = of_authority(viewer, OfferLine).where(OfferLine.id == line_id).options(_WITH_PROVIDER)
    return only_one(query.execution_options(populate_existing=True))


def accepting_lines(round_: Round) -> list[OfferLine]:
    """The lines of a closed round on which the provider said yes, with response, offer and provider.

    Raises Conflict while the round is sealed: until it is closed nobody sees a price, officers included.
    """
    _refuse_sealed(round_)
    yes = Response.kind == ResponseKind.ACCEPT, Response.state.in_(COUNTED_YES)
    query = select(OfferLine).join(OfferLine.response).where(OfferLine.round_id == round_.id, *yes)
    whole = query.options(_WITH_PROVIDER, contains_eager(OfferLine.response)).execution_options(populate_existing=True)
    return list(db.session.scalars(whole.order_by(OfferLine.id)).unique())


def newest_round(package_id: UUID) -> Round | None:
    """The latest round of a package; the caller has checked that the viewer may see the package."""
    query = select(Round).where(Round.package_id == package_id).order_by(Round.number.desc()).limit(1)
    return db.session.scalars(query).unique().one_or_none()


def reasons_by_line(lines: Sequence[OfferLine]) -> dict[UUID, list[Reason]]:
    """Why providers may not be awarded these packages of one scheme as things stand now; none for who may."""
    if not lines:
        return {}
    packages = list({line.round.package_id: line.round.package for line in lines}.values())
    reasons = reasons_now(lines[0].offer.issue.scheme_id, packages, {line.offer.provider_id for line in lines})
    return {line.id: reasons[line.round.package_id].get(str(line.offer.provider_id), []) for line in lines}


def reasons_now(
    scheme_id: UUID, packages: Sequence[Package], provider_ids: Collection[UUID]
) -> dict[UUID, dict[str, list[Reason]]]:
    """Why these providers may not be awarded packages of a scheme as things stand now: by package, then by member."""
    today = clock.today()
    needs = needs_of(packages, policy_on(scheme_id, today), today)
    eligibility = Eligibility(member_facts(scheme_id, provider_ids, areas=areas_of(packages)).values())
    return {package_id: eligibility.reasons(need) for package_id, need in needs.items()}


def rounds_entered_by(which: Select[UUID], user_id: UUID) -> set[UUID]:
    """Those of some rounds of which this officer entered an answer by telephone; such an officer neither ranks nor awards.

    An answer by telephone that another officer entered anew names that officer; who entered it before, the audit knows.
    """
    query = (
        select(OfferLine.round_id, OfferLine.offer_id, Package.reference, Response.entered_by)
        .join(OfferLine.response)
        .join(OfferLine.round)
        .join(Round.package)
        .where(OfferLine.round_id.in_(which), Response.entered_by.is_not(None))
    )
    phoned = db.session.execute(query).all()
    recorded = _recorded_by(user_id, {row.offer_id for row in phoned}) if phoned else set()
    return {row.round_id for row in phoned if row.entered_by == user_id or (row.offer_id, row.reference) in recorded}


def _recorded_by(user_id: UUID, offer_ids: set[UUID]) -> set[tuple[UUID, str]]:
    """The answers that this officer recorded in these offers, by offer and package, whoever recorded them later."""
    query = (
        select(AuditEntry.subject_id, AuditEntry.tag, AuditFact.facts)
        .join(AuditFact, AuditFact.entry_id == AuditEntry.id)
        .where(AuditEntry.subject_id.in_(offer_ids), AuditEntry.actor_id == user_id)
    )
    rows = db.session.execute(query)
    return {(offer_id, str(facts.get("package"))) for offer_id, tag, facts in rows if tag in ANSWERED_TAGS}


def all_have_answered(issue: Issue) -> bool:
    """Whether every line of the issue has an answer that was sent: then it may be closed before the deadline."""
    answered = select(Response.line_id).where(Response.state == ResponseState.SUBMITTED)
    query = select(OfferLine.id).join(OfferLine.offer).where(Offer.issue_id == issue.id)
    return db.session.scalars(query.where(OfferLine.id.not_in(answered)).limit(1)).one_or_none() is None


def counts_of_answers(issue: Issue) -> dict[UUID, dict[str, int]]:
    """Per round how many said yes, no or nothing; raises Conflict while the rounds are sealed.

    A round that was taken back before the others were closed is not among them.
    """
    _refuse_sealed(issue)
    query = (
        select(OfferLine.round_id, Response.state, Response.kind, func.count())
        .join(OfferLine.round)
        .join(Round.issue)
        .outerjoin(OfferLine.response)
        .where(Round.issue_id == issue.id, *IS_OPENED)
        .group_by(OfferLine.round_id, Response.state, Response.kind)
    )
    found: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: {"yes": 0, "no": 0, "none": 0})
    for round_id, state, kind, count in db.session.execute(query):
        found[round_id][_said(state, kind)] += count
    return dict(found)


def _said(state: ResponseState | None, kind: ResponseKind | None) -> str:
    if state in {None, ResponseState.DRAFT, ResponseState.NO_RESPONSE, ResponseState.WITHDRAWN} or kind is None:
        return "none"
    return "yes" if kind is ResponseKind.ACCEPT else "no"


_WITH_PROVIDER = joinedload(OfferLine.offer).joinedload(Offer.provider)
"""Of a package in an offer; the issue, the round and the package are read anyway."""


def _refuse_sealed(what: Issue | Round) -> None:
    if what.is_sealed:
        raise Conflict(sealed_sentence(what if isinstance(what, Issue) else what.issue))


def sealed_sentence(issue: Issue) -> str:
    """Why nobody of the council sees the answers, now or ever."""
    if issue.state is not OfferState.OPEN:
        return "This was taken back before its deadline, so its answers stay sealed."
    if is_open_at(clock.now(), issue.deadline):
        return f"The answers are sealed until {local_text(issue.deadline)}. Nobody can see them before."
    return f"The deadline was {local_text(issue.deadline)}. The answers are being gathered; try again in a minute."
