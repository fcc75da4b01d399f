"""Pages of batches: the list, the map of drafts, what a proposal left out, one batch."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.postcodes.centroids import sectors_of
from app.postcodes.density import settled_squares
from app.ui.drawing import bar_chart, batch_map
from app.ui.drawing.bars import BarChart, ChartRow
from app.ui.drawing.county import BatchMap, BatchOnMap, SectorShape
from app.ui.forms import HomewardForm
from app.values.hours import hours_text
from app.values.words import counted
from marketplace.batches import queries
from marketplace.batches.distances import MOST_IN_A_ROUND
from marketplace.batches.forms import SOURCE_NAMES, edit_forms
from marketplace.batches.listing import BatchView, batches_listed, views_of
from marketplace.batches.models import Batch
from marketplace.batches.rules import BatchState, over_limits, warnings
from marketplace.packages.queries import reads_reasons, visits_of
from marketplace.packages.visits import DAY_NAMES, Visit, weekly_minutes, weekly_visits_text
from marketplace.schemes.queries import managed_scheme

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
    state = next((each for each in BatchState if each == request.args.get("state")), None)
    counts = queries.batches_by_state(viewer)
    page = batches_listed(viewer, state, counts[state] if state else sum(counts.values()))
    return render_template("marketplace/batches/index.html", page=page, views=page.rows, state=state, counts=counts)


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
        map=_map_of(page.rows, views, to_rows=True),
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
    return batch_page(viewer, batch)


def batch_page(viewer: Viewer, batch: Batch, sent: HomewardForm | None = None) -> str:
    """The page of one batch; a form that was sent and refused stands on it with what was typed."""
    (view,) = views_of([batch])
    visits = {package.id: visits_of(package) for package in batch.packages}
    draft, limits = batch.state is BatchState.DRAFT, queries.limits_today(batch)
    audience = Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL
    internal = all(reads_reasons(viewer, member.package) for member in batch.members)
    forms = edit_forms(batch, queries.batches_to_merge(batch), sent)
    if forms["start"] is not sent:
        forms["start"]["start"].data = queries.first_start_of(batch)
    return render_template(
        "marketplace/batches/show.html",
        batch=batch,
        view=view,
        map=_map_of([batch], [view], to_rows=False),
        warnings=warnings(view.size, limits),
        over=over_limits(view.size, limits),
        too_soon=queries.too_soon(batch) if batch.state in (BatchState.DRAFT, BatchState.SEALED) else [],
        week=_hours_by_day([visit for each in visits.values() for visit in each]),
        visits={package_id: weekly_visits_text(each) for package_id, each in visits.items()},
        removed=[member for member in batch.members if member.removed_at is not None],
        nearest=queries.nearest(batch) if draft else [],
        sent=sent,
        forms=forms,
        internal=internal,
        entries=timeline(batch.id, audience, reasons=internal),
    )


def _map_of(batches: Sequence[Batch], views: Sequence[BatchView], *, to_rows: bool) -> BatchMap | None:
    """The map of a scheme's batches that have a place, linked to their rows (or to their pages); None without any."""
    drawn = [
        _on_map(batch, view, to_rows) for batch, view in zip(batches, views, strict=True) if view.number is not None
    ]
    if not drawn:
        return None
    sectors = sectors_of(queries.areas_of(batches[0].scheme_id))
    cells = [SectorShape(sector.area, sector.outcode, sector.easting, sector.northing) for sector in sectors]
    return batch_map(cells, drawn, settled_squares())


def _on_map(batch: Batch, view: BatchView, to_rows: bool) -> BatchOnMap:
    care = f"{counted(view.size.packages, 'package')}, {hours_text(view.size.weekly_minutes)} a week"
    return BatchOnMap(
        label=batch.reference.removeprefix("BAT-"),
        sentence=f"{batch.reference}: {care}",
        href=f"#{view.anchor}" if to_rows else url_for("batches.show", batch_id=batch.id),
        points=tuple(
            (place.easting, place.northing) for package in queries.packages_in(batch) if (place := package.place)
        ),
    )


def _hours_by_day(visits: Sequence[Visit]) -> BarChart:
    """Hours of care on each day of the week, carers counted."""
    rows = []
    for weekday, name in enumerate(DAY_NAMES):
        of_the_day = [visit for visit in visits if visit.weekday == weekday]
        minutes = weekly_minutes(of_the_day)
        rows.append(ChartRow(name, minutes, f"{hours_text(minutes)}, {counted(len(of_the_day), 'visit')}"))
    return bar_chart(rows)
