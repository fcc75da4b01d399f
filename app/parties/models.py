"""Tables of organisations, teams, users and roles."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import FoundByName, Model, Retention, Row, fk, one_of
from app.parties.roles import OrganisationKind, Role

MOST_DOMAINS = 1000


class Organisation(FoundByName, Row):
    """A council, an ICB, a provider's company or an advocacy service. Shared by all authorities."""

    __tablename__ = "organisation"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    kind: Mapped[OrganisationKind] = one_of(OrganisationKind, "kind")
    name: Mapped[str] = mapped_column(String(200))
    ods_code: Mapped[str | None] = mapped_column(String(20))
    companies_house_number: Mapped[str | None] = mapped_column(String(20))
    suspended_at: Mapped[datetime | None]
    """Since when it is shut out: nobody of it signs in, and no token or link of its people is good."""
    email_domains: Mapped[str] = mapped_column(String(MOST_DOMAINS), default="", server_default="")
    """What stands behind the @ of its people's addresses, a space between; empty where none was set."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def authority_id(self) -> UUID:
        """In whose audit it stands, such as the lists that left it: its own."""
        return self.id

    def is_stranger(self, email: str) -> bool:
        """Whether an address is of none of its domains, where they were set; a domain has those below it."""
        domain = email.rpartition("@")[2].lower()
        known = self.email_domains.split()
        return bool(known) and not any(domain == one or domain.endswith(f".{one}") for one in known)


class Team(FoundByName, Row):
    """A team of an organisation, such as a hospital discharge hub; referrals come from teams."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    organisation_id: Mapped[UUID] = fk("organisation.id")
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))


class User(FoundByName, Row):
    """Somebody who signs in. Belongs to one organisation; roles say what they do there."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)
    personal: ClassVar = frozenset({"email", "name", "name_key", "password_hash"})
    retention: ClassVar = Retention.ACCOUNT

    organisation_id: Mapped[UUID] = fk("organisation.id")
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    roles: Mapped[list[UserRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def authority_id(self) -> UUID:
        """In whose audit the account stands: its own organisation's."""
        return self.organisation_id


class UserRole(Row):
    """One role of one user, in a team where the role is a team's."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role", "team_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id")
    team_id: Mapped[UUID | None] = fk("team.id", nullable=True)
    role: Mapped[Role] = one_of(Role, "role")


class BroughtUser(Row):
    """A council whose list of providers names somebody: it may invite them, and it alone sees that they wait."""

    __tablename__ = "brought_user"
    __table_args__ = (UniqueConstraint("authority_id", "user_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    authority_id: Mapped[UUID] = fk("organisation.id", index=False)
    user_id: Mapped[UUID] = fk("user_account.id")


class InstallationFact(Model):
    """A fact about this installation, such as that it is a demo."""

    __tablename__ = "installation_fact"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
