"""Questions about answers: a provider's own offers, whole and in lists, what a link opens, and what the audit may tell.

Another organisation's offer is not found. Every list and every page costs the same number of queries, however many
packages an offer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import clock
from app.audit.tags import Told
from app.database import db, only_one
from app.errors import LinkGone, NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.sheets import SENT
from marketplace.packages.models import Package
from marketplace.providers.models import Provider, ProviderContact
from marketplace.rounds.models import Issue, Offer, OfferLine, OfferLink, Response, Round
from marketplace.rounds.rules import OfferState, ResponseState, RoundState, is_sealed
from marketplace.schemes.models import Lot

LINK_GONE = "This link does not work, or not any more. Sign in to see the offers of your organisation."
LONGEST_TOKEN = 200


COLUMNS = {
    "assessment_visit_needed": "needs_assessment_visit",
    "people_nearby_text": "nearby",
    "people_nearby_count": "nearby_count",
}
"""The fields of a draft whose columns have other names."""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One line of a provider's list of offers."""

    id: UUID
    reference: str
    provider: str
    lot: str
    state: OfferState
    issued_at: datetime
    deadline: datetime
    packages: int
    answered: int
    awarded: int
    weekly_minutes: int


@dataclass(frozen=True, slots=True)
class LinkedOffer:
    """What a link in an email opens: one offer for one contact, nothing else."""

    link: OfferLink
    offer: Offer


def offers_page(viewer: Viewer, open_only: bool = True, *, number: int | None = None) -> Page[OfferRow]:
    """The provider's offers: those open by deadline, the most urgent first; or those that are over, newest first."""
    query = own_offers(_rows(), viewer).where(_is_open() if open_only else ~_is_open())
    by = (Issue.deadline, Offer.id) if open_only else (Issue.deadline.desc(), Offer.id)
    page = paged(query.order_by(*by), number=number)
    return Page([OfferRow(*row) for row in page.rows], page.number, page.total, page.per_page)


def offer_for(viewer: Viewer, offer_id: UUID) -> Offer:
    """One offer of the viewer's provider, with all its packages and answers. Raises NotFoundForViewer."""
    offer: Offer = only_one(own_offers(_whole(), viewer).where(Offer.id == offer_id))
    return offer


def line_for(viewer: Viewer, line_id: UUID) -> OfferLine:
    """One package in an offer of the viewer's provider, with its visits and answer. Raises NotFoundForViewer."""
    whole = (
        select(OfferLine)
        .join(OfferLine.offer)
        .join(Offer.provider)
        .options(contains_eager(OfferLine.offer).contains_eager(Offer.provider), *_of_line())
        .options(contains_eager(OfferLine.offer).joinedload(Offer.issue).joinedload(Issue.scheme))
    )
    query = own_offers(whole, viewer).where(OfferLine.id == line_id)
    line: OfferLine = only_one(query.execution_options(populate_existing=True))
    return line


def offer_by_link(token: str) -> LinkedOffer:
    """What the link in an email opens, until the deadline. Raises LinkGone, the same for every other link."""
    hashed = sha256(token[:LONGEST_TOKEN].encode("utf-8", "surrogatepass")).hexdigest()
    contact_stays = and_(ProviderContact.id == OfferLink.contact_id, ProviderContact.left_at.is_(None))
    query = (
        select(OfferLink)
        .join(ProviderContact, contact_stays)
        .join(Offer, Offer.id == OfferLink.offer_id)
        .join(Issue, Issue.id == Offer.issue_id)
        .where(OfferLink.secret_hash == hashed, _is_open())
    )
    link = db.session.scalars(query).one_or_none()
    if link is None:
        raise LinkGone(LINK_GONE)
    whole = _whole().where(Offer.id == link.offer_id)
    return LinkedOffer(link, db.session.scalars(whole).one())


def unanswered_count(viewer: Viewer) -> int:
    """How many open offers hold a package that still waits for an answer."""
    return db.session.scalar(_waiting(select(func.count(Offer.id)), viewer)) or 0


def unanswered_offers(viewer: Viewer, limit: int) -> Sequence[OfferRow]:
    """The open offers that hold a package without an answer, the most urgent first."""
    query = _waiting(_rows(joined=False), viewer).order_by(Issue.deadline, Offer.id).limit(limit)
    return [OfferRow(*row) for row in db.session.execute(query)]


def offer_referred_to(viewer: Viewer, reference: str) -> UUID | None:
    """The id of the provider's own offer with this reference."""
    query = select(Offer.id).join(Offer.provider).where(Offer.reference == reference.upper())
    return db.session.scalars(own_offers(query, viewer)).one_or_none()


def open_lines(offer: Offer) -> list[OfferLine]:
    """The packages that can still be answered, the earliest start first; when none can, one that says why."""
    lines = sorted(offer.lines, key=lambda line: (line.round.package.planned_start, line.round.package.reference))
    return [line for line in lines if line.round.state is RoundState.OPEN] or lines[:1]


def draft_of(response: Response | None) -> ResponseDraft:
    """What an answer says, as the rules and the forms take it."""
    if response is None:
        return ResponseDraft(None)
    names = [name for name in ResponseDraft.__dataclass_fields__ if name != "decline_code"]
    values = {name: getattr(response, COLUMNS.get(name, name)) for name in names}
    return ResponseDraft(**values, decline_code=response.decline_code or "")


def own_offers(query: Select[Any], viewer: Viewer) -> Select[Any]:
    """Only what belongs to the viewer's provider; nobody else's users own an offer."""
    if not viewer.is_provider:
        raise NotFoundForViewer
    return query.where(Provider.organisation_id == viewer.organisation_id)


def _is_open() -> ColumnElement[bool]:
    return and_(Issue.state == OfferState.OPEN, Issue.deadline > clock.now())


def _waiting(query: Select[Any], viewer: Viewer) -> Select[Any]:
    answered = select(Response.id).where(Response.line_id == OfferLine.id, Response.state == ResponseState.SUBMITTED)
    open_line = (
        select(OfferLine.id)
        .join(Round, Round.id == OfferLine.round_id)
        .where(OfferLine.offer_id == Offer.id, Round.state == RoundState.OPEN, ~answered.exists())
    )
    joined = query.select_from(Offer).join(Issue, Issue.id == Offer.issue_id).join(Lot, Lot.id == Issue.lot_id)
    return own_offers(joined.join(Offer.provider), viewer).where(_is_open(), open_line.exists())


def _rows(*, joined: bool = True) -> Select[Any]:
    lines = select(func.count(OfferLine.id)).where(OfferLine.offer_id == Offer.id).correlate(Offer).scalar_subquery()
    minutes = (
        select(func.coalesce(func.sum(Package.weekly_minutes), 0))
        .join(Round, Round.package_id == Package.id)
        .join(OfferLine, OfferLine.round_id == Round.id)
        .where(OfferLine.offer_id == Offer.id)
        .correlate(Offer)
        .scalar_subquery()
    )
    answered, awarded = _answers(SENT), _answers({ResponseState.AWARDED})
    columns = (Offer.id, Offer.reference, Provider.name, Lot.name, Issue.state, Offer.issued_at, Issue.deadline)
    query = select(*columns, lines, answered, awarded, minutes)
    if not joined:
        return query
    tables = query.select_from(Offer).join(Issue, Issue.id == Offer.issue_id).join(Lot, Lot.id == Issue.lot_id)
    return tables.join(Offer.provider)


def _answers(states: frozenset[ResponseState] | set[ResponseState]) -> Any:
    query = select(func.count(Response.id)).join(OfferLine, OfferLine.id == Response.line_id)
    return query.where(OfferLine.offer_id == Offer.id, Response.state.in_(states)).correlate(Offer).scalar_subquery()


def _whole() -> Select[Offer]:
    lines = selectinload(Offer.lines)
    return (
        select(Offer)
        .join(Offer.provider)
        .options(
            contains_eager(Offer.provider),
            joinedload(Offer.issue).joinedload(Issue.scheme),
            lines.joinedload(OfferLine.response),
            *(lines.joinedload(OfferLine.round).joinedload(Round.package).selectinload(part) for part in _PARTS),
        )
        .execution_options(populate_existing=True)
    )


def _of_line() -> list[Any]:
    package = joinedload(OfferLine.round).joinedload(Round.package)
    return [joinedload(OfferLine.response), *(package.selectinload(part) for part in _PARTS)]


_PARTS = (Package.visits, Package.skills)


UNTIL_CLOSED = "until the deadline"
FOR_EVER = "for ever: it was taken back before the deadline"
OF_ITS_PROVIDER = "for ever: a draft is its provider's own"


def seal_of_answers(told: Sequence[Told]) -> list[str | None]:
    """Until when each is sealed: what an entry about an offer tells is about one package of it. One query."""
    states = _states({entry.subject_id for entry in told}, {str(entry.facts.get("package")) for entry in told})
    return [states.get((entry.subject_id, str(entry.facts.get("package"))), UNTIL_CLOSED) for entry in told]


def seal_of_drafts(told: Sequence[Told]) -> list[str | None]:
    """A draft is never the council's to read."""
    return [OF_ITS_PROVIDER] * len(told)


def _states(offer_ids: set[UUID], references: set[str]) -> dict[tuple[UUID, str], str | None]:
    query = (
        select(Offer.id, Package.reference, Issue.state, Issue.ended_at, Round.state, Round.ended_at)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .where(Offer.id.in_(offer_ids), Package.reference.in_(references))
    )
    return {
        (offer_id, reference): _until(issue, closed_at, state, ended_at)
        for offer_id, reference, issue, closed_at, state, ended_at in db.session.execute(query)
    }


def _until(issue: OfferState, closed_at: datetime | None, state: RoundState, ended_at: datetime | None) -> str | None:
    if not is_sealed(issue, closed_at, state, ended_at):
        return None
    return UNTIL_CLOSED if issue is OfferState.OPEN and state is not RoundState.WITHDRAWN else FOR_EVER
