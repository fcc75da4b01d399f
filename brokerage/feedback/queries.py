"""Questions about feedback letters: a provider reads its own, the council all of its authority's."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.database import db
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from brokerage.feedback.models import FeedbackLetter
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Round


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which letters the viewer may read."""
    if viewer.is_provider:
        own = select(Provider.id).where(Provider.organisation_id == viewer.organisation_id)
        return FeedbackLetter.provider_id.in_(own)
    return FeedbackLetter.authority_id == viewer.authority_id


def letters_page(viewer: Viewer) -> Page[tuple[FeedbackLetter, str, str]]:
    """The letters the viewer may read, newest first, each with the package's reference and the provider's name."""
    newest_first = _letters(viewer).order_by(FeedbackLetter.written_at.desc(), FeedbackLetter.id)
    return paged(cast(Any, newest_first))


def letter_for(viewer: Viewer, letter_id: UUID) -> tuple[FeedbackLetter, str, str]:
    """One letter with the package's reference and the provider's name; NotFoundForViewer outside the scope."""
    row = db.session.execute(_letters(viewer).where(FeedbackLetter.id == letter_id)).one_or_none()
    if row is None:
        raise NotFoundForViewer
    return row[0], row[1], row[2]


def _letters(viewer: Viewer) -> Select[FeedbackLetter, str, str]:
    return (
        select(FeedbackLetter, Package.reference, Provider.name)
        .join(Round, Round.id == FeedbackLetter.round_id)
        .join(Package, Package.id == Round.package_id)
        .join(Provider, Provider.id == FeedbackLetter.provider_id)
        .where(scope(viewer))
    )
