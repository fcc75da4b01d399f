"""For auditors and administrators: the audit of the authority, and its users."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from sqlalchemy import Select, select

from app.audit.models import AuditEntry
from app.audit.queries import timeline
from app.audit.tags import Audience, tag_named
from app.audit.verify import verify
from app.auth import allows, current_viewer
from app.database import only_one
from app.http.paging import paged

bp = Blueprint("oversight", __name__)


@bp.get("/audit")
@allows("audit:read")
def audit_list() -> str:
    """Every entry of the authority, newest first."""
    tag = request.args.get("tag", "")[:80]
    page = paged(_entries().where(AuditEntry.tag == tag) if tag else _entries())
    return render_template("pages/audit.html", page=page, tag_named=tag_named, verdict=None)


@bp.post("/audit/check")
@allows("audit:read")
def audit_check() -> str:
    """Checks the whole audit now."""
    page = paged(_entries(), number=1)
    return render_template("pages/audit.html", page=page, tag_named=tag_named, verdict=verify())


@bp.get("/audit/<uuid:subject_id>")
@allows("audit:read")
def audit_subject(subject_id: UUID) -> str:
    """The whole timeline of one thing of the authority."""
    only_one(_entries().where(AuditEntry.subject_id == subject_id).limit(1))
    return render_template("pages/audit_subject.html", items=timeline(subject_id, Audience.AUDITOR, limit=200))


def _entries() -> Select[AuditEntry]:
    """Those of the viewer's authority, the newest first."""
    own = AuditEntry.authority_id == current_viewer().authority_id
    return select(AuditEntry).where(own).order_by(AuditEntry.at.desc(), AuditEntry.id)
