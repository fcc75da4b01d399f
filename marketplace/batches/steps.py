"""Each step that somebody takes with batches: proposing them; and adding, lifting out, merging, splitting, sealing."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from app.errors import Invalid
from app.steps import FormStep, PageStep, at
from app.ui.forms import HomewardForm
from marketplace.batches import queries, services
from marketplace.batches.forms import (
    SOURCE_NAMES,
    AddForm,
    DiscardForm,
    LiftForm,
    LiftIn,
    MergeForm,
    ProposeForm,
    ProposeIn,
    SplitBatchForm,
    seen_version,
    with_choices,
)
from marketplace.batches.models import Batch
from marketplace.batches.routes import batch_page
from marketplace.packages.models import Package
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import managed_scheme, schemes_of

bp = Blueprint("batch_steps", __name__, url_prefix="/batches")

Typed = TypeVar("Typed")
Seen = int | None
"""The version of the batch that whoever changes it has seen; None where it is not said."""


@at(bp, "/propose")
class ProposeBatches(PageStep[list[Scheme], ProposeIn]):
    """Proposes batches; earlier drafts of the same scheme or lot are replaced."""

    permission = "batches:write"

    def load(self, **ids: UUID) -> list[Scheme]:
        return schemes_of(self.viewer.authority_id)

    def form(self, schemes: list[Scheme]) -> HomewardForm:
        form = ProposeForm(scope=request.args.get("scheme", "")[:36])
        form.offer(schemes)
        return form

    def act(self, schemes: list[Scheme], typed: ProposeIn) -> tuple[Scheme, list[Batch]]:
        scheme, lot = managed_scheme(self.viewer, typed.scheme_id), None
        if typed.lot_id is not None:
            lot = next((each for each in scheme.lots if each.id == typed.lot_id), None)
            if lot is None:
                raise Invalid({"lot_id": "This scheme has no such lot."})
        return scheme, services.propose_batches(scheme, lot, typed.sources, self.viewer.actor)

    def onwards(self, schemes: list[Scheme], outcome: tuple[Scheme, list[Batch]]) -> str:
        return url_for("batches.drafts", scheme_id=outcome[0].id)

    def page(self, form: HomewardForm, schemes: list[Scheme]) -> str:
        names = {lot.id: (scheme.name, lot.name) for scheme in schemes for lot in scheme.lots}
        waiting = [
            (*names[count.lot_id], SOURCE_NAMES[count.source], count) for count in queries.waiting_counts(self.viewer)
        ]
        return render_template("marketplace/batches/propose.html", form=form, schemes=schemes, waiting=waiting)


class _EditBatch(FormStep[Batch, tuple[Seen, Typed]]):
    """A change of a batch as its page showed it; a refusal shows the batch as it is now, with what was typed."""

    permission = "batches:write"
    query = staticmethod(queries.batch_for)
    leads_to = "batches.show"

    def form(self, batch: Batch) -> HomewardForm:
        return with_choices(self.form_class(), batch, queries.batches_to_merge(batch))

    def typed(self, form: HomewardForm, batch: Batch) -> tuple[Seen, Typed]:
        return seen_version(), form.typed()

    def page(self, form: HomewardForm, batch: Batch) -> str:
        return batch_page(self.viewer, batch, form)


@at(bp, "/<uuid:batch_id>/add")
class AddPackage(_EditBatch[str]):
    """Adds a waiting package."""

    form_class = AddForm

    def act(self, batch: Batch, typed: tuple[Seen, str]) -> Package:
        version, reference = typed
        package = queries.package_named(self.viewer, reference)
        services.add_package(batch, package, by=self.viewer.actor, expected_version=version)
        return package

    def says(self, batch: Batch, package: Package) -> str:
        return f"{package.reference} was added."


@at(bp, "/<uuid:batch_id>/lift")
class LiftPackage(_EditBatch[LiftIn]):
    """Lifts a package out for the person's own preference."""

    form_class = LiftForm

    def act(self, batch: Batch, typed: tuple[Seen, LiftIn]) -> Package:
        version, lift = typed
        package = next((each for each in batch.packages if each.id == lift.package_id), None)
        if package is None:
            raise Invalid({"lift": "One of the packages is not in this batch."})
        services.lift_package(batch, package, lift.because, self.viewer.actor, expected_version=version)
        return package

    def says(self, batch: Batch, package: Package) -> str:
        return f"{package.reference} was lifted out and is ready again."


@at(bp, "/<uuid:batch_id>/merge")
class MergeBatches(_EditBatch[UUID]):
    """Merges another draft into this one."""

    form_class = MergeForm

    def act(self, batch: Batch, typed: tuple[Seen, UUID]) -> Batch:
        version, other_id = typed
        other = queries.batch_for(self.viewer, other_id)
        services.merge(batch, other, by=self.viewer.actor, expected_version=version)
        return other

    def says(self, batch: Batch, other: Batch) -> str:
        return f"{other.reference} was merged into this batch."


@at(bp, "/<uuid:batch_id>/split")
class SplitBatch(_EditBatch[list[UUID]]):
    """Moves some packages into a batch of their own."""

    form_class = SplitBatchForm

    def act(self, batch: Batch, typed: tuple[Seen, list[UUID]]) -> Batch:
        version, package_ids = typed
        return services.split(batch, package_ids, by=self.viewer.actor, expected_version=version)

    def says(self, batch: Batch, made: Batch) -> str:
        return f"{len(made.packages)} moved to the new batch {made.reference}."


@at(bp, "/<uuid:batch_id>/discard")
class DiscardBatch(_EditBatch[str]):
    """Gives the batch up and releases its packages."""

    form_class = DiscardForm
    said = "The batch was discarded and its packages are ready again."

    def act(self, batch: Batch, typed: tuple[Seen, str]) -> None:
        services.discard(batch, by=self.viewer.actor, because=typed[1])


@at(bp, "/<uuid:batch_id>/seal")
class SealBatch(_EditBatch[None]):
    """Seals the batch as the page showed it."""

    form_class = HomewardForm
    said = "The batch is sealed and can be offered."

    def act(self, batch: Batch, typed: tuple[Seen, None]) -> None:
        services.seal(batch, by=self.viewer.actor, expected_version=typed[0])


@at(bp, "/<uuid:batch_id>/unseal")
class UnsealBatch(_EditBatch[None]):
    """Opens the batch for changes again."""

    form_class = HomewardForm
    said = "The batch can be changed again."

    def act(self, batch: Batch, typed: tuple[Seen, None]) -> None:
        services.unseal(batch, by=self.viewer.actor, expected_version=typed[0])
