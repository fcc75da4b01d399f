"""What procurement law asks of a scheme, by regime: when it may still award, who may be a member, what may change.

Sources: Procurement Act 2023 sections 34 to 39, Public Contracts Regulations 2015 regulation 34, and SI 2024/716
regulation 5(4)(b) (rules H1 to H10).
"""

from datetime import date
from enum import StrEnum


class Regime(StrEnum):
    """The law a scheme is run under."""

    PCR2015_DPS = "PCR2015_DPS"
    PCR2015_LTR = "PCR2015_LTR"
    PA2023_DM = "PA2023_DM"
    PA2023_LTR_FW = "PA2023_LTR_FW"
    PSR2023 = "PSR2023"


REGIME_NAMES: dict[Regime, str] = {
    Regime.PCR2015_DPS: "dynamic purchasing system under the 2015 regulations",
    Regime.PCR2015_LTR: "pseudo dynamic purchasing system under the 2015 light-touch rules",
    Regime.PA2023_DM: "dynamic market under the Procurement Act 2023",
    Regime.PA2023_LTR_FW: "light-touch framework under the Procurement Act 2023",
    Regime.PSR2023: "list under the Provider Selection Regime 2023",
}

LAST_AWARD_DAY = date(2029, 2, 23)
"""A PCR2015_DPS ends with this day; nothing may be awarded under it afterwards."""

VALIDITY_FIXED_AFTER = date(2026, 2, 23)
"""After this day the period of validity of a PCR2015_DPS may not be changed."""

WARNING_DAYS: tuple[tuple[int, date], ...] = ((6, date(2028, 8, 23)), (12, date(2028, 2, 23)), (18, date(2027, 8, 23)))
"""Months before the end, and the day from which that warning is shown; the nearest comes first."""


def reasons_against_award_under(regime: Regime, on: date) -> tuple[str, ...]:
    """Why nothing may be awarded under the regime on this (local) date; empty when it may."""
    if regime is Regime.PCR2015_DPS and on > LAST_AWARD_DAY:
        return (
            "A dynamic purchasing system under the 2015 regulations ended on 23 February 2029: nothing can be awarded under it.",
        )
    return ()


def end_warning(regime: Regime, on: date) -> str | None:
    """The warning to show from 18, 12 and 6 months before the end of the 2015 regulations, or None.

    A pseudo system is warned too: whether the date catches it is a question for a lawyer (rule H1).
    """
    if regime not in (Regime.PCR2015_DPS, Regime.PCR2015_LTR) or on > LAST_AWARD_DAY:
        return None
    months = next((months for months, start in WARNING_DAYS if on >= start), None)
    if months is None:
        return None
    told = f"Less than {months} months are left until the end of 23 February 2029"
    if regime is Regime.PCR2015_DPS:
        return f"{told}, after which this scheme cannot award. Plan what follows it."
    return f"{told}, when older purchasing systems end. Ask a lawyer whether this scheme is one of them."


def reasons_against_new_end(regime: Regime, old_end: date | None, new_end: date | None, on: date) -> tuple[str, ...]:
    """Why the period of validity may not be changed to `new_end` on this date (rule H10)."""
    if regime is not Regime.PCR2015_DPS or new_end == old_end:
        return ()
    if on > VALIDITY_FIXED_AFTER:
        return ("The end of a dynamic purchasing system could be changed only until 23 February 2026.",)
    if new_end is None or new_end > LAST_AWARD_DAY:
        return ("A dynamic purchasing system cannot run beyond 23 February 2029. Enter an earlier date.",)
    return ()


def reasons_against_changing_conditions(regime: Regime, established: bool) -> tuple[str, ...]:
    """Why the conditions of membership may not be changed now: they lock when a dynamic market begins (rule H3)."""
    if regime is Regime.PA2023_DM and established:
        return (
            "The conditions of a dynamic market cannot change once it has begun. They stay as they were published.",
        )
    return ()


def reasons_to_wait_for_applications(regime: Regime, pending: int, exception: str = "") -> tuple[str, ...]:
    """Why a round must wait: an application of a provider covering the area is undecided (section 34, rule H2).

    `exception` is the recorded reason of exceptional complexity, which lets the award go ahead.
    """
    if regime is not Regime.PA2023_DM or pending == 0 or exception.strip():
        return ()
    return (
        "A provider that covers this area has applied and is not decided yet. Decide it, or record why you cannot wait.",
    )
