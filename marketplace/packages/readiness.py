"""Whether a stored package may be called ready, each reason against it at the field where it can be mended."""

from __future__ import annotations

from datetime import date

from app import clock
from marketplace.packages.models import FundingShare, Package
from marketplace.packages.rules import ReadinessFacts, reasons_not_ready
from marketplace.packages.texts import verdict_on

# Sentences of the rules and the field each belongs to; what stands nowhere is said above the form.
_FIELDS = {
    "Choose the lot.": "lot",
    "Enter the postcode": "postcode",
    "Choose the referring team.": "team",
    "Enter the planned start": "planned_start",
    "The planned start": "planned_start",
    "Describe the person": "pen_picture",
    "Say why the carer": "carer_gender_reason",
    "Say who pays": "health_percent",
}


def errors_against_ready(package: Package) -> dict[str, str]:
    """Everything that keeps the package from being offered, sentences by field; empty when it is ready."""
    errors = dict(verdict_on(package).errors)
    # The texts' own sentences say more than the rule's summary of them, so the rule is asked without them.
    for sentence in reasons_not_ready(facts_of(package)):
        field = next((name for start, name in _FIELDS.items() if sentence.startswith(start)), "visits")
        errors[field] = f"{errors[field]} {sentence}" if field in errors else sentence
    return errors


def facts_of(package: Package) -> ReadinessFacts:
    """What is known of the package, apart from what its texts give away."""
    return ReadinessFacts(
        has_lot=package.lot_id is not None,
        has_postcode=bool(package.postcode),
        has_referring_team=package.referring_team_id is not None,
        planned_start=package.planned_start,
        today=clock.today(),
        pen_picture=package.pen_picture,
        visits=[visit.value for visit in package.visits],
        short_visit_reason=package.short_visit_reason or "",
        carer_gender=package.carer_gender,
        carer_gender_reason=package.carer_gender_reason or "",
        funding_is_split=shares_add_up(package.funding, package.planned_start),
    )


def shares_add_up(shares: list[FundingShare], day: date) -> bool:
    """Whether the shares in force on a day come to 100 per cent (F12)."""
    return sum(share.percent for share in shares if in_force(share, day)) == 100


def in_force(share: FundingShare, day: date) -> bool:
    """Whether a share holds on a day, its last day included."""
    return share.starts_on <= day and (share.ends_on is None or day <= share.ends_on)
