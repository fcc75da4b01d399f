"""Whether a stored package may be called ready, each reason against it at the field where it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app import clock
from app.audit import Actor
from marketplace.packages.models import FundingShare, Package
from marketplace.packages.moves import move
from marketplace.packages.needs import Need
from marketplace.packages.rules import PackageStatus, ReadinessFacts, reasons_not_ready
from marketplace.packages.texts import verdict_on
from marketplace.packages.visits import Visit

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
    visits = [visit.value for visit in package.visits]
    split = shares_add_up(package.funding, package.planned_start)
    for sentence in reasons_not_ready(facts_of(package, visits, funding_is_split=split)):
        field = next((name for start, name in _FIELDS.items() if sentence.startswith(start)), "visits")
        errors[field] = f"{errors[field]} {sentence}" if field in errors else sentence
    return errors


def ready_if_complete(package: Package, *, by: Actor) -> bool:
    """Calls a draft ready when nothing is against it; whether it did."""
    if package.status is not PackageStatus.DRAFT or errors_against_ready(package):
        return False
    move([package], PackageStatus.READY, "package:ready", by=by)
    return True


def facts_of(
    package: Package | Need, visits: Sequence[Visit], *, funding_is_split: bool = True, names_in_question: int = 0
) -> ReadinessFacts:
    """What is known of a package, or of one that is asked for, apart from what its texts give away."""
    return ReadinessFacts(
        has_lot=package.lot_id is not None,
        has_postcode=bool(package.postcode),
        has_referring_team=package.referring_team_id is not None,
        planned_start=package.planned_start,
        today=clock.today(),
        pen_picture=package.pen_picture,
        visits=visits,
        short_visit_reason=package.short_visit_reason or "",
        carer_gender=package.carer_gender,
        carer_gender_reason=package.carer_gender_reason or "",
        funding_is_split=funding_is_split,
        names_in_question=names_in_question,
    )


def shares_add_up(shares: list[FundingShare], day: date) -> bool:
    """Whether the shares in force on a day come to 100 per cent (F12)."""
    return sum(share.percent for share in shares if in_force(share, day)) == 100


def in_force(share: FundingShare, day: date) -> bool:
    """Whether a share holds on a day, its last day included."""
    return share.starts_on <= day and (share.ends_on is None or day <= share.ends_on)
