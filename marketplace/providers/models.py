"""Tables of the register of providers: locations, contacts, CQC ratings. Shared by all authorities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import FoundByName, Json, Owned, Retention, Row, fk, one_of
from app.parties.models import Organisation
from app.values.lifecycle import Lifecycle
from marketplace.providers.ratings import AssessmentStyle
from marketplace.providers.rules import MOST_NAME
from marketplace.vocabulary import Rating


class CqcImportState(Lifecycle, refusal="This run is no longer held: somebody has decided on it."):
    """What became of one import of CQC data."""

    APPLIED = "applied", "green", "The data was taken in."
    HELD = (
        "held",
        "yellow",
        "Nothing has changed yet. A contract manager releases or refuses the data.",
        "applied refused",
    )
    REFUSED = "refused", "red", "The data was refused. Nothing of it was taken in."


def _as_shown(context: Any) -> str:
    """Nobody else has its name yet; where somebody does, `tell_branches_apart` is the one to say so."""
    return str(context.get_current_parameters()["name"])


class Provider(FoundByName, Row):
    """One CQC location (branch): what is rated, applies, covers areas, is offered and ranked."""

    __tablename__ = "provider"
    __table_args__ = (CheckConstraint("carers_female >= 0 AND carers_male >= 0", name="carers_not_negative"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    organisation_id: Mapped[UUID] = fk("organisation.id")
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    registered_name: Mapped[str] = mapped_column(String(MOST_NAME), default=_as_shown, server_default="")
    name: Mapped[str] = mapped_column(String(MOST_NAME))
    """What every page and letter calls it: `registered_name`, longer where another location has the same one."""
    cqc_location_id: Mapped[str] = mapped_column(String(20), unique=True)
    base_postcode: Mapped[str] = mapped_column(String(8))
    base_easting: Mapped[int | None]
    base_northing: Mapped[int | None]
    telephone: Mapped[str | None] = mapped_column(String(30))
    carers_female: Mapped[int] = mapped_column(default=0)
    carers_male: Mapped[int] = mapped_column(default=0)
    cqc_rating: Mapped[Rating] = one_of(Rating, "cqc_rating", default=Rating.UNRATED)
    cqc_published_on: Mapped[date | None]
    cqc_checked_at: Mapped[datetime | None]
    vanished_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    skills: Mapped[list[ProviderSkill]] = relationship(order_by="ProviderSkill.skill")
    languages: Mapped[list[ProviderLanguage]] = relationship(order_by="ProviderLanguage.language")
    contacts: Mapped[list[ProviderContact]] = relationship(order_by="ProviderContact.name")
    ratings: Mapped[list[CqcRating]] = relationship(order_by="CqcRating.published_on.desc(), CqcRating.style")


class ProviderSkill(Row):
    """A skill that at least one carer of the provider has."""

    __tablename__ = "provider_skill"
    __table_args__ = (UniqueConstraint("provider_id", "skill"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    skill: Mapped[str] = mapped_column(String(80))


class ProviderLanguage(Row):
    """A language that at least one carer of the provider speaks."""

    __tablename__ = "provider_language"
    __table_args__ = (UniqueConstraint("provider_id", "language"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    language: Mapped[str] = mapped_column(String(60))


class ProviderContact(Row):
    """Somebody at the provider who is told of offers."""

    __tablename__ = "provider_contact"
    __table_args__ = (UniqueConstraint("provider_id", "email"),)
    personal: ClassVar = frozenset({"name", "email", "telephone"})
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    telephone: Mapped[str | None] = mapped_column(String(30))
    left_at: Mapped[datetime | None]


class CqcRating(Row):
    """One published rating with its five key questions. The newest by publication date counts."""

    __tablename__ = "cqc_rating"
    __table_args__ = (
        UniqueConstraint("provider_id", "published_on", "style"),
        Index("ix_cqc_rating_newest", "provider_id", "published_on"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    published_on: Mapped[date]
    style: Mapped[AssessmentStyle] = one_of(AssessmentStyle, "style", default=AssessmentStyle.OLD)
    overall: Mapped[Rating] = one_of(Rating, "overall")
    safe: Mapped[Rating] = one_of(Rating, "safe", default=Rating.UNRATED)
    effective: Mapped[Rating] = one_of(Rating, "effective", default=Rating.UNRATED)
    caring: Mapped[Rating] = one_of(Rating, "caring", default=Rating.UNRATED)
    responsive: Mapped[Rating] = one_of(Rating, "responsive", default=Rating.UNRATED)
    well_led: Mapped[Rating] = one_of(Rating, "well_led", default=Rating.UNRATED)
    source: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class CqcImport(Owned):
    """One run of CQC data: what it changed, or why it is held for a person."""

    __tablename__ = "cqc_import"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    state: Mapped[CqcImportState] = one_of(CqcImportState, "state")
    filename: Mapped[str] = mapped_column(String(300))
    imported_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen: Mapped[int]
    changed: Mapped[int]
    fallen: Mapped[int]
    vanished: Mapped[int]
    sentence: Mapped[str] = mapped_column(String(600))
    rows: Mapped[list[dict[str, object]]] = mapped_column(Json)
    decided_at: Mapped[datetime | None]
    decided_by_label: Mapped[str | None] = mapped_column(String(300))
