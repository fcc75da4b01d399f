"""Pages on which a contract manager overrides the CQC gate for one member, and takes that back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import ReasonForm, day_in
from marketplace.membership import overrides as services
from marketplace.membership import queries
from marketplace.membership.forms import OverrideForm
from marketplace.membership.models import GateOverride, Membership

bp = Blueprint("overrides", __name__)

TOLD = (
    "Offers and awards go on although CQC rates this member below what the scheme asks for. It holds for every lot of "
    "the scheme. The suspension that the rating caused is lifted; other suspensions stay. Brokers see a flag."
)


@bp.get("/memberships/<uuid:membership_id>/override")
@allows("ratings:override")
def override_form(membership_id: UUID) -> str:
    """The form of an override."""
    return _override_page(queries.membership_for(current_viewer(), membership_id), OverrideForm())


@bp.post("/memberships/<uuid:membership_id>/override")
@allows("ratings:override")
def override(membership_id: UUID) -> AnyResponse:
    """Overrides the CQC gate for this member in its scheme."""
    viewer, form = current_viewer(), OverrideForm()
    membership = queries.membership_for(viewer, membership_id)

    def do() -> None:
        draft = services.OverrideDraft(form.reason.data or "", day_in(form.ends_on))
        services.override_gate(membership.scheme, membership.provider, draft, by=viewer.actor)

    return answered(
        form,
        do,
        lambda: _override_page(membership, form),
        lambda: url_for("memberships.show", membership_id=membership_id),
        "The CQC gate is overridden and the provider has been told.",
    )


@bp.get("/memberships/<uuid:membership_id>/override/<uuid:override_id>/take-back")
@allows("ratings:override")
def take_back_form(membership_id: UUID, override_id: UUID) -> str:
    """The form that takes an override back."""
    membership = queries.membership_for(current_viewer(), membership_id)
    return _take_back_page(membership, queries.override_of(membership, override_id), ReasonForm())


@bp.post("/memberships/<uuid:membership_id>/override/<uuid:override_id>/take-back")
@allows("ratings:override")
def take_back(membership_id: UUID, override_id: UUID) -> AnyResponse:
    """Takes an override back: the rating counts again."""
    viewer, form = current_viewer(), ReasonForm()
    membership = queries.membership_for(viewer, membership_id)
    found = queries.override_of(membership, override_id)
    return answered(
        form,
        lambda: services.take_back(found, form.because.data or "", by=viewer.actor),
        lambda: _take_back_page(membership, found, form),
        lambda: url_for("memberships.show", membership_id=membership_id),
        "The override is taken back and the provider has been told.",
    )


def _override_page(membership: Membership, form: OverrideForm) -> str:
    back = url_for("memberships.show", membership_id=membership.id)
    caption = f"{membership.provider.name}, CQC rating: {membership.provider.cqc_rating.value}"
    return form_page(form, "Override the CQC gate", "Override", back, caption, TOLD)


def _take_back_page(membership: Membership, override: GateOverride, form: ReasonForm) -> str:
    back = url_for("memberships.show", membership_id=membership.id)
    return form_page(form, "Take the override back", "Take it back", back, membership.provider.name, override.sentence)
