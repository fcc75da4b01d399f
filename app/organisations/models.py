"""The table of what one administrator proposes about an organisation and another one does or refuses."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.accounts.models import ProposalState
from app.database import Retention, Row, fk, index_where, one_of
from app.parties.models import Organisation


class OrganisationAct(StrEnum):
    """What is proposed."""

    DOMAINS = "domains"
    SHUT_OUT = "shut_out"
    LET_IN = "let_in"

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    OrganisationAct.DOMAINS: "Change the domains of your addresses",
    OrganisationAct.SHUT_OUT: "Shut the organisation out: its sessions, tokens and links end",
    OrganisationAct.LET_IN: "Let the organisation in again",
}


class OrganisationProposal(Row):
    """What one administrator wants done about an organisation: their own, or a provider of their council alone.

    `organisation_id` is whose administrators decide, `target_id` whom it is about.
    """

    __tablename__ = "organisation_proposal"
    __table_args__ = (
        CheckConstraint("state = 'proposed' OR decided_at IS NOT NULL", name="decided_when"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("state <> 'refused' OR decision_note IS NOT NULL", name="refused_why"),
        index_where("uq_organisation_proposal_open", "target_id", condition="state = 'proposed'"),
    )
    personal: ClassVar = frozenset({"reason", "decision_note"})
    retention: ClassVar = Retention.ACCOUNT

    organisation_id: Mapped[UUID] = fk("organisation.id")
    target_id: Mapped[UUID] = fk("organisation.id", index=False)
    act: Mapped[OrganisationAct] = one_of(OrganisationAct, "act")
    domains: Mapped[str] = mapped_column(String(1000), default="")
    reason: Mapped[str] = mapped_column(Text())
    state: Mapped[ProposalState] = one_of(ProposalState, "state", default=ProposalState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(Uuid())
    proposed_by_label: Mapped[str] = mapped_column(String(300))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid())
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(Text())

    target: Mapped[Organisation] = relationship(lazy="joined", foreign_keys=[target_id])

    @property
    def authority_id(self) -> UUID:
        """In whose audit it stands."""
        return self.organisation_id
