"""Pages of schemes: the list, one scheme, its file, a new policy, a new floor and ceiling, another end."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.ui.forms import HomewardForm
from marketplace.schemes import queries
from marketplace.schemes.forms import EndForm, policy_form, price_form
from marketplace.schemes.overview import scheme_view
from marketplace.schemes.policies import add_policy, terms_of
from marketplace.schemes.prices import set_price
from marketplace.schemes.regime_rules import REGIME_NAMES, end_warning
from marketplace.schemes.services import change_end

bp = Blueprint("schemes", __name__, url_prefix="/schemes")


@bp.get("")
@allows("schemes:read")
def index() -> str:
    """The schemes the viewer may read."""
    today = clock.today()
    views = [
        (scheme, REGIME_NAMES[scheme.regime], end_warning(scheme.regime, today))
        for scheme in queries.schemes_for(current_viewer())
    ]
    return render_template("marketplace/schemes/index.html", views=views)


@bp.get("/<uuid:scheme_id>")
@allows("schemes:read")
def show(scheme_id: UUID) -> str:
    """One scheme: its policy in sentences, earlier ones, lots and prices, zones, teams."""
    viewer = current_viewer()
    view = scheme_view(viewer, queries.scheme_for(viewer, scheme_id))
    return render_template("marketplace/schemes/show.html", view=view)


@bp.get("/<uuid:scheme_id>/policies/new")
@allows("schemes:manage")
def new_policy(scheme_id: UUID) -> str:
    """A policy to come, filled with the one that holds."""
    scheme = queries.managed_scheme(current_viewer(), scheme_id)
    form = policy_form(terms_of(queries.policy_on(scheme.id, clock.today())))
    return render_template("marketplace/schemes/policy.html", form=form, scheme=scheme)


@bp.post("/<uuid:scheme_id>/policies/new")
@allows("schemes:manage")
def enter_policy(scheme_id: UUID) -> AnyResponse:
    """Enters it."""
    viewer = current_viewer()
    scheme = queries.managed_scheme(viewer, scheme_id)
    base = terms_of(queries.policy_on(scheme.id, clock.today()))
    form = policy_form(base)
    if not form.validate_on_submit():
        return _again("marketplace/schemes/policy.html", form, scheme_id)
    try:
        add_policy(scheme, form.terms(base), form.begins, because=form.reason, by=viewer.actor)
    except Refusal as refusal:
        return _refused("marketplace/schemes/policy.html", form, refusal, scheme_id)
    flash("The policy is entered.", "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id))


@bp.get("/<uuid:scheme_id>/prices/new")
@allows("schemes:manage")
def new_price(scheme_id: UUID) -> str:
    """A floor and ceiling to come."""
    scheme = queries.managed_scheme(current_viewer(), scheme_id)
    return render_template("marketplace/schemes/price.html", form=price_form(scheme), scheme=scheme)


@bp.post("/<uuid:scheme_id>/prices/new")
@allows("schemes:manage")
def enter_price(scheme_id: UUID) -> AnyResponse:
    """Enters them."""
    viewer = current_viewer()
    scheme = queries.managed_scheme(viewer, scheme_id)
    form = price_form(scheme)
    if not form.validate_on_submit():
        return _again("marketplace/schemes/price.html", form, scheme_id)
    lot = next(lot for lot in scheme.lots if str(lot.id) == form.lot.data)
    zone = next((zone for zone in scheme.zones if zone.id == form.chosen_zone), None)
    try:
        set_price(
            lot, form.limits(), form.begins, zone=zone, band=form.chosen_band, because=form.reason, by=viewer.actor
        )
    except Refusal as refusal:
        return _refused("marketplace/schemes/price.html", form, refusal, scheme_id)
    flash("The floor and ceiling are entered.", "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id))


@bp.get("/<uuid:scheme_id>/end")
@allows("schemes:manage")
def end(scheme_id: UUID) -> str:
    """The last day of the scheme."""
    scheme = queries.managed_scheme(current_viewer(), scheme_id)
    return render_template(
        "marketplace/schemes/end.html", form=EndForm(data={"ends_on": scheme.ends_on}), scheme=scheme
    )


@bp.post("/<uuid:scheme_id>/end")
@allows("schemes:manage")
def enter_end(scheme_id: UUID) -> AnyResponse:
    """Changes it, where the regime lets it."""
    viewer = current_viewer()
    scheme = queries.managed_scheme(viewer, scheme_id)
    form = EndForm()
    if not form.validate_on_submit():
        return _again("marketplace/schemes/end.html", form, scheme_id)
    try:
        change_end(scheme, form.ends_on.data, because=form.because.data or "", by=viewer.actor)
    except Refusal as refusal:
        return _refused("marketplace/schemes/end.html", form, refusal, scheme_id)
    flash("The end of the scheme is changed.", "success")
    return redirect(url_for("schemes.show", scheme_id=scheme_id))


def _refused(template: str, form: HomewardForm, refusal: Refusal, scheme_id: UUID | None = None) -> AnyResponse:
    db.session.rollback()
    form.take(refusal)
    return _again(template, form, scheme_id, refusal.status)


def _again(template: str, form: HomewardForm, scheme_id: UUID | None = None, status: int = 422) -> AnyResponse:
    scheme = queries.managed_scheme(current_viewer(), scheme_id) if scheme_id else None
    return Response(render_template(template, form=form, scheme=scheme), status=status)
