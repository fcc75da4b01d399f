"""What accounts bring to the house."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import func, select

from app.accounts import (
    api,
    invitation_routes,
    proposal_routes,
    reset_routes,
    token_routes,
    user_routes,
)
from app.accounts.jobs import answer_requests, forget_old
from app.accounts.queries import proposals_to_decide
from app.auth import fresh_routes
from app.database import db
from app.house import House, NavigationItem, Panel, TimedJob, WorkItem
from app.parties.roles import Role
from app.parties.viewer import Viewer

BLUEPRINTS = (
    user_routes.bp,
    invitation_routes.bp,
    proposal_routes.bp,
    reset_routes.bp,
    token_routes.bp,
    fresh_routes.bp,
)


def register(house: House) -> None:
    """Adds permissions, pages, the panel of roles to give, and the timed jobs."""
    own = (Role.ADMINISTRATOR, Role.PROVIDER_ADMINISTRATOR)
    house.permissions.add("users:read", "Reading who the users are", *own, Role.AUDITOR)
    house.permissions.add("users:manage", "Inviting and changing users", *own)
    house.permissions.add("users:invite-providers", "Inviting the first users of providers", Role.ADMINISTRATOR)
    house.permissions.add("roles:approve", "Giving as the second person roles that take two", Role.ADMINISTRATOR)
    for blueprint in BLUEPRINTS:
        house.register_blueprint(blueprint)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.navigation.append(NavigationItem("Users", "users.index", "users:read"))
    house.panels.append(Panel("Roles to give as the second person", "roles:approve", _count, _items))
    house.timetable.extend(
        [
            TimedJob("answer password requests", "Sends links to new passwords.", answer_requests, every=5),
            TimedJob("forget password requests", "Deletes them after a day.", forget_old, daily_at="02:35"),
        ]
    )


def _count(viewer: Viewer) -> int:
    return db.session.scalar(select(func.count()).select_from(proposals_to_decide(viewer).subquery())) or 0


def _items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    found = db.session.scalars(proposals_to_decide(viewer).limit(limit)).unique()
    return [
        WorkItem(
            f"Give or refuse: {', '.join(sorted(role.label for role in one.named_roles))}",
            f"Proposed by {one.proposed_by_label}. These roles take two people.",
            None,
            url_for("role_proposals.show", proposal_id=one.id),
            "Decide",
        )
        for one in found
    ]
