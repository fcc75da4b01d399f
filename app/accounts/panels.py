"""The work list of administrators: roles that wait for a second person."""

from __future__ import annotations

from flask import url_for

from app.accounts.models import RoleProposal
from app.accounts.queries import proposals_to_decide
from app.house import WorkItem, panel_of
from app.parties.roles import titles


def _to_decide(proposal: RoleProposal) -> WorkItem:
    return WorkItem(
        f"Give or refuse: {titles(proposal.named_roles)}",
        f"Proposed by {proposal.proposed_by_label}. These roles take two people.",
        None,
        url_for("accounts.proposal", proposal_id=proposal.id),
        "Decide",
    )


TO_DECIDE = panel_of("Roles to give as the second person", "roles:approve", proposals_to_decide, _to_decide)
