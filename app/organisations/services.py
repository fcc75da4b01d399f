"""Commands on whole organisations: proposed by one administrator, done or refused by another."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.accounts.models import Invitation, PasswordReset, ProposalState
from app.accounts.queries import administrators_of
from app.audit.moves import move
from app.auth.models import ApiToken, UserSession
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from app.hooks import Hook
from app.organisations import letters
from app.organisations.models import OrganisationAct, OrganisationProposal
from app.parties.models import MOST_DOMAINS, Organisation, User
from app.parties.viewer import Viewer

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
NOT_ALONE = "You proposed this. A second administrator must decide on it."

shutting_out: Hook[[UUID, UUID]] = Hook(
    "organisation.shutting_out", "An authority wants an organisation shut out. Whoever knows of another one refuses."
)


def read_domains(text: str) -> str:
    """Domains as they are kept, one space between; raises Invalid with the one that is none."""
    domains = [part.strip().lower().removeprefix("@") for part in re.split(r"[\s,;]+", text) if part.strip()]
    wrong = next((domain for domain in domains if not DOMAIN.fullmatch(domain)), None)
    if wrong:
        raise Invalid(
            {"domains": f"“{wrong[:80]}” is no domain. Write the part behind the @, such as testshire.gov.uk."}
        )
    kept = " ".join(dict.fromkeys(domains))
    if len(kept) > MOST_DOMAINS:
        raise Invalid({"domains": "Give fewer domains."})
    return kept


def propose(
    viewer: Viewer, target: Organisation, act: OrganisationAct, because: str, domains: str = ""
) -> OrganisationProposal:
    """Writes down what one administrator wants; the others are told. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why: a second administrator reads it and decides."})
    _refuse_needless(target, act, domains)
    if act is OrganisationAct.SHUT_OUT:
        shutting_out(target.id, viewer.authority_id)
    proposal = OrganisationProposal(
        organisation_id=viewer.organisation_id,
        target_id=target.id,
        act=act,
        domains=domains,
        reason=because.strip(),
        proposed_by=viewer.user_id,
        proposed_by_label=viewer.actor.label,
    )
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
    except IntegrityError as failure:
        raise Conflict("Something is proposed about this organisation already. It must be decided first.") from failure
    audit.record("organisation:proposed", proposal, by=viewer.actor, reason=because.strip(), act=act.value)
    administrators = administrators_of(viewer.organisation_id, viewer.organisation_kind)
    letters.tell_proposed(proposal, [one for one in db.session.scalars(administrators) if one.id != viewer.user_id])
    return proposal


def carry_out(viewer: Viewer, proposal: OrganisationProposal) -> None:
    """A second administrator does what was proposed. Raises NotAllowed, Conflict."""
    _decide(viewer, proposal, ProposalState.APPROVED, "organisation:approved")
    if proposal.act is OrganisationAct.DOMAINS:
        proposal.target.email_domains = proposal.domains
    elif proposal.act is OrganisationAct.LET_IN:
        proposal.target.suspended_at = None
    else:
        shutting_out(proposal.target_id, viewer.authority_id)
        _shut_out(proposal.target)
    db.session.flush()


def refuse(viewer: Viewer, proposal: OrganisationProposal, because: str) -> None:
    """A second administrator refuses, with a reason. Raises Invalid too."""
    if not because.strip():
        raise Invalid({"because": "Say why. Whoever proposed it reads it."})
    _decide(viewer, proposal, ProposalState.REFUSED, "organisation:refused", because.strip())


def _refuse_needless(target: Organisation, act: OrganisationAct, domains: str) -> None:
    if act is OrganisationAct.DOMAINS and domains == target.email_domains:
        raise Invalid({"domains": "These are the domains already."})
    if act is OrganisationAct.SHUT_OUT and target.suspended_at:
        raise Conflict("This organisation is shut out already.")
    if act is OrganisationAct.LET_IN and not target.suspended_at:
        raise Conflict("This organisation is not shut out.")


def _decide(
    viewer: Viewer, proposal: OrganisationProposal, to: ProposalState, tag: str, note: str | None = None
) -> None:
    if viewer.user_id == proposal.proposed_by:
        raise NotAllowed(NOT_ALONE)
    decided = {"decided_by": viewer.user_id, "decided_at": clock.now(), "decision_note": note}
    move([proposal], to, tag, by=viewer.actor, reason=note, values=decided, act=proposal.act.value)
    if proposer := db.session.get(User, proposal.proposed_by):
        letters.tell_decided(proposal, proposer)


def _shut_out(organisation: Organisation) -> None:
    """Ends everything with which its people come in. Nothing of it lives again when it is let in."""
    now = organisation.suspended_at = clock.now()
    people = select(User.id).where(User.organisation_id == organisation.id)
    for table, ended, whose in (
        (UserSession, UserSession.ended_at, UserSession.user_id.in_(people)),
        (ApiToken, ApiToken.ended_at, ApiToken.user_id.in_(people)),
        (PasswordReset, PasswordReset.ended_at, PasswordReset.user_id.in_(people)),
        (Invitation, Invitation.withdrawn_at, Invitation.organisation_id == organisation.id),
    ):
        still_open = (Invitation.used_at.is_(None),) if table is Invitation else ()
        command = update(table).where(whose, ended.is_(None), *still_open).values({ended.key: now})
        db.session.execute(command.execution_options(synchronize_session="fetch"))
