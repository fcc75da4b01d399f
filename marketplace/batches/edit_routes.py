"""Changing a batch by hand: add, lift out, merge, split, seal, unseal, discard. Each is one POST of the batch's page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import NotFoundForViewer, Refusal
from app.parties.viewer import Viewer
from app.ui.forms import HomewardForm
from marketplace.batches import queries, services
from marketplace.batches.forms import (
    AddForm,
    BatchForms,
    DiscardForm,
    LiftForm,
    MergeForm,
    SplitForm,
    batch_forms,
    seen_version,
)
from marketplace.batches.models import Batch
from marketplace.batches.routes import batch_page
from marketplace.packages.models import Package

bp = Blueprint("batch_edits", __name__, url_prefix="/batches")

Change = Callable[[Viewer, Batch, BatchForms], str]


@bp.post("/<uuid:batch_id>/add")
@allows("batches:write")
def add(batch_id: UUID) -> AnyResponse:
    """Adds a waiting package."""

    def change(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
        package = queries.package_named(viewer, forms.add.reference.data or "")
        services.add_package(batch, package, by=viewer.actor, expected_version=seen_version())
        return f"{package.reference} was added."

    return _changed(batch_id, AddForm, change)


@bp.post("/<uuid:batch_id>/lift")
@allows("batches:write")
def lift(batch_id: UUID) -> AnyResponse:
    """Lifts a package out for the person's own preference."""

    def change(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
        package = _inside(batch, forms.lift.package.data)
        because = forms.lift.because.data or ""
        services.lift_package(batch, package, because, viewer.actor, expected_version=seen_version())
        return f"{package.reference} was lifted out and is ready again."

    return _changed(batch_id, LiftForm, change)


@bp.post("/<uuid:batch_id>/merge")
@allows("batches:write")
def merge(batch_id: UUID) -> AnyResponse:
    """Merges another draft into this one."""

    def change(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
        other = queries.batch_for(viewer, UUID(forms.merge.other.data))
        services.merge(batch, other, by=viewer.actor, expected_version=seen_version())
        return f"{other.reference} was merged into this batch."

    return _changed(batch_id, MergeForm, change)


@bp.post("/<uuid:batch_id>/split")
@allows("batches:write")
def split(batch_id: UUID) -> AnyResponse:
    """Moves some packages into a batch of their own."""

    def change(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
        going = [UUID(one) for one in forms.split.packages.data or []]
        made = services.split(batch, going, by=viewer.actor, expected_version=seen_version())
        return f"{len(made.packages)} moved to the new batch {made.reference}."

    return _changed(batch_id, SplitForm, change)


@bp.post("/<uuid:batch_id>/discard")
@allows("batches:write")
def discard(batch_id: UUID) -> AnyResponse:
    """Gives the batch up and releases its packages."""

    def change(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
        services.discard(batch, by=viewer.actor, because=forms.discard.discard_because.data or "")
        return "The batch was discarded and its packages are ready again."

    return _changed(batch_id, DiscardForm, change)


@bp.post("/<uuid:batch_id>/seal")
@allows("batches:write")
def seal(batch_id: UUID) -> AnyResponse:
    """Seals the batch as the page showed it."""

    def change(viewer: Viewer, batch: Batch, _forms: BatchForms) -> str:
        services.seal(batch, by=viewer.actor, expected_version=seen_version())
        return "The batch is sealed and can be offered."

    return _changed(batch_id, HomewardForm, change)


@bp.post("/<uuid:batch_id>/unseal")
@allows("batches:write")
def unseal(batch_id: UUID) -> AnyResponse:
    """Opens the batch for changes again."""

    def change(viewer: Viewer, batch: Batch, _forms: BatchForms) -> str:
        services.unseal(batch, by=viewer.actor, expected_version=seen_version())
        return "The batch can be changed again."

    return _changed(batch_id, HomewardForm, change)


def _changed(batch_id: UUID, kind: type[HomewardForm], change: Change) -> AnyResponse:
    """Makes one change and goes back to the batch; a refusal shows the batch as it is now, with what was typed."""
    viewer = current_viewer()
    batch = queries.batch_for(viewer, batch_id)
    forms = batch_forms(batch, queries.batches_to_merge(batch), kind)
    sent = next((form for form in forms if type(form) is kind), forms.discard)
    if type(sent) is kind and not sent.validate():
        return Response(batch_page(viewer, batch, forms), status=422)
    try:
        sentence = change(viewer, batch, forms)
    except NotFoundForViewer:
        raise
    except Refusal as refusal:
        db.session.rollback()
        sent.take(refusal)
        return Response(batch_page(viewer, queries.batch_for(viewer, batch_id), forms), status=refusal.status)
    flash(sentence, "success")
    return redirect(url_for("batches.show", batch_id=batch_id))


def _inside(batch: Batch, package_id: str) -> Package:
    return next(package for package in batch.packages if str(package.id) == package_id)
