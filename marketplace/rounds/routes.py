"""The council's pages of offers: offering a batch or a package, one issue, more time, taking back, answers by phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Conflict, NotFoundForViewer, Refusal
from app.parties.viewer import Viewer
from app.ui.drawing import time_left
from app.ui.forms import HomewardForm
from marketplace.batches.models import Batch
from marketplace.batches.queries import batch_for
from marketplace.invitations.reach import preview_of
from marketplace.packages.models import Package
from marketplace.packages.queries import package_for
from marketplace.rounds.forms import ExtendForm, OfferAgainForm, OfferForm, WithdrawForm
from marketplace.rounds.issuing import issue_batch as offer_batch
from marketplace.rounds.issuing import issue_package as offer_package
from marketplace.rounds.issuing import window_of
from marketplace.rounds.models import Issue
from marketplace.rounds.overview import view_of
from marketplace.rounds.queries import issue_for, rounds_so_far
from marketplace.rounds.rules import NOTICE_COLOURS, OfferState, is_open_at
from marketplace.rounds.services import extend, withdraw_issue

bp = Blueprint("offers", __name__)

STATE_SENTENCES = {
    OfferState.OPEN: "Providers can answer until the deadline.",
    OfferState.CLOSED: "The rounds are closed. The answers are on the ranking of each package.",
    OfferState.WITHDRAWN: "The offer was taken back, and everybody who was asked was told.",
}


def own_batch(viewer: Viewer, batch_id: UUID) -> Batch:
    """A batch of the viewer's own authority: others may see one, and may not offer it."""
    batch = batch_for(viewer, batch_id)
    if batch.authority_id != viewer.authority_id:
        raise NotFoundForViewer
    return batch


def own_package(viewer: Viewer, package_id: UUID) -> Package:
    """A package of the viewer's own authority."""
    package = package_for(viewer, package_id)
    if package.authority_id != viewer.authority_id:
        raise NotFoundForViewer
    return package


def check_version(batch: Batch, typed: str | None) -> None:
    """Refuses to offer a batch that changed since the page was opened; without a version nothing is checked."""
    if typed and typed != str(batch.version):
        raise Conflict("The batch has changed since you opened it. Reload its page, check it and offer it then.")


@bp.get("/batches/<uuid:batch_id>/offer")
@allows("offers:issue")
def preview_batch(batch_id: UUID) -> str:
    """What offering this batch would do now."""
    return _batch_page(own_batch(current_viewer(), batch_id), OfferForm())


@bp.post("/batches/<uuid:batch_id>/offer")
@allows("offers:issue")
def issue_batch(batch_id: UUID) -> AnyResponse:
    """Offers a sealed batch."""
    viewer, form = current_viewer(), OfferForm()
    batch = own_batch(viewer, batch_id)

    def act() -> Issue:
        check_version(batch, request.form.get("version"))
        return offer_batch(batch, by=viewer.actor)

    return _offered(form, act, lambda: _batch_page(own_batch(viewer, batch_id), form))


@bp.get("/packages/<uuid:package_id>/offer")
@allows("offers:issue")
def preview_package(package_id: UUID) -> str:
    """What offering this package would do now."""
    package = own_package(current_viewer(), package_id)
    return _package_page(package, _package_form(package))


@bp.post("/packages/<uuid:package_id>/offer")
@allows("offers:issue")
def issue_package(package_id: UUID) -> AnyResponse:
    """Offers one package; from its second round on, with what has changed."""
    viewer = current_viewer()
    package = own_package(viewer, package_id)
    form = _package_form(package)
    said = getattr(form, "changed_since", None)

    def act() -> Issue:
        return offer_package(package, by=viewer.actor, changed_since=(said.data or "") if said else "")

    return _offered(form, act, lambda: _package_page(own_package(viewer, package_id), form))


@bp.get("/issues/<uuid:issue_id>")
@allows("offers:watch")
def show(issue_id: UUID) -> str:
    """One issue: who was asked, with proof of notice; who was not and why; how much time is left."""
    issue = issue_for(current_viewer(), issue_id)
    return render_template(
        "marketplace/rounds/issue.html",
        issue=issue,
        view=view_of(issue),
        left=time_left(clock.now(), issue.issued_at, issue.deadline),
        is_open=_is_open(issue),
        state_sentences=STATE_SENTENCES,
        notice_colours=NOTICE_COLOURS,
        entries=timeline(issue.id, Audience.COUNCIL),
    )


@bp.get("/issues/<uuid:issue_id>/extend")
@allows("offers:extend")
def extend_form(issue_id: UUID) -> str:
    """Asks for a later deadline."""
    issue, form = issue_for(current_viewer(), issue_id), ExtendForm()
    form.deadline.data = issue.deadline.astimezone(clock.LONDON).date()
    form.at.data = f"{issue.deadline.astimezone(clock.LONDON):%H:%M}"
    return _change_page("extend", issue, form)


@bp.post("/issues/<uuid:issue_id>/extend")
@allows("offers:extend")
def extend_deadline(issue_id: UUID) -> AnyResponse:
    """Gives everybody more time."""
    viewer, form = current_viewer(), ExtendForm()
    issue = issue_for(viewer, issue_id)
    return _changed(
        "extend", issue, form, lambda: extend(issue, form.instant(), form.reason.data or "", by=viewer.actor)
    )


@bp.get("/issues/<uuid:issue_id>/withdraw")
@allows("offers:withdraw")
def withdraw_form(issue_id: UUID) -> str:
    """Asks why the offer is taken back."""
    return _change_page("withdraw", issue_for(current_viewer(), issue_id), WithdrawForm())


@bp.post("/issues/<uuid:issue_id>/withdraw")
@allows("offers:withdraw")
def withdraw(issue_id: UUID) -> AnyResponse:
    """Takes the whole offer back."""
    viewer, form = current_viewer(), WithdrawForm()
    issue = issue_for(viewer, issue_id)
    return _changed("withdraw", issue, form, lambda: withdraw_issue(issue, form.because.data or "", by=viewer.actor))


def _offered(form: HomewardForm, act: Callable[[], Issue], page: Callable[[], str]) -> AnyResponse:
    if not form.validate_on_submit():
        return Response(page(), status=422)
    try:
        issue = act()
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(page(), status=refusal.status)
    return redirect(url_for("offers.show", issue_id=issue.id))


def _changed(kind: str, issue: Issue, form: HomewardForm, act: Callable[[], None]) -> AnyResponse:
    if not form.validate_on_submit():
        return Response(_change_page(kind, issue, form), status=422)
    try:
        act()
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_change_page(kind, issue, form), status=refusal.status)
    flash("Everybody who was asked has been told.", "success")
    return redirect(url_for("offers.show", issue_id=issue.id))


def _batch_page(batch: Batch, form: HomewardForm) -> str:
    what = {"title": f"batch {batch.reference}", "back": url_for("batches.show", batch_id=batch.id)}
    packages = batch.packages
    return _preview_page(form, what, preview_of(batch.scheme, packages, batch.window) if packages else None)


def _package_page(package: Package, form: HomewardForm) -> str:
    what = {"title": f"package {package.reference}", "back": url_for("packages.show", package_id=package.id)}
    return _preview_page(form, what, preview_of(package.scheme, [package], window_of(package)))


def _preview_page(form: HomewardForm, what: dict[str, str], preview: Any) -> str:
    return render_template("marketplace/rounds/preview.html", form=form, preview=preview, **what)


def _package_form(package: Package) -> HomewardForm:
    return OfferAgainForm() if rounds_so_far(package) else OfferForm()


def _change_page(kind: str, issue: Issue, form: HomewardForm) -> str:
    is_open = _is_open(issue)
    return render_template(f"marketplace/rounds/{kind}.html", issue=issue, form=form, is_open=is_open)


def _is_open(issue: Issue) -> bool:
    return issue.state is OfferState.OPEN and is_open_at(clock.now(), issue.deadline)
