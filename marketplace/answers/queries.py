"""Questions about answers: a provider's own offers, whole and in lists, what a link opens, and what the audit may tell.

Another organisation's offer is not found. Every list and every page costs the same number of queries, however many
packages an offer holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, and_, func, select
from sqlalchemy.orm import Load, contains_eager, joinedload

from app import clock
from app.audit.tags import Told
from app.database import db, only_one
from app.errors import LinkGone, NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.models import Organisation
from app.parties.viewer import Viewer
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.sheets import OfferRowOut
from marketplace.packages.models import Package
from marketplace.providers.models import Provider, ProviderContact
from marketplace.rounds.models import Issue, Offer, OfferLine, OfferLink, Response, Round
from marketplace.rounds.rules import SENT, OfferState, ResponseState, RoundState, is_sealed
from marketplace.schemes.models import Lot

LINK_GONE = "This link does not work, or not any more. Sign in to see the offers of your organisation."
LONGEST_TOKEN = 200
Query = TypeVar("Query", bound=Select[Any])


def offers_page(viewer: Viewer, open_only: bool = True, *, number: int | None = None) -> Page[OfferRowOut]:
    """The provider's offers: those open by deadline, the most urgent first; or those that are over, newest first."""
    query = offers_of(viewer, *_ROW).where(_is_open() if open_only else ~_is_open())
    page = paged(query.order_by(Issue.deadline if open_only else Issue.deadline.desc(), Offer.id), number=number)
    return replace(page, rows=[OfferRowOut.model_validate(row) for row in page.rows])


def offer_for(viewer: Viewer, offer_id: UUID) -> Offer:
    """One offer of the viewer's provider, with all its packages and answers. Raises NotFoundForViewer."""
    query = select(Offer).join(Offer.provider).where(Offer.id == offer_id).options(*_whole(Load(Offer)))
    return only_one(own_offers(query, viewer).execution_options(populate_existing=True))


def line_for(viewer: Viewer, line_id: UUID) -> OfferLine:
    """One package in an offer of the viewer's provider, with its visits and answer. Raises NotFoundForViewer."""
    offer, package = contains_eager(OfferLine.offer), joinedload(OfferLine.round).joinedload(Round.package)
    query = (
        select(OfferLine)
        .join(OfferLine.offer)
        .join(Offer.provider)
        .where(OfferLine.id == line_id)
        .options(offer.contains_eager(Offer.provider), offer.joinedload(Offer.issue).joinedload(Issue.scheme))
        .options(joinedload(OfferLine.response), *(package.selectinload(part) for part in _PARTS))
        .execution_options(populate_existing=True)
    )
    return only_one(own_offers(query, viewer))


def offer_by_link(token: str) -> OfferLink:
    """The link in an email with its whole offer, until the deadline. Raises LinkGone, the same for every other link."""
    hashed = sha256(token[:LONGEST_TOKEN].encode("utf-8", "surrogatepass")).hexdigest()
    contact_stays = and_(ProviderContact.id == OfferLink.contact_id, ProviderContact.left_at.is_(None))
    is_let_in = Provider.organisation_id.in_(select(Organisation.id).where(Organisation.suspended_at.is_(None)))
    query = (
        select(OfferLink)
        .join(ProviderContact, contact_stays)
        .join(Provider, Provider.id == ProviderContact.provider_id)
        .join(OfferLink.offer)
        .join(Offer.issue)
        .where(OfferLink.secret_hash == hashed, _is_open(), is_let_in)
        .options(*_whole(joinedload(OfferLink.offer)))
        .execution_options(populate_existing=True)
    )
    link = db.session.scalars(query).unique().one_or_none()
    if link is None:
        raise LinkGone(LINK_GONE)
    return link


def unanswered_count(viewer: Viewer) -> int:
    """How many open offers hold a package that still waits for an answer."""
    return db.session.scalar(_waiting(viewer, func.count(Offer.id))) or 0


def unanswered_offers(viewer: Viewer, limit: int) -> Sequence[OfferRowOut]:
    """The open offers that hold a package without an answer, the most urgent first."""
    query = _waiting(viewer, *_ROW).order_by(Issue.deadline, Offer.id).limit(limit)
    return [OfferRowOut.model_validate(row) for row in db.session.execute(query)]


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
    values = {name: getattr(response, name) for name in ResponseDraft.__dataclass_fields__}
    return ResponseDraft(**values | {"decline_code": response.decline_code or ""})


def own_offers(query: Query, viewer: Viewer) -> Query:
    """Only what belongs to the viewer's provider; nobody else's users own an offer."""
    if not viewer.is_provider:
        raise NotFoundForViewer
    return query.where(Provider.organisation_id == viewer.organisation_id)


def offers_of(viewer: Viewer, *columns: Any) -> Select[Any]:
    """These columns of the offers of the viewer's provider, each with its issue and lot."""
    joined = select(*columns).select_from(Offer).join(Offer.issue).join(Issue.lot).join(Offer.provider)
    return own_offers(joined, viewer)


def _is_open() -> ColumnElement[bool]:
    return and_(Issue.state == OfferState.OPEN, Issue.deadline > clock.now())


def _waiting(viewer: Viewer, *columns: Any) -> Select[Any]:
    answered = select(Response.id).where(Response.line_id == OfferLine.id, Response.state == ResponseState.SUBMITTED)
    open_line = select(OfferLine.id).join(OfferLine.round).where(OfferLine.offer_id == Offer.id)
    waits = open_line.where(Round.state == RoundState.OPEN, ~answered.exists()).exists()
    return offers_of(viewer, *columns).where(_is_open(), waits)


def _total(query: Select[Any], name: str) -> Label[Any]:
    """What a query adds up of the lines of an offer."""
    return query.where(OfferLine.offer_id == Offer.id).correlate(Offer).scalar_subquery().label(name)


_ANSWERS = select(func.count(Response.id)).join(Response.line)
_MINUTES = select(func.coalesce(func.sum(Package.weekly_minutes), 0)).select_from(OfferLine)
_MINUTES = _MINUTES.join(OfferLine.round).join(Round.package)
_ROW = (
    *(Offer.id, Offer.reference, Provider.name.label("provider"), Lot.name.label("lot"), Issue.state),
    *(Offer.issued_at, Issue.deadline, _total(select(func.count(OfferLine.id)), "packages")),
    _total(_ANSWERS.where(Response.state.in_(SENT)), "answered"),
    _total(_ANSWERS.where(Response.state == ResponseState.AWARDED), "awarded"),
    _total(_MINUTES, "weekly_minutes"),
)
"""The columns of an `OfferRowOut`."""


_PARTS = (Package.visits, Package.skills)


def _whole(offer: Any) -> list[Any]:
    """What is read with an offer: its provider and terms, and its packages with their answers."""
    lines = offer.selectinload(Offer.lines)
    package = lines.joinedload(OfferLine.round).joinedload(Round.package)
    return [
        *(offer.joinedload(Offer.provider), offer.joinedload(Offer.issue).joinedload(Issue.scheme)),
        *(lines.joinedload(OfferLine.response), *(package.selectinload(part) for part in _PARTS)),
    ]


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
        .join(Offer.issue)
        .join(Offer.lines)
        .join(OfferLine.round)
        .join(Round.package)
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
