"""Pages of batches: the list, proposing, the map of drafts, one batch. Editing it is in `edit_routes`."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.parties.roles import Role
from app.parties.viewer import Viewer
from marketplace.batches import queries, services
from marketplace.batches.distances import MOST_IN_A_ROUND
from marketplace.batches.forms import SOURCE_NAMES, BatchForms, ProposeForm, batch_forms, propose_form
from marketplace.batches.listing import batches_listed
from marketplace.batches.models import Batch
from marketplace.batches.overview import hours_by_day, map_of, views_of, warnings_of
from marketplace.batches.states import BatchState
from marketplace.batches.waiting import nearest
from marketplace.packages.queries import reads_reasons, visits_of
from marketplace.packages.rules import Source
from marketplace.packages.visits import weekly_visits_text
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import managed_scheme, schemes_of

bp = Blueprint("batches", __name__, url_prefix="/batches")


@bp.app_context_processor
def batch_words() -> dict[str, object]:
    """What templates of batches say of how many places a round is planned."""
    return {"most_in_a_round": MOST_IN_A_ROUND}


@bp.get("")
@allows("batches:read")
def index() -> str:
    """The batches of the authority, by state."""
    viewer = current_viewer()
    state = next((one for one in BatchState if one == request.args.get("state")), None)
    counts = queries.batches_by_state(viewer)
    page = batches_listed(viewer, state, counts[state] if state else sum(counts.values()))
    return render_template("marketplace/batches/index.html", page=page, views=page.rows, state=state, counts=counts)


@bp.get("/propose")
@allows("batches:write")
def propose() -> str:
    """Which packages wait, and for which of them batches are proposed."""
    schemes = schemes_of(current_viewer().authority_id)
    return _propose_page(propose_form(schemes, request.args.get("scheme", "")[:36]), schemes)


@bp.post("/propose")
@allows("batches:write")
def start_proposal() -> AnyResponse:
    """Proposes batches; earlier drafts of the same scheme or lot are replaced."""
    viewer = current_viewer()
    form = propose_form(schemes_of(viewer.authority_id))
    if form.validate_on_submit():
        try:
            scheme, lot = _chosen(viewer, form)
            services.propose_batches(scheme, lot, [Source(one) for one in form.sources.data or []], viewer.actor)
        except Refusal as refusal:
            db.session.rollback()
            form.take(refusal)
            return Response(_propose_page(form, schemes_of(viewer.authority_id)), status=refusal.status)
        return redirect(url_for("batches.drafts", scheme_id=scheme.id))
    return Response(_propose_page(form, schemes_of(viewer.authority_id)), status=422)


@bp.get("/drafts/<uuid:scheme_id>")
@allows("batches:read")
def drafts(scheme_id: UUID) -> str:
    """The draft batches of a scheme on a map and as a table, and what the last proposal left out."""
    viewer = current_viewer()
    scheme = managed_scheme(viewer, scheme_id)
    page = queries.drafts_page(viewer, scheme.id)
    views = views_of(page.rows)
    proposal = queries.latest_proposal(viewer, scheme.id)
    return render_template(
        "marketplace/batches/drafts.html",
        scheme=scheme,
        page=page,
        views=views,
        map=map_of(views, to_rows=True),
        proposal=proposal,
        left_out=queries.left_out_counts(proposal) if proposal else [],
        source_names=SOURCE_NAMES,
    )


@bp.get("/proposals/<uuid:proposal_id>/left-out")
@allows("batches:read")
def left_out(proposal_id: UUID) -> str:
    """Every package that a proposal left out, with the reason."""
    proposal = queries.proposal_for(current_viewer(), proposal_id)
    page = queries.left_out_page(proposal)
    return render_template("marketplace/batches/left_out.html", proposal=proposal, page=page)


@bp.get("/<uuid:batch_id>")
@allows("batches:read")
def show(batch_id: UUID) -> str:
    """One batch: packages, map, hours, distances, what has happened, and what can be done next."""
    viewer = current_viewer()
    batch = queries.batch_for(viewer, batch_id)
    return batch_page(viewer, batch, batch_forms(batch, queries.batches_to_merge(batch)))


def batch_page(viewer: Viewer, batch: Batch, forms: BatchForms) -> str:
    """The page of one batch with its forms as they stand."""
    (view,) = views_of([batch])
    visits = {package.id: visits_of(package) for package in batch.packages}
    draft = batch.state is BatchState.DRAFT
    internal = all(reads_reasons(viewer, member.package) for member in batch.members)
    return render_template(
        "marketplace/batches/show.html",
        batch=batch,
        view=view,
        map=map_of([view], to_rows=False),
        warnings=warnings_of(view),
        week=hours_by_day([visit for each in visits.values() for visit in each]),
        visits={package_id: weekly_visits_text(each) for package_id, each in visits.items()},
        removed=[member for member in batch.members if member.removed_at is not None],
        nearest=nearest(batch) if draft else [],
        forms=forms,
        offer_url=_offer_url(batch),
        package_links="packages.show" in current_app.view_functions,
        internal=internal,
        entries=timeline(batch.id, _audience_of(viewer), reasons=internal),
    )


def _audience_of(viewer: Viewer) -> Audience:
    return Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL


def _offer_url(batch: Batch) -> str | None:
    """Where a sealed batch is offered: the page that first says who would be asked. None for those who may not offer."""
    view = current_app.view_functions.get("offers.preview_batch")
    if view is None or batch.state is not BatchState.SEALED:
        return None
    table = current_app.extensions["permissions"]
    allowed = table.may(current_viewer().roles, getattr(view, "permission", ""))
    return url_for("offers.preview_batch", batch_id=batch.id) if allowed else None


def _propose_page(form: ProposeForm, schemes: list[Scheme]) -> str:
    counts = queries.waiting_counts(current_viewer())
    names = {lot.id: (scheme.name, lot.name) for scheme in schemes for lot in scheme.lots}
    waiting = [(*names[one.lot_id], SOURCE_NAMES[Source(one.source)], one) for one in counts]
    return render_template("marketplace/batches/propose.html", form=form, schemes=schemes, waiting=waiting)


def _chosen(viewer: Viewer, form: ProposeForm) -> tuple[Scheme, Lot | None]:
    scheme_id, lot_id = form.chosen
    scheme = managed_scheme(viewer, scheme_id)
    return scheme, next((lot for lot in scheme.lots if lot.id == lot_id), None)
