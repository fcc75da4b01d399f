"""Questions about whole organisations, on behalf of administrators and auditors of a council."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from app.accounts.models import ProposalState
from app.database import names_hold, only_one
from app.organisations.models import OrganisationProposal
from app.parties.models import BroughtUser, Organisation, User
from app.parties.viewer import Viewer


def own_organisation(viewer: Viewer) -> Organisation:
    """The viewer's own."""
    return only_one(select(Organisation).where(Organisation.id == viewer.organisation_id))


def brought_organisations(viewer: Viewer, words: str = "") -> Select[Organisation]:
    """The providers whose people the council's own lists named, by name."""
    brought = select(User.organisation_id).join(BroughtUser, BroughtUser.user_id == User.id)
    query = select(Organisation).where(
        Organisation.id.in_(brought.where(BroughtUser.authority_id == viewer.authority_id))
    )
    if words:
        query = query.where(names_hold(words, Organisation.name_key))
    return query.order_by(Organisation.name_key, Organisation.id)


def brought_organisation(viewer: Viewer, organisation_id: UUID) -> Organisation:
    """One of them; raises NotFoundForViewer."""
    return only_one(brought_organisations(viewer).where(Organisation.id == organisation_id))


def proposals_of(viewer: Viewer) -> Select[OrganisationProposal]:
    """What was proposed in the viewer's organisation, newest first."""
    query = select(OrganisationProposal).where(OrganisationProposal.organisation_id == viewer.organisation_id)
    return query.order_by(OrganisationProposal.proposed_at.desc(), OrganisationProposal.id)


def open_proposals(viewer: Viewer) -> Select[OrganisationProposal]:
    """What waits for the viewer: proposed by somebody else."""
    return proposals_of(viewer).where(
        OrganisationProposal.state == ProposalState.PROPOSED, OrganisationProposal.proposed_by != viewer.user_id
    )


def proposal_for(viewer: Viewer, proposal_id: UUID) -> OrganisationProposal:
    """One of them; raises NotFoundForViewer."""
    return only_one(proposals_of(viewer).where(OrganisationProposal.id == proposal_id))
