"""What somebody asks for, as typed values, before it is a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.packages.rules import FundingSplit, Source, Urgency
from marketplace.packages.visits import Visit, weekly_minutes
from marketplace.vocabulary import CarerGender

ALL_COUNCIL = FundingSplit(100, 0)


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Who needs care. With an NHS number, a person already known is found again."""

    name: str
    date_of_birth: date | None = None
    nhs_number: NhsNumber | None = None
    address: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """The care asked for: everything about a package but whose it is and where it stands. Money in pence a week."""

    lot_id: UUID
    source: Source
    urgency: Urgency
    planned_start: date
    postcode: Postcode
    visits: tuple[Visit, ...]
    pen_picture: str
    short_visit_reason: str = ""
    carer_gender: CarerGender = CarerGender.ANY
    carer_gender_reason: str = ""
    skills: tuple[str, ...] = ()
    language: str = ""
    split: FundingSplit = field(default=ALL_COUNCIL)
    cost_ceiling_pence: int | None = None
    referring_team_id: UUID | None = None
    incumbent_provider_id: UUID | None = None

    @property
    def texts(self) -> dict[str, str]:
        """What providers will read, by field."""
        return {
            "pen_picture": self.pen_picture,
            "carer_gender_reason": self.carer_gender_reason,
            "short_visit_reason": self.short_visit_reason,
            "language": self.language,
            "skills": " | ".join(self.skills),
            "visits": " | ".join(dict.fromkeys(visit.tasks for visit in self.visits if visit.tasks)),
        }

    @property
    def columns(self) -> dict[str, object]:
        """The package's own columns, apart from its place on the map."""
        return {
            "lot_id": self.lot_id,
            "source": self.source,
            "urgency": self.urgency,
            "planned_start": self.planned_start,
            "postcode": self.postcode.text,
            "outcode": str(self.postcode.outcode),
            "sector": str(self.postcode.sector),
            "pen_picture": self.pen_picture,
            "short_visit_reason": self.short_visit_reason or None,
            "carer_gender": self.carer_gender,
            "carer_gender_reason": self.carer_gender_reason or None,
            "language": self.language or None,
            "weekly_minutes": weekly_minutes(self.visits),
            "cost_ceiling_pence": self.cost_ceiling_pence,
            "referring_team_id": self.referring_team_id,
            "incumbent_provider_id": self.incumbent_provider_id,
        }
