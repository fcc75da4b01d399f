"""The work list of administrators: roles that wait for a second person."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import func, select

from app.accounts.queries import proposals_to_decide
from app.database import db
from app.house import WorkItem
from app.parties.viewer import Viewer


def proposals_count(viewer: Viewer) -> int:
    """How many proposals this viewer may decide."""
    return db.session.scalar(select(func.count()).select_from(proposals_to_decide(viewer).subquery())) or 0


def proposals(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """Each with the roles that it would give."""
    waiting = db.session.scalars(proposals_to_decide(viewer).limit(limit)).unique()
    return [
        WorkItem(
            f"Give or refuse: {', '.join(sorted(role.label for role in proposal.named_roles))}",
            f"Proposed by {proposal.proposed_by_label}. These roles take two people.",
            None,
            url_for("accounts.proposal", proposal_id=proposal.id),
            "Decide",
        )
        for proposal in waiting
    ]
