"""Tables of the register of providers: locations, contacts, CQC ratings. Shared by all authorities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, Uuid, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import FoundByName, Json, Owned, Retention, Row, fk, index_where, one_of
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
    """One CQC location (branch): what is rated, applies, covers areas, is offered and ranked.

    What it has of the CQC comes from the CQC's own data and is shared; what counts for one authority, `known_to` says.
    """

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
    """The id at the CQC; the location's own reference where it has none there."""
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

    @property
    def cqc_location(self) -> str:
        """The id at the CQC; empty where it has none."""
        return "" if self.cqc_location_id == self.reference else self.cqc_location_id


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
    """Somebody at the provider who is told of offers: by every authority, or by the one that registered the address.

    Without an authority it is the provider's own.
    """

    __tablename__ = "provider_contact"
    __table_args__ = (
        index_where("uq_provider_contact_own", "provider_id", "email", condition="authority_id IS NULL"),
        UniqueConstraint("authority_id", "provider_id", "email"),
    )
    personal: ClassVar = frozenset({"name", "email", "telephone"})
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id")
    authority_id: Mapped[UUID | None] = fk("organisation.id", nullable=True, index=False)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    telephone: Mapped[str | None] = mapped_column(String(30))
    left_at: Mapped[datetime | None]


class CqcImport(Owned):
    """One run of CQC data: what it changed, or why it is held for a person.

    A `shared` run is the CQC's own, loaded by whoever runs the machine. Any other is its authority's alone, until
    others accept its ratings for themselves.
    """

    __tablename__ = "cqc_import"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    state: Mapped[CqcImportState] = one_of(CqcImportState, "state")
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    filename: Mapped[str] = mapped_column(String(300))
    imported_at: Mapped[datetime] = mapped_column(default=clock.now)
    loaded_by: Mapped[UUID | None] = mapped_column(Uuid())
    seen: Mapped[int]
    changed: Mapped[int]
    fallen: Mapped[int]
    vanished: Mapped[int]
    sentence: Mapped[str] = mapped_column(String(600))
    rows: Mapped[list[dict[str, object]]] = mapped_column(Json)
    decided_at: Mapped[datetime | None]
    decided_by_label: Mapped[str | None] = mapped_column(String(300))

    authority: Mapped[Organisation] = relationship(lazy="joined")


class CqcRating(Row):
    """One published rating with its five key questions. The newest by publication date counts.

    Without an authority it is shared; otherwise it counts for that one alone.
    """

    __tablename__ = "cqc_rating"
    __table_args__ = (
        index_where("uq_cqc_rating_shared", "provider_id", "published_on", "style", condition="authority_id IS NULL"),
        UniqueConstraint("authority_id", "provider_id", "published_on", "style"),
        Index("ix_cqc_rating_newest", "provider_id", "published_on"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    authority_id: Mapped[UUID | None] = fk("organisation.id", nullable=True, index=False)
    run_id: Mapped[UUID | None] = fk("cqc_import.id", nullable=True)
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


class OwnRating(Owned):
    """What counts for one authority of one location, where that authority took data in or accepted some itself."""

    __tablename__ = "own_rating"
    __table_args__ = (UniqueConstraint("authority_id", "provider_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    provider_id: Mapped[UUID] = fk("provider.id")
    rating: Mapped[Rating] = one_of(Rating, "rating", default=Rating.UNRATED)
    published_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    vanished_at: Mapped[datetime | None]


class CqcAcceptance(Owned):
    """What one authority decided about the ratings that another one took in: they count for it too, or they do not."""

    __tablename__ = "cqc_acceptance"
    __table_args__ = (
        UniqueConstraint("authority_id", "run_id"),
        CheckConstraint("accepted OR because IS NOT NULL", name="declined_why"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    run_id: Mapped[UUID] = fk("cqc_import.id")
    accepted: Mapped[bool]
    because: Mapped[str | None] = mapped_column(Text())
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_label: Mapped[str] = mapped_column(String(300))
