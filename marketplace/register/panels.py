"""The work list of CQC data that is held, and providers found by their reference."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from app.database import db
from app.house import WorkItem, panel_of
from app.parties.viewer import Viewer
from marketplace.providers.models import CqcImport, CqcImportState, Provider


def _held_runs(viewer: Viewer) -> Select[Any]:
    held = CqcImport.authority_id == viewer.authority_id, CqcImport.state == CqcImportState.HELD
    return select(CqcImport).where(*held).order_by(CqcImport.imported_at)


def _to_release(run: CqcImport) -> WorkItem:
    url = url_for("register_files.run", run_id=run.id)
    return WorkItem("Release or refuse the CQC data that is held", run.sentence, run.imported_at, url, "Look")


HELD = panel_of("CQC data that is held", "cqc:import", _held_runs, _to_release)


def find(viewer: Viewer, text: str) -> str | None:
    """The page of the provider with this reference, for councils."""
    reference = text.upper().replace(" ", "")
    if not reference.startswith("PRV") or not viewer.is_commissioner:
        return None
    provider = db.session.scalars(select(Provider).where(Provider.reference == reference)).one_or_none()
    return url_for("register.show", provider_id=provider.id) if provider else None
