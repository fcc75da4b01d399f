"""The page on which a contract manager notes a newer document of a member."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from marketplace.applications import queries
from marketplace.applications.answering import answered, form_page
from marketplace.applications.document_services import renew
from marketplace.applications.forms import RenewalForm, day_in
from marketplace.applications.models import Application
from marketplace.applications.rules import CHECK_NAMES, CheckKind

bp = Blueprint("documents", __name__)

TOLD = (
    "Homeward keeps what you saw and until when it holds. The document itself is not uploaded: keep it where your "
    "council keeps documents. The provider is reminded 60, 30 and 7 days before."
)


@bp.get("/applications/<uuid:application_id>/documents")
@allows("applications:decide")
def renew_form(application_id: UUID) -> str:
    """The form of a newer document, `?kind=`."""
    return _page(queries.application_for(current_viewer(), application_id), RenewalForm())


@bp.post("/applications/<uuid:application_id>/documents")
@allows("applications:decide")
def renew_document(application_id: UUID) -> AnyResponse:
    """Notes a newer document."""
    viewer, form = current_viewer(), RenewalForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: renew(application, _kind(), form.note.data or "", day_in(form.expires_on), by=viewer.actor),
        lambda: _page(application, form),
        lambda: url_for("applications.show", application_id=application_id),
        "The newer document is recorded.",
    )


def _page(application: Application, form: RenewalForm) -> str:
    back = url_for("applications.show", application_id=application.id)
    caption = f"{application.reference}, {application.provider.name}"
    return form_page(form, f"Newer document: {CHECK_NAMES[_kind()]}", "Record it", back, caption, TOLD)


def _kind() -> CheckKind:
    named = request.args.get("kind", "")
    if named not in set(CheckKind):
        raise NotFoundForViewer
    return CheckKind(named)
