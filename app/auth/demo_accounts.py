"""The accounts that the sign-in page of the demo lists."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.database import db
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind

PROVIDERS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo: whose it is and what it is for."""

    email: str
    roles: str
    organisation: str


def demo_accounts() -> list[DemoAccount]:
    """Everybody of the council and the ICB, and the first few provider coordinators."""
    officers = (
        select(User).join(Organisation).where(Organisation.kind != OrganisationKind.PROVIDER).order_by(User.created_at)
    )
    coordinators = select(User).join(Organisation).where(Organisation.kind == OrganisationKind.PROVIDER)
    shown = [
        *db.session.scalars(officers),
        *db.session.scalars(coordinators.order_by(User.email).limit(PROVIDERS_SHOWN)),
    ]
    return [
        DemoAccount(user.email, ", ".join(held.role.label for held in user.roles), user.organisation.name)
        for user in shown
    ]
