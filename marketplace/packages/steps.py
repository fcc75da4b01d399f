"""Each step that somebody takes with a package: a page that asks, a press that does it."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.import_steps import File, ImportStep
from app.steps import ButtonStep, PageStep, Step, at
from app.tasks import Task
from app.ui.fields import choice
from app.ui.forms import HomewardForm, ReasonForm
from marketplace.packages import services
from marketplace.packages.forms import ConfirmForm, ImportForm, SplitForm, WordForm
from marketplace.packages.import_rules import PACKAGES
from marketplace.packages.importing import queue_import
from marketplace.packages.listing import schemes_with_zones
from marketplace.packages.models import Package
from marketplace.packages.readiness import ready_if_complete
from marketplace.packages.sheets import led_package
from marketplace.packages.texts import clear_word, verdict_on
from marketplace.schemes.models import Scheme

bp = Blueprint("package_steps", __name__, url_prefix="/packages")

Typed = TypeVar("Typed")


class _PackageStep(Step[Package]):
    """A step with a package that the viewer's authority leads; afterwards the package is shown, or the one that was made."""

    def load(self, **ids: UUID) -> Package:
        return led_package(self.viewer, ids["package_id"])

    def onwards(self, package: Package, outcome: Any) -> str:
        shown = outcome if isinstance(outcome, Package) else package
        return url_for("packages.show", package_id=shown.id)


class _PackagePage(_PackageStep, PageStep[Package, Typed]):
    def caption(self, package: Package) -> str:
        return f"Package {package.reference}"


@at(bp, "/<uuid:package_id>/ready")
class MarkReady(_PackageStep, ButtonStep[Package]):
    """Calls a complete draft ready."""

    permission = "packages:write"

    def act(self, package: Package) -> None:
        services.mark_ready(package, by=self.viewer.actor)


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
        services.confirm_need(package, needed=needed, with_whom=with_whom, by=self.viewer.actor)


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


@at(bp, "/<uuid:package_id>/split")
class Split(_PackagePage[tuple[list[UUID], str]]):
    """Makes a package of the chosen visits and shows it."""

    permission = "packages:write"
    form_class = SplitForm
    heading, button = "Split off some visits", "Split off"

    def form(self, package: Package) -> HomewardForm:
        return SplitForm().offer((visit.id, visit.value.text) for visit in package.visits)

    def act(self, package: Package, typed: tuple[list[UUID], str]) -> Package:
        visit_ids, reason = typed
        return services.split(package, visit_ids, because=reason, by=self.viewer.actor)


@at(bp, "/<uuid:package_id>/words")
class ClearWord(_PackagePage[tuple[str, str]]):
    """Says that a word is not the person's name; the last answer makes a complete draft ready."""

    permission = "packages:write"
    form_class = WordForm
    heading, button = "Words that may be the person’s name", "It is not the name"

    def get(self, **ids: Any) -> str | AnyResponse:
        """Asks which words are not the person's name; where there is no question, back to the package."""
        package = self.load(**ids)
        if not verdict_on(package).words:
            return redirect(self.onwards(package, None))
        return super().get(**ids)

    def form(self, package: Package) -> HomewardForm:
        return WordForm().offer(verdict_on(package).words)

    def act(self, package: Package, typed: tuple[str, str]) -> None:
        word, reason = typed
        clear_word(package, word, reason, by=self.viewer.actor)
        ready_if_complete(package, by=self.viewer.actor)


@at(bp, "/import")
class ImportPackages(ImportStep[dict[str, Scheme], tuple[str, File]]):
    """A file of packages is loaded into one of the viewer's schemes."""

    permission = "packages:import"
    form_class = ImportForm
    heading, button, said = "Import packages", "Upload and check", ""
    columns = PACKAGES.columns
    told = (
        "Every row is checked first. If one row is wrong, nothing is loaded and each wrong row is listed with its line "
        "and column. Complete packages become ready; those with a question become drafts."
    )

    def load(self, **ids: UUID) -> dict[str, Scheme]:
        return {str(scheme.id): scheme for scheme in schemes_with_zones(self.viewer)}

    def form(self, schemes: dict[str, Scheme]) -> HomewardForm:
        form = ImportForm()
        form.scheme.choices = [choice(key, scheme.name) for key, scheme in schemes.items()]
        return form

    def act(self, schemes: dict[str, Scheme], typed: tuple[str, File]) -> Task:
        scheme_id, file = typed
        return queue_import(schemes[scheme_id], *file, by=self.viewer.actor)

    def back(self, schemes: dict[str, Scheme]) -> str:
        return url_for("packages.index")
