"""What accounts bring to the house."""

from __future__ import annotations

from app.accounts import api, models, panels, routes, second_factor_steps, steps
from app.accounts.jobs import answer_requests, forget_old
from app.accounts.letters import LETTERS
from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice, TimedJob
from app.parties.roles import Role

MANAGERS = (Role.ADMINISTRATOR, Role.PROVIDER_ADMINISTRATOR)
ADMINISTRATORS = (Role.ADMINISTRATOR,)

# Facts name roles and teams; addresses and names stay in the tables of users.
TAGS = (
    Tag("invitation:made", "Somebody was invited", council=("roles",), provider=("roles",)),
    Tag("invitation:sent", "The link of an invitation was sent", council=(), provider=()),
    Tag("invitation:withdrawn", "An invitation was withdrawn", council=(), provider=()),
    Tag("invitation:accepted", "An invitation was accepted", council=(), provider=()),
    Tag("roles:changed", "Roles were changed", council=("given", "taken"), provider=("given", "taken")),
    Tag("roles:proposed", "Roles were proposed that take a second person", council=("roles",)),
    Tag("roles:approved", "A second person gave the proposed roles", council=("roles",)),
    Tag("roles:refused", "The proposed roles were refused", council=("roles",)),
    Tag("user:disabled", "The account was closed", council=(), provider=()),
    Tag("user:enabled", "The account was opened again", council=(), provider=()),
    Tag("password:link_sent", "A link to a new password was sent", council=(), provider=()),
    Tag("password:reset", "A new password was set through a link", council=(), provider=()),
)

ACCOUNTS = Slice(
    name="accounts",
    models=models,
    permissions=(
        Permission("users:read", "Reading who the users are", (*MANAGERS, Role.AUDITOR)),
        Permission("users:manage", "Inviting and changing users", MANAGERS),
        Permission("users:invite-providers", "Inviting the first users of providers", ADMINISTRATORS),
        Permission("roles:approve", "Giving as the second person roles that take two", ADMINISTRATORS),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp, second_factor_steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Users", "accounts.users", "users:read"),),
    panels=(panels.TO_DECIDE,),
    letters=LETTERS,
    jobs=(
        TimedJob("answer password requests", "Sends links to new passwords.", answer_requests, every=5),
        TimedJob("forget password requests", "Deletes them after a day.", forget_old, daily_at="02:35"),
    ),
)
