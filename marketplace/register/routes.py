"""Pages of the register for the council, and each step with a file that the register takes in."""

from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, render_template, request

from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.house import House
from app.http.paging import paged
from app.import_steps import ImportStep, TableFile, TableFileForm
from app.steps import ButtonStep, PageStep, Step, at
from app.tasks import Task
from app.ui.forms import HomewardForm, ReasonForm
from marketplace.applications.rules import in_order
from marketplace.membership.queries import locations_in_schemes
from marketplace.providers.cqc_services import accept_run, decline_run, refuse_run, release_run
from marketplace.providers.known import known_to
from marketplace.providers.models import CqcImport, Provider
from marketplace.providers.queries import (
    contact_lines,
    cqc_run_for,
    cqc_runs,
    providers_listed,
    ratings_for,
)
from marketplace.register.queries import (
    OthersRun,
    is_shown,
    run_of_others,
    runs_of_others,
    shown_provider,
    undecided_runs_of_others,
)
from marketplace.register.rules import PROVIDERS
from marketplace.register.services import CQC_FILE, PROVIDERS_FILE
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import managed_scheme

bp = Blueprint("register", __name__)


@bp.get("/providers")
@allows("providers:read")
def index() -> str:
    """The register, with a search."""
    viewer, text = current_viewer(), request.args.get("q", "").strip()[:80]
    page = providers_listed(viewer, text, is_shown(viewer))
    known = known_to(viewer.authority_id, page.rows)
    return render_template("marketplace/providers/index.html", page=page, known=known, text=text)


@bp.get("/providers/<uuid:provider_id>")
@allows("providers:read")
def show(provider_id: UUID) -> str:
    """One provider: ratings over time, carers, contacts, and what it is in each scheme."""
    viewer = current_viewer()
    provider = shown_provider(viewer, provider_id)
    return render_template(
        "marketplace/providers/show.html",
        provider=provider,
        known=known_to(viewer.authority_id, [provider])[provider.id],
        ratings=ratings_for(viewer, provider),
        contacts=contact_lines(viewer, provider),
        places=locations_in_schemes(viewer, [provider]),
        in_order=in_order,
        sections=cast(House, current_app).sections_about(viewer, Provider.__tablename__, provider.id),
        entries=timeline(provider.id, Audience.COUNCIL, of=(viewer.authority_id, provider.organisation_id)),
    )


files_bp = Blueprint("register_files", __name__)


@at(files_bp, "/schemes/<uuid:scheme_id>/providers/import")
class LoadProviders(ImportStep[Scheme, TableFile]):
    """Providers apply to join a scheme."""

    permission = "providers:import"
    form_class = TableFileForm
    heading, button = "Load providers", "Load the file"
    columns = PROVIDERS.columns
    query = staticmethod(managed_scheme)
    back_to = "register.index"
    told = (
        "A CSV or XLSX file with one provider to a row. All rows are loaded or none. Each row applies to join the "
        "scheme; the CQC gate admits, refuses, or leaves it to you."
    )

    def act(self, scheme: Scheme, typed: TableFile) -> Task:
        owner, by = scheme.authority_id, self.viewer.actor
        return PROVIDERS_FILE.queue("Load providers", *typed, authority_id=owner, target_id=scheme.id, by=by)

    def caption(self, scheme: Scheme) -> str:
        return scheme.name


@files_bp.get("/cqc")
@allows("cqc:decide")
def cqc() -> str:
    """Runs of CQC data, newest first."""
    viewer = current_viewer()
    others = paged(undecided_runs_of_others(viewer), number=1).total
    return render_template("marketplace/providers/cqc.html", page=paged(cqc_runs(viewer)), others=others)


@at(files_bp, "/cqc/import")
class TakeInCqc(ImportStep[None, TableFile]):
    """CQC data is taken in, or held."""

    permission = "cqc:import"
    form_class = TableFileForm
    heading, button = "Take in CQC data", "Take in the file"
    back_to = "register_files.cqc"
    told = (
        "The weekly directory (CSV), the monthly directory with filters or the monthly file of ratings (CSV or XLSX), or "
        "an answer of CQC's API (JSON). When more than 10 % of the known ratings would fall, nothing changes until you have looked. Whoever "
        "falls below a scheme's gate gets no new offers; care goes on. What rises above a gate waits for a second person. "
        "What you take in counts for your authority; others decide for themselves."
    )

    def act(self, thing: None, typed: TableFile) -> Task:
        owner, by = self.viewer.authority_id, self.viewer.actor
        return CQC_FILE.queue("Take in CQC data", *typed, authority_id=owner, target_id=owner, by=by)


@files_bp.get("/cqc/<uuid:run_id>")
@allows("cqc:decide")
def run(run_id: UUID) -> str:
    """One run: what it changed, or why it is held."""
    viewer = current_viewer()
    shown = cqc_run_for(viewer, run_id)
    is_own = shown.loaded_by == viewer.user_id
    return render_template("marketplace/providers/cqc_run.html", run=shown, is_own=is_own)


class _RunStep(Step[CqcImport]):
    """A decision on a held run."""

    permission = "cqc:decide"
    query = staticmethod(cqc_run_for)
    leads_to = "register_files.run"


@at(files_bp, "/cqc/<uuid:run_id>/release")
class ReleaseRun(_RunStep, ButtonStep[CqcImport]):
    """Takes a held run in."""

    said = "The run is taken in."

    def act(self, run: CqcImport) -> None:
        release_run(run, by=self.viewer.actor)


@at(files_bp, "/cqc/<uuid:run_id>/refuse")
class RefuseRun(_RunStep, PageStep[CqcImport, str]):
    """Refuses a held run."""

    form_class = ReasonForm
    heading, button = "Refuse the run", "Refuse it"
    said = "The run is refused."

    def form(self, run: CqcImport) -> HomewardForm:
        form = ReasonForm()
        form.because.description = "Kept with the run."
        return form

    def act(self, run: CqcImport, typed: str) -> None:
        refuse_run(run, typed, by=self.viewer.actor)

    def caption(self, run: CqcImport) -> str:
        return run.filename


@files_bp.get("/cqc/of-others")
@allows("cqc:decide")
def of_others() -> str:
    """Ratings that other authorities took in of providers known here, newest first."""
    page = paged(runs_of_others(current_viewer()))
    return render_template("marketplace/providers/cqc_of_others.html", page=page)


@files_bp.get("/cqc/of-others/<uuid:run_id>")
@allows("cqc:decide")
def run_from_others(run_id: UUID) -> str:
    """One of them: what it says of each provider, beside what counts here now."""
    shown = run_of_others(current_viewer(), run_id)
    return render_template("marketplace/providers/cqc_run_of_others.html", shown=shown)


class _OthersRunStep(Step[OthersRun]):
    """A decision on what another authority took in."""

    permission = "cqc:decide"
    query = staticmethod(run_of_others)
    leads_to = "register_files.run_from_others"


@at(files_bp, "/cqc/of-others/<uuid:run_id>/accept")
class AcceptRatings(_OthersRunStep, ButtonStep[OthersRun]):
    """The ratings count here too."""

    said = "These ratings count for your authority now."

    def act(self, shown: OthersRun) -> None:
        accept_run(shown.run, self.viewer.authority_id, shown.provider_ids, by=self.viewer.actor)


@at(files_bp, "/cqc/of-others/<uuid:run_id>/decline")
class DeclineRatings(_OthersRunStep, PageStep[OthersRun, str]):
    """They do not."""

    form_class = ReasonForm
    heading, button = "Leave these ratings out", "Leave them out"
    told = "They go on counting for the authority that took them in, and for no other that did not accept them."
    said = "These ratings do not count for your authority."

    def act(self, shown: OthersRun, typed: str) -> None:
        decline_run(shown.run, self.viewer.authority_id, typed, by=self.viewer.actor)

    def caption(self, shown: OthersRun) -> str:
        return shown.run.authority.name
