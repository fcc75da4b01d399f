"""The users of one's own organisation and their invitations over the API: what the pages show, and inviting."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import EmailStr, Field

from app.accounts import queries
from app.accounts.forms import RolesTyped
from app.accounts.steps import Invite
from app.api.shell import Given, ListOut, PageQuery, Sent, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.errors import Invalid
from app.parties.roles import Role

bp = api_blueprint("accounts", __name__, "Users")


class UsersQuery(PageQuery):
    """Which page, and what the name or the email address holds."""

    q: Annotated[str, Field(max_length=100)] = ""


class RoleOut(Given):
    """One role; without a team it is for the whole organisation."""

    role: Role
    team_id: UUID | None


class UserOut(Given):
    """Somebody who signs in, or will: with `disabled_at` the account is closed."""

    id: UUID
    name: str
    email: str
    created_at: datetime
    disabled_at: datetime | None
    roles: list[RoleOut]


class InvitationOut(Given):
    """An open invitation. Without `sent_at` it waits for a second administrator; the link itself is never told."""

    id: UUID
    email: str
    roles: list[Role]
    team_ids: list[UUID]
    invited_at: datetime
    sent_at: datetime | None
    expires_at: datetime | None


class InvitationIn(Sent):
    """Whom to invite, as what. Teams of the own organisation; the reason is for roles that take two people."""

    email: Annotated[EmailStr, Field(max_length=254)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=20)]
    team_ids: Annotated[list[UUID], Field(max_length=50)] = []
    reason: Annotated[str, Field(max_length=500)] = ""


SENT_AS = {"teams": "team_ids"}
"""Fields that have another name over the API than on the page."""


@bp.get("/users")
@allows("users:read")
@bp.input(UsersQuery, location="query")
@bp.output(ListOut[UserOut])
def users(query_data: UsersQuery) -> dict[str, Any]:
    """The users of the caller's organisation, by name."""
    page = queries.users_page(current_viewer(), query_data.q.strip(), number=query_data.page)
    return list_out(page, page.rows)


@bp.get("/users/<uuid:user_id>")
@allows("users:read")
@bp.output(UserOut)
def user(user_id: UUID) -> UserOut:
    """One of them."""
    return UserOut.model_validate(queries.user_for(current_viewer(), user_id))


@bp.get("/invitations")
@allows("users:manage")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[InvitationOut])
def invitations(query_data: PageQuery) -> dict[str, Any]:
    """Invitations that have not been accepted, the newest first."""
    page = queries.invitations_page(current_viewer(), number=query_data.page)
    return list_out(page, page.rows)


@bp.post("/invitations")
@allows("users:manage")
@bp.input(InvitationIn)
@bp.output(InvitationOut, status_code=201)
def invite(json_data: InvitationIn) -> InvitationOut:
    """Invites somebody into the caller's organisation; roles that take two people wait for a second administrator."""
    typed = RolesTyped(frozenset(json_data.roles), json_data.team_ids, json_data.reason, json_data.email)
    try:
        return InvitationOut.model_validate(Invite.take(typed))
    except Invalid as refusal:  # a field is named as it was sent, not as on the page
        raise Invalid({SENT_AS.get(name, name): said for name, said in refusal.errors.items()}) from refusal
