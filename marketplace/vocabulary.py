"""The words that the whole market shares: of schemes and their lots, of prices and windows, of the CQC and of carers."""

from enum import StrEnum

from app.values.labelled import Labelled


class LotUnit(StrEnum):
    """What a price of the lot is for."""

    HOUR = "hour"
    NIGHT = "night"
    WEEK = "week"


class PriceBand(StrEnum):
    """Which hours of a week a price is for."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    NIGHT = "night"
    COMPLEX = "complex"


class PriceScoring(StrEnum):
    """How a price becomes points: within the band from floor to ceiling, or relative to the lowest."""

    BAND = "band"
    RELATIVE = "relative"


class AwardMethod(StrEnum):
    """Who decides among those who said yes."""

    BROKER_AWARD = "broker_award"
    PERSON_CHOICE = "person_choice"


class TolerancePolicy(StrEnum):
    """How large a change a provider-led review may bring without a professional's decision."""

    PERCENTAGE = "percentage"
    FLEX_HOURS = "flex_hours"


class Window(StrEnum):
    """Which response window an offer has."""

    URGENT = "urgent"
    STANDARD = "standard"
    BATCH = "batch"


class Rating(StrEnum):
    """An overall CQC rating. Compare with `meets` and `has_fallen`, never with < (that would be alphabetical)."""

    INADEQUATE = "Inadequate"
    REQUIRES_IMPROVEMENT = "Requires improvement"
    GOOD = "Good"
    OUTSTANDING = "Outstanding"
    UNRATED = "Unrated"


class AreaKind(StrEnum):
    """How large the area of a row is."""

    OUTCODE = "outcode"
    SECTOR = "sector"


class UnratedPolicy(StrEnum):
    """What a scheme does with a location the regulator has not rated."""

    REJECT = "reject"
    ADMIT = "admit"
    ADMIT_WITH_REVIEW = "admit_with_review"


class CarerGender(Labelled):
    """The gender of carer that the person must have."""

    ANY = "any"
    FEMALE = "female"
    MALE = "male"
