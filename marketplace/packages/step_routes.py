"""Each step that somebody takes with a package: a page that asks, a POST that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.ui.fields import choice
from app.ui.forms import HomewardForm
from marketplace.packages import services
from marketplace.packages.forms import ConfirmForm, ReasonForm, SplitForm, WordForm
from marketplace.packages.models import Package
from marketplace.packages.readiness import ready_if_complete
from marketplace.packages.sheets import led_package
from marketplace.packages.texts import clear_word, verdict_on

bp = Blueprint("package_steps", __name__, url_prefix="/packages")


@dataclass(frozen=True, slots=True)
class Step:
    """What the page of a step says: its heading and its button."""

    heading: str
    button: str


CONFIRM = Step("Still needed?", "Record the answer")
WITHDRAW = Step("Withdraw the package", "Withdraw")
SPLIT = Step("Split off some visits", "Split off")
HOLD = Step("Put on hold", "Put on hold")
WORDS = Step("Words that may be the person’s name", "It is not the name")


@bp.post("/<uuid:package_id>/ready")
@allows("packages:write")
def ready(package_id: UUID) -> AnyResponse:
    """Calls a complete draft ready."""
    package = led_package(current_viewer(), package_id)
    services.mark_ready(package, by=current_viewer().actor)
    return redirect(url_for("packages.show", package_id=package_id))


@bp.post("/<uuid:package_id>/release")
@allows("packages:withdraw")
def release(package_id: UUID) -> AnyResponse:
    """Takes a package off hold."""
    services.release(led_package(current_viewer(), package_id), by=current_viewer().actor)
    return redirect(url_for("packages.show", package_id=package_id))


@bp.get("/<uuid:package_id>/confirm")
@allows("needs:confirm")
def ask(package_id: UUID) -> str:
    """Asks whether the care is still needed."""
    return _page(ConfirmForm(), led_package(current_viewer(), package_id), CONFIRM)


@bp.post("/<uuid:package_id>/confirm")
@allows("needs:confirm")
def confirm(package_id: UUID) -> AnyResponse:
    """Records the answer to "still needed?"."""
    package, form, by = led_package(current_viewer(), package_id), ConfirmForm(), current_viewer().actor

    def act() -> None:
        needed = form.needed.data == "yes"
        services.confirm_need(package, needed=needed, with_whom=form.with_whom.data or "", by=by)

    return _take(form, package, CONFIRM, act)


@bp.get("/<uuid:package_id>/withdraw")
@allows("packages:withdraw")
def ask_to_withdraw(package_id: UUID) -> str:
    """Asks why the care is no longer asked for."""
    return _page(ReasonForm(), led_package(current_viewer(), package_id), WITHDRAW)


@bp.post("/<uuid:package_id>/withdraw")
@allows("packages:withdraw")
def withdraw(package_id: UUID) -> AnyResponse:
    """The care is no longer asked for."""
    package, form, by = led_package(current_viewer(), package_id), ReasonForm(), current_viewer().actor

    def act() -> None:
        services.withdraw(package, by=by, because=form.because.data or "")

    return _take(form, package, WITHDRAW, act)


@bp.get("/<uuid:package_id>/hold")
@allows("packages:withdraw")
def ask_to_hold(package_id: UUID) -> str:
    """Asks why the package is put on hold."""
    return _page(ReasonForm(), led_package(current_viewer(), package_id), HOLD)


@bp.post("/<uuid:package_id>/hold")
@allows("packages:withdraw")
def hold(package_id: UUID) -> AnyResponse:
    """Nothing happens until somebody takes it off hold."""
    package, form, by = led_package(current_viewer(), package_id), ReasonForm(), current_viewer().actor

    def act() -> None:
        services.hold(package, by=by, because=form.because.data or "")

    return _take(form, package, HOLD, act)


@bp.get("/<uuid:package_id>/split")
@allows("packages:write")
def ask_to_split(package_id: UUID) -> str:
    """Asks which visits become a package of their own."""
    package = led_package(current_viewer(), package_id)
    return _page(_split_form(package), package, SPLIT)


@bp.post("/<uuid:package_id>/split")
@allows("packages:write")
def split(package_id: UUID) -> AnyResponse:
    """Makes a package of the chosen visits and shows it."""
    package, by = led_package(current_viewer(), package_id), current_viewer().actor
    form = _split_form(package)

    def act() -> Package:
        return services.split(package, form.chosen, because=form.because.data or "", by=by)

    return _take(form, package, SPLIT, act)


@bp.get("/<uuid:package_id>/words")
@allows("packages:write")
def words(package_id: UUID) -> str | AnyResponse:
    """Asks which words are not the person's name; where there is no question, back to the package."""
    package = led_package(current_viewer(), package_id)
    form = _word_form(package)
    if not form.word.choices:
        return redirect(url_for("packages.show", package_id=package.id))
    return _page(form, package, WORDS)


@bp.post("/<uuid:package_id>/words")
@allows("packages:write")
def clear(package_id: UUID) -> AnyResponse:
    """Says that a word is not the person's name; the last answer makes a complete draft ready."""
    package, by = led_package(current_viewer(), package_id), current_viewer().actor
    form = _word_form(package)

    def act() -> None:
        clear_word(package, form.word.data, form.reason.data or "", by=by)
        ready_if_complete(package, by=by)

    return _take(form, package, WORDS, act)


def _split_form(package: Package) -> SplitForm:
    form = SplitForm()
    form.visits.choices = [choice(str(visit.id), visit.value.text) for visit in package.visits]
    return form


def _word_form(package: Package) -> WordForm:
    form = WordForm()
    form.word.choices = [choice(word, word) for word in verdict_on(package).words]
    return form


def _take(form: HomewardForm, package: Package, step: Step, act: Callable[[], Package | None]) -> AnyResponse:
    """Takes the step and shows the package, or the one that it made; a refusal keeps what was typed."""
    status = 422
    if form.validate_on_submit():
        try:
            shown = url_for("packages.show", package_id=(act() or package).id)
            return redirect(shown)
        except Refusal as refusal:
            db.session.rollback()
            form.take(refusal)
            status = refusal.status
    return Response(_page(form, package, step), status=status)


def _page(form: HomewardForm, package: Package, step: Step) -> str:
    back = url_for("packages.show", package_id=package.id)
    return render_template(
        "marketplace/packages/step.html", form=form, step=step, back=back, reference=package.reference
    )
