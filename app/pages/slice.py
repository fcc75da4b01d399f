"""What the house's own pages bring to it: the home page, the inbox, long work, health, the audit, emails and numbers."""

from __future__ import annotations

from app import metrics
from app.audit import Tag
from app.house import NavigationItem, Slice, TimedJob
from app.pages import about, audit, health, home, inbox, mail, work
from app.pages.audit_head import AUDIT_HEAD, tell_the_head

PAGES = Slice(
    name="pages",
    tags=(
        Tag(audit.EXPORTED, "The audit trail was exported", council=("rows", "format"), provider=("rows", "format")),
    ),
    pages=(home.bp, inbox.bp, work.bp, health.bp, about.bp, audit.bp, audit.exports_bp, mail.bp, metrics.bp),
    navigation=(
        NavigationItem("Audit", "oversight.audit_list", "audit:read"),
        NavigationItem("Audit", "audit_exports.own", "audit:own"),
        NavigationItem("Letters", "mail.letters", "letters:read"),
    ),
    jobs=(TimedJob("tell the audit's head", "Tells the auditors the last block.", tell_the_head, daily_at="02:50"),),
    letters=(AUDIT_HEAD,),
    gauges=metrics.GAUGES,
)
