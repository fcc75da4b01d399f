"""The terms of accounts: whose roles may be given by whom, which take two people, how long links and requests live."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from app.parties.roles import ROLES_OF_KIND, OrganisationKind, Role

INVITATION_LASTS = timedelta(hours=48)
RESET_LASTS = timedelta(minutes=60)

TAKES_TWO = frozenset({Role.ADMINISTRATOR, Role.CONTRACT_MANAGER})
"""Roles that one person proposes and another gives."""

OF_TEAMS = frozenset({Role.REFERRER, Role.SOCIAL_WORKER, Role.TEAM_MANAGER})
"""Roles that can be bound to teams; without a team they are for the whole authority."""

ASKS_PER_ACCOUNT = 5
ASKS_PER_ADDRESS = 60
ASKS_IN_ALL = 1_000
ASKS_WITHIN = timedelta(hours=1)


def administrator_of(kind: OrganisationKind) -> Role:
    return Role.PROVIDER_ADMINISTRATOR if kind is OrganisationKind.PROVIDER else Role.ADMINISTRATOR


def problem_with_roles(kind: OrganisationKind, wanted: Collection[Role]) -> str | None:
    """Why people of such an organisation cannot be given these roles; None when they can."""
    if not wanted:
        return "Choose at least one role."
    if not set(wanted) <= ROLES_OF_KIND[kind]:
        return f"Choose roles that people of a {kind.value} can have."
    return None


def given_by_two(held: Collection[Role], wanted: Collection[Role], *, is_stranger: bool) -> frozenset[Role]:
    """The wanted roles that are new and take a second person: every one where the address is of a strange domain."""
    new = frozenset(wanted) - frozenset(held)
    return new if is_stranger else new & TAKES_TWO


def too_many_asked(of_account: int, of_address: int, in_all: int) -> bool:
    """Whether another request for a new password must wait; the counts are of the last hour, whoever exists."""
    return of_account >= ASKS_PER_ACCOUNT or of_address >= ASKS_PER_ADDRESS or in_all >= ASKS_IN_ALL
