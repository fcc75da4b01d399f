"""Each step that somebody takes with a package: a page that asks, a press that does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.database import db
from app.errors import Invalid, NotFoundForViewer, Refusal
from app.http.paging import paged
from app.import_steps import ImportStep, TableFile
from app.parties.viewer import Viewer
from app.steps import ButtonStep, FormStep, PageStep, Step, at
from app.tasks import Task
from app.ui.drawing import visit_grid
from app.ui.fields import choice
from app.ui.forms import HomewardForm, ReasonForm
from app.values.words import counted
from marketplace.packages import services
from marketplace.packages.forms import (
    ConfirmForm,
    ImportForm,
    NeedForm,
    NewPackageForm,
    NewStartForm,
    SplitPackageForm,
    WordForm,
    typed_back,
)
from marketplace.packages.importing import PACKAGES, queue_import
from marketplace.packages.listing import late_count, late_drafts, own_drafts
from marketplace.packages.models import Package
from marketplace.packages.needs import create_package, edit_package
from marketplace.packages.panels import reasons_by_package
from marketplace.packages.queries import led_package, need_of, verdict_on
from marketplace.packages.rules import Need, PackageStatus, Urgency
from marketplace.people.queries import may_read_record, reads_everybody
from marketplace.people.rules import PersonDetails
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import first_start, managed_scheme, policy_on, schemes_of
from marketplace.vocabulary import Window

bp = Blueprint("package_steps", __name__, url_prefix="/packages")

Thing = TypeVar("Thing")
Typed = TypeVar("Typed")


class _PackageStep(Step[Package]):
    """A step with a package that the viewer's authority leads; afterwards the package is shown, or the one that was made."""

    query = staticmethod(led_package)

    def onwards(self, package: Package, outcome: Any) -> str:
        shown = outcome if isinstance(outcome, Package) else package
        return url_for("packages.show", package_id=shown.id)


class _PackagePage(_PackageStep, PageStep[Package, Typed]):
    def caption(self, package: Package) -> str:
        return f"Package {package.reference}"


class _NeedPage(PageStep[Thing, Typed]):
    """What is asked for, typed; one button draws the week beside the form and does no more."""

    permission = "packages:write"
    form_class = NeedForm

    def post(self, **ids: Any) -> AnyResponse:
        """Does it, or only draws the week where that was asked."""
        if "preview" not in request.form:
            return super().post(**ids)
        thing = self.load(**ids)
        form = self.form(thing)
        form.renew()
        return Response(self.page(form, thing))

    def page(self, form: HomewardForm, thing: Thing) -> str:
        assert isinstance(form, NeedForm)
        visits = form.preview() if form.visits.data or "preview" in request.form else ()
        package, grid = thing if isinstance(thing, Package) else None, visit_grid(visits) if visits else None
        return render_template("marketplace/packages/form.html", form=form, package=package, grid=grid)


@at(bp, "/new")
class EnterPackage(_NeedPage[Sequence[Scheme], tuple[PersonDetails, Need, str | None]]):
    """Enters a package under one of the viewer's schemes; over the API under the one that is named."""

    said = "The package has been entered."

    def load(self, **ids: UUID) -> Sequence[Scheme]:
        return [managed_scheme(self.viewer, ids["scheme_id"])] if ids else schemes_of(self.viewer.authority_id)

    def form(self, schemes: Sequence[Scheme]) -> HomewardForm:
        return NewPackageForm().offer(schemes, self.viewer)

    def act(self, schemes: Sequence[Scheme], typed: tuple[PersonDetails, Need, str | None]) -> Package:
        person, need, reference = typed
        for scheme in schemes:
            if any(lot.id == need.lot_id for lot in scheme.lots):
                by, viewer = self.viewer.actor, self.viewer
                return create_package(scheme, person, need, by=by, council_reference=reference, viewer=viewer)
        raise Invalid({"lot": "Choose a lot of this scheme."})

    def onwards(self, schemes: Sequence[Scheme], package: Package) -> str:
        return url_for("packages.show", package_id=package.id)


@at(bp, "/<uuid:package_id>/edit")
class EditPackage(_PackageStep, _NeedPage[Package, tuple[Need, int]]):
    """Changes what is asked for, unless somebody else did meanwhile."""

    said = "The package has been changed."

    def form(self, package: Package) -> NeedForm:
        return self._offered(NeedForm(), package)

    def blank(self, package: Package) -> HomewardForm:
        shown, reads = typed_back(package), may_read_record(self.viewer, package.person)
        return self._offered(NeedForm(data=shown if reads else {**shown, "postcode": ""}), package)

    def _offered(self, form: NeedForm, package: Package) -> NeedForm:
        kept = [skill.skill for skill in package.skills]
        form.offer(schemes_of(self.viewer.authority_id), self.viewer, kept)
        return form if may_read_record(self.viewer, package.person) else form.without_place()

    def typed(self, form: HomewardForm, package: Package) -> tuple[Need, int]:
        assert isinstance(form, NeedForm)
        return form.need(need_of(package)), form.seen_version

    def act(self, package: Package, typed: tuple[Need, int]) -> None:
        need, version = typed
        edit_package(package, need, expected_version=version, by=self.viewer.actor, viewer=self.viewer)

    def refused(self, form: HomewardForm, refusal: Refusal, package: Package) -> AnyResponse:
        """The page again; what is sent again is compared with the package as it stands now."""
        form["version"].data = str(package.version)
        return super().refused(form, refusal, package)


@at(bp, "/<uuid:package_id>/ready")
class MarkReady(_PackageStep, ButtonStep[Package]):
    """Calls a complete draft ready."""

    permission = "packages:write"

    def act(self, package: Package) -> None:
        services.mark_ready(package, by=self.viewer.actor, viewer=self.viewer)


@at(bp, "/<uuid:package_id>/release")
class Release(_PackageStep, ButtonStep[Package]):
    """Takes a package off hold."""

    permission = "packages:withdraw"

    def act(self, package: Package) -> None:
        services.release(package, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/confirm")
class ConfirmNeed(_PackagePage[tuple[bool, str]]):
    """Records the answer to "still needed?": yes or no, and with whom."""

    permission = "needs:confirm"
    form_class = ConfirmForm
    heading, button = "Still needed?", "Record the answer"

    def act(self, package: Package, typed: tuple[bool, str]) -> None:
        needed, with_whom = typed
        services.confirm_need([package], needed=needed, with_whom=with_whom, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/withdraw")
class Withdraw(_PackagePage[str]):
    """The care is no longer asked for."""

    permission = "packages:withdraw"
    form_class = ReasonForm
    heading, button = "Withdraw the package", "Withdraw"

    def act(self, package: Package, typed: str) -> None:
        services.withdraw(package, because=typed, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/hold")
class Hold(_PackagePage[str]):
    """Nothing happens until somebody takes it off hold."""

    permission = "packages:withdraw"
    form_class = ReasonForm
    heading, button = "Put on hold", "Put on hold"

    def act(self, package: Package, typed: str) -> None:
        services.hold(package, because=typed, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/start")
class GiveNewStart(_PackagePage[date]):
    """Gives a package a new earliest start where the wanted one has passed or comes too soon to be offered."""

    permission = "packages:write"
    form_class = NewStartForm
    heading, button = "Give a new earliest start", "Save the new start"
    told = (
        "Providers are shown it beside the start that was wanted first, and a yes from that day on is a yes as asked."
    )

    def blank(self, package: Package) -> HomewardForm:
        """The form with the first day on which care can begin that is offered now, in a batch unless it is urgent."""
        window = Window.URGENT if package.urgency is Urgency.URGENT else Window.BATCH
        return NewStartForm(start=first_start(policy_on(package.scheme_id, clock.today()), window, clock.now()))

    def act(self, package: Package, typed: date) -> None:
        services.give_new_start([package], typed, by=self.viewer.actor)


@at(bp, "/to-look-at/start")
class MoveLateStarts(FormStep[UUID | None, date]):
    """Gives every draft whose planned start is in the past a new one; those that lacked nothing else are ready."""

    permission = "packages:write"
    form_class = NewStartForm

    def load(self, **ids: UUID | None) -> UUID | None:
        return ids["scheme_id"] if ids else scheme_asked_for()

    def act(self, scheme_id: UUID | None, typed: date) -> LateStarts:
        late = db.session.scalars(late_drafts(self.viewer, scheme_id)).unique().all()
        services.give_new_start(late, typed, by=self.viewer.actor, states=frozenset({PackageStatus.DRAFT}))
        return LateStarts(len(late), sum(package.status is PackageStatus.READY for package in late))

    def says(self, scheme_id: UUID | None, outcome: LateStarts) -> str:
        return f"{counted(outcome.moved, 'package')} moved, {outcome.ready} of them ready now."

    def onwards(self, scheme_id: UUID | None, outcome: Any) -> str:
        return url_for("packages.to_look_at", scheme=scheme_id)

    def page(self, form: HomewardForm, scheme_id: UUID | None) -> str:
        return drafts_page(self.viewer, form)


class LateStarts(NamedTuple):
    """How many packages got a new start, and how many of them lacked nothing else."""

    moved: int
    ready: int


def scheme_asked_for() -> UUID | None:
    """The scheme that the address names, if it names one."""
    try:
        return UUID(request.args.get("scheme", ""))
    except ValueError:
        return None


def drafts_page(viewer: Viewer, form: HomewardForm) -> str:
    """The drafts with what each lacks, and the form that gives those with a late start a new one."""
    scheme_id = scheme_asked_for()
    page = paged(own_drafts(viewer, scheme_id))
    reasons, late = reasons_by_package(page.rows), late_count(viewer, scheme_id)
    shown = {"page": page, "reasons": reasons, "late": late, "form": form, "scheme_id": scheme_id}
    return render_template("marketplace/packages/to_look_at.html", **shown)


@at(bp, "/<uuid:package_id>/split")
class Split(_PackagePage[tuple[list[UUID], str]]):
    """Makes a package of the chosen visits and shows it."""

    permission = "packages:write"
    form_class = SplitPackageForm
    heading, button = "Split off some visits", "Split off"

    def form(self, package: Package) -> HomewardForm:
        return SplitPackageForm().offer((visit.id, visit.value.text) for visit in package.visits)

    def act(self, package: Package, typed: tuple[list[UUID], str]) -> Package:
        visit_ids, reason = typed
        return services.split(package, visit_ids, because=reason, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/words")
class ClearWord(_PackagePage[tuple[str, str]]):
    """Says that words give nobody away; the last answer makes a complete draft ready. For those who may read the record."""

    permission = "packages:write"
    form_class = WordForm
    heading, button = "Words that may give the person away", "They give nobody away"

    def get(self, **ids: Any) -> str | AnyResponse:
        package = self.load(**ids)
        if not self.in_question(package):
            return redirect(self.onwards(package, None))
        return super().get(**ids)

    def form(self, package: Package) -> HomewardForm:
        return WordForm().offer(self.in_question(package))

    def in_question(self, package: Package) -> tuple[str, ...]:
        """The words in question, for whoever may be told that they are."""
        return verdict_on(package, self.viewer).words if may_read_record(self.viewer, package.person) else ()

    def act(self, package: Package, typed: tuple[str, str]) -> None:
        word, reason = typed
        if reads_everybody(self.viewer):
            services.note_texts_read(package, by=self.viewer.actor)
        services.clear_word(package, word, reason, by=self.viewer.actor)
        services.ready_if_complete(package, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/birth")
class ConfirmBirth(_PackagePage[str]):
    """Says that an unusual date of birth is right; a package that only waited for that becomes ready."""

    permission = "packages:write"
    form_class = ReasonForm
    heading, button = "The date of birth is right", "It is right"
    said = "That the date of birth is right has been recorded."

    def load(self, **ids: UUID) -> Package:
        """Only for whoever may read the record: to others it is not even said that somebody asks."""
        package = super().load(**ids)
        if not may_read_record(self.viewer, package.person):
            raise NotFoundForViewer
        return package

    def act(self, package: Package, typed: str) -> None:
        services.confirm_birth(package, typed, by=self.viewer.actor)


@at(bp, "/import")
class ImportPackages(ImportStep[dict[str, Scheme], tuple[str, TableFile]]):
    """A file of packages is loaded into one of the viewer's schemes."""

    permission = "packages:import"
    form_class = ImportForm
    heading, button, said = "Import packages", "Upload and check", ""
    columns = PACKAGES.columns
    back_to = "packages.index"
    told = (
        "Every row is checked first. If one row is wrong, nothing is loaded and each wrong row is listed with its line "
        "and column. Complete packages become ready; those with a question become drafts."
    )

    def load(self, **ids: UUID) -> dict[str, Scheme]:
        return {str(scheme.id): scheme for scheme in schemes_of(self.viewer.authority_id)}

    def form(self, schemes: dict[str, Scheme]) -> HomewardForm:
        form = ImportForm()
        form.scheme.choices = [choice(key, scheme.name) for key, scheme in schemes.items()]
        return form

    def act(self, schemes: dict[str, Scheme], typed: tuple[str, TableFile]) -> Task:
        scheme_id, file = typed
        return queue_import(managed_scheme(self.viewer, UUID(scheme_id)), *file, by=self.viewer.actor)
