"""Pages that load files: providers into a scheme (as work that a person waits for), and CQC data."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.auth.fresh import password_again
from app.http.paging import paged
from app.tasks import Task
from app.ui.forms import HomewardForm
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import ReasonForm
from marketplace.providers.cqc_services import refuse_run
from marketplace.providers.models import CqcImport
from marketplace.providers.queries import cqc_run_for, cqc_runs
from marketplace.register import cqc_services as services
from marketplace.register.forms import FileForm
from marketplace.register.importing import queue_import
from marketplace.schemes.queries import managed_scheme

bp = Blueprint("vetting_imports", __name__)

PROVIDERS_TOLD = (
    "A CSV or XLSX file with one provider to a row. All rows are loaded or none. Each row applies to join the scheme; "
    "the CQC gate admits, refuses, or leaves it to you."
)

CQC_TOLD = (
    "The weekly directory (CSV), the monthly directory with filters (CSV or XLSX), or an answer of CQC's API (JSON). "
    "When more than 10 % of the known ratings would fall, nothing changes until you have looked. Whoever falls below a "
    "scheme's gate gets no new offers; care goes on."
)


@bp.get("/schemes/<uuid:scheme_id>/providers/import")
@allows("providers:import")
@password_again
def providers_form(scheme_id: UUID) -> ResponseReturnValue:
    """The form that loads providers."""
    return _providers_page(scheme_id, FileForm())


@bp.post("/schemes/<uuid:scheme_id>/providers/import")
@allows("providers:import")
@password_again
def load_providers(scheme_id: UUID) -> ResponseReturnValue:
    """Queues the file, and shows how far it is."""
    viewer, form = current_viewer(), FileForm()
    scheme = managed_scheme(viewer, scheme_id)
    queued: list[Task] = []

    def do() -> None:
        queued.append(queue_import(scheme, *form.upload, by=viewer.actor))

    return answered(
        form,
        do,
        lambda: _providers_page(scheme_id, form),
        lambda: url_for("tasks.show", task_id=queued[0].id),
        "The file is being checked.",
    )


def _providers_page(scheme_id: UUID, form: FileForm) -> str:
    scheme = managed_scheme(current_viewer(), scheme_id)
    back = url_for("register.index")
    return form_page(form, "Load providers", "Load the file", back, scheme.name, PROVIDERS_TOLD)


@bp.get("/cqc")
@allows("cqc:import")
def cqc() -> str:
    """Runs of CQC data, newest first."""
    page = paged(cqc_runs(current_viewer()))
    return render_template("marketplace/providers/cqc.html", page=page)


@bp.get("/cqc/import")
@allows("cqc:import")
@password_again
def cqc_form() -> ResponseReturnValue:
    """The form that takes CQC data in."""
    return _cqc_page(FileForm())


def _cqc_page(form: FileForm) -> str:
    back = url_for("vetting_imports.cqc")
    return form_page(form, "Take in CQC data", "Take in the file", back, told=CQC_TOLD)


@bp.post("/cqc/import")
@allows("cqc:import")
@password_again
def take_in() -> ResponseReturnValue:
    """Queues CQC data, and shows what comes of it: it is taken in, or held."""
    viewer, form = current_viewer(), FileForm()
    queued: list[Task] = []

    def do() -> None:
        queued.append(services.queue_cqc(viewer.authority_id, *form.upload, by=viewer.actor))

    return answered(
        form,
        do,
        lambda: _cqc_page(form),
        lambda: url_for("tasks.show", task_id=queued[0].id),
        "The file is being checked.",
    )


@bp.get("/cqc/<uuid:run_id>")
@allows("cqc:import")
def run(run_id: UUID) -> str:
    """One run: what it changed, or why it is held."""
    return _run_page(cqc_run_for(current_viewer(), run_id))


def _run_page(found: CqcImport) -> str:
    return render_template("marketplace/providers/cqc_run.html", run=found)


@bp.post("/cqc/<uuid:run_id>/release")
@allows("cqc:import")
def release(run_id: UUID) -> AnyResponse:
    """Takes a held run in."""
    viewer, form = current_viewer(), HomewardForm()
    found = cqc_run_for(viewer, run_id)
    return answered(
        form,
        lambda: services.release_run(found, by=viewer.actor),
        lambda: _run_page(found),
        lambda: url_for("vetting_imports.run", run_id=run_id),
        "The run is taken in.",
    )


@bp.get("/cqc/<uuid:run_id>/refuse")
@allows("cqc:import")
def refuse_form(run_id: UUID) -> str:
    """The form that refuses a held run."""
    return _refuse_page(cqc_run_for(current_viewer(), run_id), ReasonForm())


@bp.post("/cqc/<uuid:run_id>/refuse")
@allows("cqc:import")
def refuse(run_id: UUID) -> AnyResponse:
    """Refuses a held run."""
    viewer, form = current_viewer(), ReasonForm()
    found = cqc_run_for(viewer, run_id)
    return answered(
        form,
        lambda: refuse_run(found, form.because.data or "", by=viewer.actor),
        lambda: _refuse_page(found, form),
        lambda: url_for("vetting_imports.run", run_id=run_id),
        "The run is refused.",
    )


def _refuse_page(found: CqcImport, form: ReasonForm) -> str:
    form.because.description = "Kept with the run."
    back = url_for("vetting_imports.run", run_id=found.id)
    return form_page(form, "Refuse the run", "Refuse it", back, found.filename)
