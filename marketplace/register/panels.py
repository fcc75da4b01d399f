"""The work list of CQC data that is held, and providers found by their reference."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from app.database import db
from app.house import WorkItem, panel_of
from app.parties.viewer import Viewer
from marketplace.providers.models import CqcImport, CqcImportState, Provider
from marketplace.register.queries import is_shown, undecided_runs_of_others


def _held_runs(viewer: Viewer) -> Select[Any]:
    """Those that somebody else took in: who loaded a run never releases it."""
    held = CqcImport.authority_id == viewer.authority_id, CqcImport.state == CqcImportState.HELD
    by_others = CqcImport.loaded_by.is_distinct_from(viewer.user_id)
    return select(CqcImport).where(*held, by_others).order_by(CqcImport.imported_at)


def _to_release(run: CqcImport) -> WorkItem:
    url = url_for("register_files.run", run_id=run.id)
    return WorkItem("Release or refuse the CQC data that is held", run.sentence, run.imported_at, url, "Look")


def _to_accept(run: CqcImport) -> WorkItem:
    url = url_for("register_files.run_from_others", run_id=run.id)
    told = f"Taken in by {run.authority.name}. They change nothing here until you accept them."
    return WorkItem("Accept ratings of providers that you know, or leave them out", told, run.imported_at, url, "Look")


HELD = panel_of("CQC data that is held", "cqc:decide", _held_runs, _to_release)
OF_OTHERS = panel_of("Ratings that other authorities took in", "cqc:decide", undecided_runs_of_others, _to_accept)


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the provider with this reference, for councils."""
    reference = text.upper().replace(" ", "")
    if not reference.startswith("PRV") or not viewer.is_commissioner:
        return None
    provider = db.session.scalars(
        select(Provider).where(Provider.reference == reference, is_shown(viewer))
    ).one_or_none()
    return url_for("register.show", provider_id=provider.id) if provider else None
