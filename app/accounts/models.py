"""Tables of invitations, of roles that wait for a second person, and of lost passwords."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Retention, Row, fk, index_where, one_of
from app.parties.models import Organisation, User
from app.parties.roles import Role
from app.values.lifecycle import Lifecycle


class ProposalState(Lifecycle, refusal="This has been decided already."):
    """Where a proposal stands."""

    PROPOSED = "proposed", "orange", "It waits for a second administrator.", "approved refused"
    APPROVED = "approved", "green", "A second administrator has agreed."
    REFUSED = "refused", "red", "It was refused; nothing was changed."


class _WithRoles(Row):
    """What gives roles to somebody of an organisation, in whose audit it stands."""

    __abstract__ = True

    organisation_id: Mapped[UUID] = fk("organisation.id", index=False)
    roles: Mapped[list[str]] = mapped_column(Json)

    @property
    def authority_id(self) -> UUID:
        return self.organisation_id

    @property
    def named_roles(self) -> frozenset[Role]:
        return frozenset(Role(name) for name in self.roles)


class Invitation(_WithRoles):
    """An invitation to one address, with the roles that come with it. Open until used, withdrawn or too old.

    `user_id` is set where the user is there already and has never signed in. Without a `secret_hash` no link is out:
    it waits for a second person.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        index_where(
            "uq_invitation_open", "organisation_id", "email", condition="used_at IS NULL AND withdrawn_at IS NULL"
        ),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )
    personal: ClassVar = frozenset({"email"})
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID | None] = fk("user_account.id", nullable=True)
    email: Mapped[str] = mapped_column(String(254))
    team_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_by: Mapped[UUID] = fk("user_account.id")
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def is_late(self) -> bool:
        return self.expires_at is not None and clock.now() >= self.expires_at


class RoleProposal(_WithRoles):
    """Roles that one administrator proposes for somebody and another gives or refuses.

    It is about a user, or about an invitation that is not sent before.
    """

    __tablename__ = "role_proposal"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (invitation_id IS NULL)", name="about_one"),
        CheckConstraint("state = 'proposed' OR decided_at IS NOT NULL", name="decided_when"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("state <> 'refused' OR decision_note IS NOT NULL", name="refused_why"),
        Index("ix_role_proposal_waiting", "organisation_id", "state"),
        index_where("uq_role_proposal_open", "user_id", condition="state = 'proposed'"),
    )
    personal: ClassVar = frozenset({"reason", "decision_note"})
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID | None] = fk("user_account.id", nullable=True, index=False)
    invitation_id: Mapped[UUID | None] = fk("invitation.id", nullable=True)
    team_ids: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    reason: Mapped[str] = mapped_column(Text())
    state: Mapped[ProposalState] = one_of(ProposalState, "state", default=ProposalState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(Uuid())
    proposed_by_label: Mapped[str] = mapped_column(String(300))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid())
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(Text())

    user: Mapped[User | None] = relationship(lazy="joined")
    invitation: Mapped[Invitation | None] = relationship(lazy="joined")

    @property
    def whose(self) -> str:
        """The address of whom it is about."""
        about = self.user or self.invitation
        return about.email if about else ""


class PasswordRequest(Row):
    """Somebody asked for a new password for an address, whether it is known or not; answered by a timed job.

    What limits count are keyed digests; the address itself is encrypted, and forgotten once it was answered.
    """

    __tablename__ = "password_request"
    __table_args__ = (
        Index("ix_password_request_account_at", "account", "at"),
        Index("ix_password_request_address_at", "address", "at"),
        Index("ix_password_request_at", "at"),
    )
    personal: ClassVar = frozenset({"account", "address", "email_box"})
    retention: ClassVar = Retention.WORKING

    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    email_box: Mapped[str | None] = mapped_column(Text())
    at: Mapped[datetime] = mapped_column(default=clock.now)


class PasswordReset(Row):
    """One link to a new password: good once, until its hour, until a newer one, a sign-in or a new password."""

    __tablename__ = "password_reset"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.WORKING

    user_id: Mapped[UUID] = fk("user_account.id")
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    password_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")
