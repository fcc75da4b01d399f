"""Tables of packages: the need, its visits, must-haves, funding, and who may see it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Owned, Retention, fk, index_where, one_of
from marketplace.packages.rules import NOT_WAITING, PackageStatus, Source, Urgency
from marketplace.packages.visits import VISIT_COLUMNS, Visit
from marketplace.people.models import Person
from marketplace.schemes.models import Lot, Scheme, Zone
from marketplace.vocabulary import CarerGender


class Funder(StrEnum):
    """Who pays a share."""

    COUNCIL = "council"
    HEALTH = "health"


class PartyRole(StrEnum):
    """Why another organisation takes part in a package."""

    FUNDER = "funder"
    ASSESSOR = "assessor"


MOST_CLEARANCE_REASON = 300

WAITING = f"status NOT IN ({', '.join(repr(status.value) for status in NOT_WAITING)})"
"""Whose care has not begun, in words of the database: an index of these alone is used only where the very same is asked."""


class Package(Owned):
    """What one person needs of one lot: one provider at a time, and never two running agreements."""

    __tablename__ = "package"
    __table_args__ = (
        UniqueConstraint("scheme_id", "council_reference"),
        Index("ix_package_authority_status", "authority_id", "status", "planned_start"),
        Index("ix_package_list", "authority_id", "urgency", "planned_start", "id"),
        index_where(
            "ix_package_waiting", "authority_id", "urgency", "planned_start", "id", condition=WAITING, unique=False
        ),
        Index("ix_package_sector", "scheme_id", "lot_id", "sector"),
        CheckConstraint("weekly_minutes >= 0", name="minutes_not_negative"),
        CheckConstraint("status != 'withdrawn' OR status_reason IS NOT NULL", name="withdrawn_why"),
        CheckConstraint("carer_gender = 'any' OR carer_gender_reason IS NOT NULL", name="carer_gender_why"),
    )
    personal: ClassVar = frozenset({"postcode", "pen_picture", "carer_gender_reason", "language"})
    retention: ClassVar = Retention.CARE_RECORD

    authority_id: Mapped[UUID] = fk("organisation.id", index=False)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    council_reference: Mapped[str | None] = mapped_column(String(40))
    scheme_id: Mapped[UUID] = fk("scheme.id", index=False)
    lot_id: Mapped[UUID] = fk("lot.id")
    person_id: Mapped[UUID] = fk("person.id")
    parent_id: Mapped[UUID | None] = fk("package.id", nullable=True)
    status: Mapped[PackageStatus] = one_of(PackageStatus, "status", default=PackageStatus.DRAFT)
    status_since: Mapped[datetime] = mapped_column(default=clock.now)
    status_reason: Mapped[str | None] = mapped_column(String(500))
    source: Mapped[Source] = one_of(Source, "source")
    urgency: Mapped[Urgency] = one_of(Urgency, "urgency")
    planned_start: Mapped[date]
    first_wanted_start: Mapped[date | None]
    postcode: Mapped[str] = mapped_column(String(8))
    outcode: Mapped[str] = mapped_column(String(4))
    sector: Mapped[str] = mapped_column(String(6))
    zone_id: Mapped[UUID | None] = fk("zone.id", nullable=True)
    easting: Mapped[int | None]
    northing: Mapped[int | None]
    pen_picture: Mapped[str] = mapped_column(Text())
    carer_gender: Mapped[CarerGender] = one_of(CarerGender, "carer_gender", default=CarerGender.ANY)
    carer_gender_reason: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str | None] = mapped_column(String(60))
    short_visit_reason: Mapped[str | None] = mapped_column(String(300))
    weekly_minutes: Mapped[int]
    cost_ceiling_pence: Mapped[int | None]
    referring_team_id: Mapped[UUID | None] = fk("team.id", nullable=True)
    incumbent_provider_id: Mapped[UUID | None] = fk("provider.id", nullable=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship()
    scheme: Mapped[Scheme] = relationship()
    lot: Mapped[Lot] = relationship(lazy="joined")
    zone: Mapped[Zone | None] = relationship()
    visits: Mapped[list[PackageVisit]] = relationship(
        order_by="(PackageVisit.weekday, PackageVisit.window_start)", cascade="all, delete-orphan"
    )
    skills: Mapped[list[PackageSkill]] = relationship(order_by="PackageSkill.skill", cascade="all, delete-orphan")
    funding: Mapped[list[FundingShare]] = relationship(order_by="FundingShare.starts_on", cascade="all, delete-orphan")


class PackageVisit(Owned):
    """One planned visit of the week: a window, a length, one or two carers. Minutes of the day; may cross midnight."""

    __tablename__ = "package_visit"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("carers IN (1, 2)", name="carers"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )
    personal: ClassVar = frozenset({"tasks"})
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id")
    weekday: Mapped[int]
    window_start: Mapped[int]
    window_end: Mapped[int]
    minutes: Mapped[int]
    carers: Mapped[int]
    time_critical: Mapped[bool] = mapped_column(default=False)
    tasks: Mapped[str] = mapped_column(String(500), default="")

    @property
    def value(self) -> Visit:
        """The visit as rules and drawings take it."""
        return Visit(**{name: getattr(self, name) for name in VISIT_COLUMNS})


class PackageSkill(Owned):
    """A skill that at least one carer must have."""

    __tablename__ = "package_skill"
    __table_args__ = (UniqueConstraint("package_id", "skill"),)
    personal: ClassVar = frozenset({"skill"})
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id", index=False)
    skill: Mapped[str] = mapped_column(String(80))


class FundingShare(Owned):
    """A funder's share in per cent over a period; the shares of a day add up to 100."""

    __tablename__ = "funding_share"
    __table_args__ = (CheckConstraint("percent > 0 AND percent <= 100", name="percent_range"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id")
    funder: Mapped[Funder] = one_of(Funder, "funder")
    percent: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class PackageParty(Owned):
    """Another organisation that takes part: it sees need, visits, reviews and its share; never the sealed round."""

    __tablename__ = "package_party"
    __table_args__ = (UniqueConstraint("package_id", "organisation_id", "role"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id", index=False)
    organisation_id: Mapped[UUID] = fk("organisation.id")
    role: Mapped[PartyRole] = one_of(PartyRole, "role")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class NeedConfirmation(Owned):
    """An answer to "still needed?": from whom, when, and on whose word."""

    __tablename__ = "need_confirmation"
    personal: ClassVar = frozenset({"confirmed_with"})
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id")
    needed: Mapped[bool]
    confirmed_at: Mapped[datetime]
    confirmed_with: Mapped[str] = mapped_column(String(200))
    recorded_by_label: Mapped[str] = mapped_column(String(300))


class BlindText(Owned):
    """What was written by somebody who may not read every record that it could be about: all of it waits, whatever
    stands in it and whoever is known, so that it tells nothing. `read_by_label` is who has read it since.
    """

    __tablename__ = "blind_text"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id")
    user_id: Mapped[UUID] = fk("user_account.id", index=False)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_by_label: Mapped[str | None] = mapped_column(String(300))


class ToldAddress(Owned):
    """What somebody is called, where they live and are rung as it was told with a package, where the record said
    something else. Until somebody has decided which holds, the package is not offered.
    """

    __tablename__ = "told_address"
    personal: ClassVar = frozenset({"name", "address", "postcode", "telephone"})
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id")
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(400))
    postcode: Mapped[str] = mapped_column(String(8))
    telephone: Mapped[str] = mapped_column(String(30))
    told_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]
    decided_by_label: Mapped[str | None] = mapped_column(String(300))


class TextClearance(Owned):
    """Somebody's answer that words in a text give nobody away, with who and why."""

    __tablename__ = "text_clearance"
    __table_args__ = (UniqueConstraint("package_id", "word"),)
    personal: ClassVar = frozenset({"word", "reason"})
    retention: ClassVar = Retention.CARE_RECORD

    package_id: Mapped[UUID] = fk("package.id", index=False)
    word: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(MOST_CLEARANCE_REASON))
    cleared_at: Mapped[datetime] = mapped_column(default=clock.now)
    cleared_by_label: Mapped[str] = mapped_column(String(300))
