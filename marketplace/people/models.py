"""Tables of the people who need care, those who speak for them, and the advocacy test."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Owned, Retention, fk, index_where, one_of
from app.values.labelled import Labelled


class ContactPreference(Labelled):
    """How the person wants to be told things."""

    POST = "post", "Letter"
    PHONE = "phone", "Telephone"
    EMAIL = "email"
    EASY_READ = "easy_read"
    LARGE_PRINT = "large_print"
    BSL = "bsl", "British Sign Language"


class RepresentativeKind(Labelled):
    """Who speaks for the person, and as what."""

    FAMILY = "family"
    FRIEND = "friend"
    ATTORNEY = "attorney", "Attorney or deputy"
    ADVOCATE = "advocate"


class Person(Owned):
    """Somebody who needs care. Every read of these columns is logged.

    Who may not open the record that has an NHS number begins one of their own with it, as if nobody were known: it waits
    beside the known one until somebody who may open both has compared them, and is joined with it or kept apart.
    """

    __tablename__ = "person"
    __table_args__ = (
        index_where("uq_person_nhs_number", "authority_id", "nhs_number", condition="known_record_id IS NULL"),
        CheckConstraint("joined_at IS NULL OR known_record_id IS NOT NULL", name="joined_with"),
    )
    personal: ClassVar = frozenset(
        {
            "name",
            "known_as",
            "date_of_birth",
            "birth_confirmed",
            "nhs_number",
            "address",
            "postcode",
            "telephone",
            "email",
            "language",
        }
    )
    retention: ClassVar = Retention.CARE_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    known_as: Mapped[str | None] = mapped_column(String(100))
    date_of_birth: Mapped[date | None]
    birth_confirmed: Mapped[date | None]
    nhs_number: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(String(400))
    postcode: Mapped[str] = mapped_column(String(8))
    address_from: Mapped[date] = mapped_column(default=clock.today)
    telephone: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(254))
    contact_preference: Mapped[ContactPreference] = one_of(
        ContactPreference, "contact_preference", default=ContactPreference.POST
    )
    language: Mapped[str | None] = mapped_column(String(60))
    team_id: Mapped[UUID | None] = fk("team.id", nullable=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    died_on: Mapped[date | None]
    known_record_id: Mapped[UUID | None] = fk("person.id", nullable=True)
    joined_at: Mapped[datetime | None]

    representatives: Mapped[list[Representative]] = relationship(order_by="Representative.name")
    other_addresses: Mapped[list[DatedAddress]] = relationship(order_by="DatedAddress.holds_from", viewonly=True)

    @property
    def addresses_to_come(self) -> list[DatedAddress]:
        """Where the person will live."""
        return [address for address in self.other_addresses if address.held_until is None]

    @property
    def waits_to_be_compared(self) -> bool:
        """Whether another record with the same NHS number was there before, and nobody has compared them."""
        return self.known_record_id is not None and self.joined_at is None


class DatedAddress(Owned):
    """Where the person lived before, or will live: the address that holds today stands in the record, with its first day.

    One without `held_until` is still to come.
    """

    __tablename__ = "dated_address"
    personal: ClassVar = frozenset({"address", "postcode"})
    retention: ClassVar = Retention.CARE_RECORD

    person_id: Mapped[UUID] = fk("person.id")
    address: Mapped[str | None] = mapped_column(String(400))
    postcode: Mapped[str] = mapped_column(String(8))
    holds_from: Mapped[date]
    held_until: Mapped[date | None]
    noted_by_label: Mapped[str] = mapped_column(String(300))


class Representative(Owned):
    """Somebody who may speak for the person, with the consent given and, if so, taken back."""

    __tablename__ = "representative"
    personal: ClassVar = frozenset({"name", "telephone", "email"})
    retention: ClassVar = Retention.CARE_RECORD

    person_id: Mapped[UUID] = fk("person.id")
    kind: Mapped[RepresentativeKind] = one_of(RepresentativeKind, "kind")
    name: Mapped[str] = mapped_column(String(200))
    telephone: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(254))
    consent_given_on: Mapped[date | None]
    consent_withdrawn_on: Mapped[date | None]


class BreakGlass(Owned):
    """An identity that somebody outside its scope has opened: by whom, why, and until when."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("until > opened_at", name="ends"),
        Index("ix_break_glass_user_id_until", "user_id", "until"),
        Index("ix_break_glass_authority_id_opened_at", "authority_id", "opened_at"),
    )
    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = Retention.CARE_RECORD

    person_id: Mapped[UUID] = fk("person.id")
    user_id: Mapped[UUID] = fk("user_account.id", index=False)
    opened_by_label: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(Text())
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[datetime]


class AdvocacyTest(Owned):
    """Care Act s.67: whether the person has substantial difficulty, and somebody appropriate to support them."""

    __tablename__ = "advocacy_test"
    personal: ClassVar = frozenset({"note"})
    retention: ClassVar = Retention.CARE_RECORD

    person_id: Mapped[UUID] = fk("person.id")
    made_on: Mapped[date]
    difficulties: Mapped[list[str]] = mapped_column(Json)
    appropriate_person: Mapped[bool]
    referred_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text())
    made_by_label: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
