"""Each step that somebody takes with batches: proposing them; and adding, taking out, merging, splitting, sealing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.errors import Conflict, Invalid, Refusal
from app.steps import FormStep, PageStep, at
from app.tasks import Task
from app.ui.forms import HomewardForm
from marketplace.batches import queries, services
from marketplace.batches.forms import (
    SOURCE_NAMES,
    AddForm,
    DiscardForm,
    LaterStartsForm,
    LiftForm,
    LiftIn,
    MergeForm,
    ProposeForm,
    ProposeIn,
    SealForm,
    SplitBatchForm,
    StartIn,
    seen_version,
    with_choices,
)
from marketplace.batches.models import Batch
from marketplace.batches.proposing import queue_proposal
from marketplace.batches.routes import batch_page
from marketplace.packages.models import Package
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import managed_scheme, schemes_of

bp = Blueprint("batch_steps", __name__, url_prefix="/batches")

Typed = TypeVar("Typed")
Seen = int | None
"""The version of the batch that whoever changes it has seen; None where it is not said."""


@at(bp, "/propose")
class ProposeBatches(PageStep[list[Scheme], ProposeIn]):
    """Queues the proposing of batches, once the drafts that it replaces have been shown and may be replaced."""

    permission = "batches:write"
    replaces: Sequence[Batch] = ()
    """The drafts that would be replaced, where somebody must first say that they may."""

    def load(self, **ids: UUID) -> list[Scheme]:
        return schemes_of(self.viewer.authority_id)

    def form(self, schemes: list[Scheme]) -> HomewardForm:
        form = ProposeForm(scope=request.args.get("scheme", "")[:36])
        form.offer(schemes)
        return form

    def act(self, schemes: list[Scheme], typed: ProposeIn) -> Task:
        scheme, lot = self._scope(typed)
        return queue_proposal(scheme, lot, typed.sources, typed.replace, by=self.viewer.actor)

    def _scope(self, typed: ProposeIn) -> tuple[Scheme, Lot | None]:
        scheme = managed_scheme(self.viewer, typed.scheme_id)
        lot = next((each for each in scheme.lots if each.id == typed.lot_id), None)
        if typed.lot_id is not None and lot is None:
            raise Invalid({"lot_id": "This scheme has no such lot."})
        return scheme, lot

    def onwards(self, schemes: list[Scheme], outcome: Task) -> str:
        return url_for("tasks.show", task_id=outcome.id)

    def refused(self, form: HomewardForm, refusal: Refusal, schemes: list[Scheme]) -> AnyResponse:
        """The page again; it names the drafts that would be replaced, and its button then says that they are."""
        if isinstance(refusal, Conflict):
            self.replaces = queries.drafts_to_replace(*self._scope(form.typed()))
            form["replace"].data = " ".join(draft.reference for draft in self.replaces)
        return super().refused(form, refusal, schemes)

    def page(self, form: HomewardForm, schemes: list[Scheme]) -> str:
        names = {lot.id: (scheme.name, lot.name) for scheme in schemes for lot in scheme.lots}
        waiting = [
            (*names[count.lot_id], SOURCE_NAMES[count.source], count) for count in queries.waiting_counts(self.viewer)
        ]
        shown = {"schemes": schemes, "waiting": waiting, "replaces": self.replaces}
        return render_template("marketplace/batches/propose.html", form=form, **shown)


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
    """Takes a package out for a reason of the list."""

    form_class = LiftForm

    def act(self, batch: Batch, typed: tuple[Seen, LiftIn]) -> Package:
        version, lift = typed
        package = next((each for each in batch.packages if each.id == lift.package_id), None)
        if package is None:
            raise Invalid({"lift": "One of the packages is not in this batch."})
        because, by = lift.because, self.viewer.actor
        services.lift_package(batch, package, because, by, left_for=lift.reason, expected_version=version)
        return package

    def says(self, batch: Batch, package: Package) -> str:
        return f"{package.reference} was lifted out and is ready again."


@at(bp, "/<uuid:batch_id>/start")
class GiveStart(_EditBatch[StartIn]):
    """Gives packages of the draft a new earliest start."""

    form_class = LaterStartsForm
    said = "The new earliest start is shown beside the first one, to providers too."

    def act(self, batch: Batch, typed: tuple[Seen, StartIn]) -> None:
        version, sent = typed
        services.give_start(batch, sent.package_ids, sent.start, by=self.viewer.actor, expected_version=version)


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
        services.discard(batch, by=self.viewer.actor, because=typed[1], expected_version=typed[0])


@at(bp, "/<uuid:batch_id>/seal")
class SealBatch(_EditBatch[str]):
    """Seals the batch as the page showed it; with a reason where it goes over a limit."""

    form_class = SealForm
    said = "The batch is sealed and can be offered."

    def act(self, batch: Batch, typed: tuple[Seen, str]) -> None:
        version, because = typed
        services.seal(batch, by=self.viewer.actor, because=because or "", expected_version=version)


@at(bp, "/<uuid:batch_id>/unseal")
class UnsealBatch(_EditBatch[None]):
    """Opens the batch for changes again."""

    form_class = HomewardForm
    said = "The batch can be changed again."

    def act(self, batch: Batch, typed: tuple[Seen, None]) -> None:
        services.unseal(batch, by=self.viewer.actor, expected_version=typed[0])
