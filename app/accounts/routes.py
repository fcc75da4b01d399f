"""Pages of accounts: the users of one's own organisation, open invitations, roles that wait for a second person."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from app.accounts import queries
from app.accounts.models import ProposalState
from app.accounts.terms import TAKES_TWO
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, anyone, current_viewer
from app.auth.second_factor import has_second_factor
from app.parties.roles import Role

bp = Blueprint("accounts", __name__)


@bp.get("/users")
@allows("users:read")
def users() -> str:
    """The people of the viewer's organisation."""
    words = _words_searched()
    page = queries.users_page(current_viewer(), words)
    return render_template("accounts/users.html", page=page, words=words)


@bp.get("/users/<uuid:user_id>")
@allows("users:read")
def user(user_id: UUID) -> str:
    """One user: what they may do, and what was done with the account."""
    viewer = current_viewer()
    user = queries.user_for(viewer, user_id)
    audience = Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL
    return render_template(
        "accounts/user.html",
        user=user,
        teams={team.id: team.name for team in queries.teams_of(viewer.organisation_id)},
        second_factor=has_second_factor(user.id),
        proposal=queries.open_proposal_about(user),
        oneself=user.id == viewer.user_id,
        by_two=sorted({held.role.label for held in user.roles if held.role in TAKES_TWO}) if user.disabled_at else [],
        entries=timeline(user.id, audience),
    )


@bp.get("/users/invitations")
@allows("users:manage")
def invitations() -> str:
    """Invitations that have not been accepted."""
    return render_template("accounts/invited.html", page=queries.invitations_page(current_viewer()))


@bp.get("/users/of-providers")
@allows("users:invite-providers")
def provider_users() -> str:
    """Users that came with a list of providers and have never been invited."""
    words = _words_searched()
    page = queries.waiting_providers_page(current_viewer(), words)
    return render_template("accounts/providers.html", page=page, words=words)


@bp.get("/role-proposals/<uuid:proposal_id>")
@allows("users:read")
def proposal(proposal_id: UUID) -> str:
    """What is proposed, by whom and why; and what came of it."""
    viewer = current_viewer()
    proposal = queries.proposal_for(viewer, proposal_id)
    return render_template(
        "accounts/proposal.html",
        proposal=proposal,
        is_open=proposal.state is ProposalState.PROPOSED,
        own=viewer.user_id in {proposal.proposed_by, proposal.user_id},
        entries=timeline(proposal.id, Audience.COUNCIL),
    )


@bp.get("/forgotten-password/asked")
@anyone
def password_requested() -> str:
    """What happens next, whatever the address."""
    return render_template("accounts/asked.html")


def _words_searched() -> str:
    return request.args.get("q", "").strip()[:100]
