"""Pages of members for the council: the list, one membership, suspensions and removals."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.database import db
from app.http.paging import paged
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import ReasonForm, day_in
from marketplace.applications.pages import WORDS as APPLICATION_WORDS
from marketplace.membership import queries
from marketplace.membership import suspensions as suspension_services
from marketplace.membership.forms import ReviewForm, SuspensionForm
from marketplace.membership.models import Membership, Removal, Suspension
from marketplace.providers.queries import provider_for
from marketplace.schemes.queries import managed_scheme, schemes_of

bp = Blueprint("memberships", __name__)

DOCUMENT_WORDS = {name: APPLICATION_WORDS[name] for name in ("check_names", "expiry_text", "expiry_colour")}


@bp.get("/memberships")
@allows("memberships:read")
def index() -> str:
    """Members by lot, with a search; ended memberships on request."""
    viewer = current_viewer()
    schemes = schemes_of(viewer.authority_id)
    lots = {str(lot.id): lot for scheme in schemes for lot in scheme.lots}
    lot = lots.get(request.args.get("lot", ""))
    text, ended = request.args.get("q", "").strip()[:80], request.args.get("ended") == "yes"
    page = paged(queries.memberships_list(viewer, text, lot.id if lot else None, ended=ended))
    return render_template(
        "marketplace/membership/memberships.html",
        page=page,
        schemes=schemes,
        lot=lot,
        text=text,
        ended=ended,
    )


@bp.get("/memberships/<uuid:membership_id>")
@allows("memberships:read")
def show(membership_id: UUID) -> str:
    """One membership: areas, capacity, suspensions, removals, and what has happened."""
    return _page(queries.membership_for(current_viewer(), membership_id))


def _page(membership: Membership) -> str:
    viewer = current_viewer()
    place = next(
        one for one in queries.places_of(viewer, [membership.provider]) if one.scheme.id == membership.scheme_id
    )
    removals = select(Removal).where(Removal.membership_id == membership.id).order_by(Removal.told_at.desc())
    return render_template(
        "marketplace/membership/membership.html",
        membership=membership,
        place=place,
        overrides=queries.overrides_of(membership),
        today=clock.today(),
        documents=queries.documents_of(membership),
        **DOCUMENT_WORDS,
        removals=db.session.scalars(removals).all(),
        entries=timeline(membership.id, Audience.COUNCIL),
    )


def _to(membership_id: UUID) -> Callable[[], str]:
    return lambda: url_for("memberships.show", membership_id=membership_id)


@bp.get("/schemes/<uuid:scheme_id>/providers/<uuid:provider_id>/suspend")
@allows("suspensions:manage")
def suspension_form(scheme_id: UUID, provider_id: UUID) -> str:
    """The form of a suspension."""
    today = clock.today()
    return _suspend_page(scheme_id, provider_id, SuspensionForm(starts_on=today, new_offers_only=True))


@bp.post("/schemes/<uuid:scheme_id>/providers/<uuid:provider_id>/suspend")
@allows("suspensions:manage")
def suspend(scheme_id: UUID, provider_id: UUID) -> AnyResponse:
    """Suspends new offers to a member."""
    viewer = current_viewer()
    scheme, provider = managed_scheme(viewer, scheme_id), provider_for(viewer, provider_id)
    form = SuspensionForm().of_scheme(scheme)
    made: list[Suspension] = []

    def do() -> None:
        made.append(suspension_services.suspend(scheme, provider, form.draft_in(scheme), by=viewer.actor))

    return answered(
        form,
        do,
        lambda: _suspend_page(scheme_id, provider_id, form),
        lambda: url_for("memberships.suspension", suspension_id=made[0].id),
        "New offers are suspended and the provider has been told.",
    )


def _suspend_page(scheme_id: UUID, provider_id: UUID, form: SuspensionForm) -> str:
    viewer = current_viewer()
    scheme, provider = managed_scheme(viewer, scheme_id), provider_for(viewer, provider_id)
    back = url_for("register.show", provider_id=provider_id)
    told = "Care that is given now goes on. New offers and awards in this scope stop."
    return form_page(form.of_scheme(scheme), "Suspend new offers", "Suspend", back, provider.name, told)


@bp.get("/suspensions/<uuid:suspension_id>")
@allows("memberships:read")
def suspension(suspension_id: UUID) -> str:
    """One suspension: scope, reason, dates, and what has happened."""
    found = queries.suspension_for(current_viewer(), suspension_id)
    over = found.lifted_at is not None or found.ends_on < clock.today()
    entries = timeline(found.id, Audience.COUNCIL)
    return render_template("marketplace/membership/suspension.html", suspension=found, over=over, entries=entries)


@bp.get("/suspensions/<uuid:suspension_id>/review")
@allows("suspensions:manage")
def review_form(suspension_id: UUID) -> str:
    """The form that keeps a suspension."""
    found = queries.suspension_for(current_viewer(), suspension_id)
    return _suspension_form_page(found, ReviewForm(ends_on=found.ends_on), *REVIEW)


@bp.post("/suspensions/<uuid:suspension_id>/review")
@allows("suspensions:manage")
def review(suspension_id: UUID) -> AnyResponse:
    """Keeps a suspension, with new dates."""
    viewer, form = current_viewer(), ReviewForm()
    found = queries.suspension_for(viewer, suspension_id)

    def do() -> None:
        dates = day_in(form.review_on), day_in(form.ends_on)
        suspension_services.review(found, form.because.data or "", *dates, by=viewer.actor)

    return answered(
        form, do, lambda: _suspension_form_page(found, form, *REVIEW), _to_suspension(suspension_id), "It goes on."
    )


@bp.get("/suspensions/<uuid:suspension_id>/lift")
@allows("suspensions:manage")
def lift_form(suspension_id: UUID) -> str:
    """The form that lifts a suspension."""
    return _suspension_form_page(queries.suspension_for(current_viewer(), suspension_id), ReasonForm(), *LIFT)


@bp.post("/suspensions/<uuid:suspension_id>/lift")
@allows("suspensions:manage")
def lift(suspension_id: UUID) -> AnyResponse:
    """Lifts a suspension."""
    viewer, form = current_viewer(), ReasonForm()
    found = queries.suspension_for(viewer, suspension_id)
    return answered(
        form,
        lambda: suspension_services.lift(found, form.because.data or "", by=viewer.actor),
        lambda: _suspension_form_page(found, form, *LIFT),
        _to_suspension(suspension_id),
        "The suspension is lifted and the provider has been told.",
    )


REVIEW = ("Keep the suspension", "Keep it")
LIFT = ("Lift the suspension", "Lift it")


def _suspension_form_page(found: Suspension, form: ReviewForm | ReasonForm, heading: str, button: str) -> str:
    back = url_for("memberships.suspension", suspension_id=found.id)
    return form_page(form, heading, button, back, found.provider.name)


def _to_suspension(suspension_id: UUID) -> Callable[[], str]:
    return lambda: url_for("memberships.suspension", suspension_id=suspension_id)
