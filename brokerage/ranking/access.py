"""Who may see a ranking, and when: never before the deadline, never before a declaration, never with a conflict."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from app.database import db
from app.errors import Conflict, NotAllowed
from app.parties.roles import Role
from app.parties.viewer import Viewer
from brokerage.ranking.assembling import refuse_while_sealed
from brokerage.ranking.models import ConflictDeclaration
from marketplace.rounds.models import Issue
from marketplace.rounds.queries import sealed_sentence

READERS = (Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)
DECIDERS = (Role.BROKER, Role.TEAM_MANAGER)
"""Those who read a ranking, and those of them who decide on it and so declare their interests first."""

NOT_DECLARED = "Say first whether you have an interest in any provider. Until then you cannot see the answers."
HAS_CONFLICT = "You declared an interest in a provider, so you cannot see, rank or award this. A colleague does it."


class Declared(StrEnum):
    """What somebody has said about their interests in one issue."""

    NOTHING = "nothing"
    NO_CONFLICT = "no_conflict"
    CONFLICT = "conflict"


def declaration_of(user_id: UUID, issue: Issue) -> ConflictDeclaration | None:
    """What this user declared for the issue."""
    query = select(ConflictDeclaration).where(
        ConflictDeclaration.issue_id == issue.id, ConflictDeclaration.user_id == user_id
    )
    return db.session.scalars(query).one_or_none()


def declared_by(user_id: UUID, issue: Issue) -> Declared:
    """The same in one word."""
    found = declaration_of(user_id, issue)
    if found is None:
        return Declared.NOTHING
    return Declared.CONFLICT if found.has_conflict else Declared.NO_CONFLICT


def must_declare(viewer: Viewer) -> bool:
    """Whether the viewer decides on rankings; contract managers and auditors only read them."""
    return viewer.has(*DECIDERS)


def reason_against_seeing(viewer: Viewer, issue: Issue) -> str | None:
    """Why this viewer may not see the issue's answers now; None when they may."""
    if issue.is_sealed:
        return sealed_sentence(issue)
    declared = declared_by(viewer.user_id, issue)
    if declared is Declared.CONFLICT:
        return HAS_CONFLICT
    return NOT_DECLARED if declared is Declared.NOTHING and must_declare(viewer) else None


def refuse_seeing(viewer: Viewer, issue: Issue) -> None:
    """Raises Conflict while sealed or not yet declared, NotAllowed after a declared conflict."""
    refuse_while_sealed(issue)
    reason = reason_against_seeing(viewer, issue)
    if reason == HAS_CONFLICT:
        raise NotAllowed(reason)
    if reason:
        raise Conflict(reason)
