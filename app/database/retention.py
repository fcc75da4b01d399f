"""How long each table's rows are kept, and from when the time runs: the marks, used by the appraisal of old records.

No class deletes by itself. When a row's time is over it is appraised by a person: destroyed, kept longer with a
reason, or kept for good.
"""

from __future__ import annotations

from enum import StrEnum


class Retention(StrEnum):
    """The retention class of a table."""

    CARE_RECORD = "care record"
    MARKET_RECORD = "market record"
    AGREEMENT = "agreement"
    MEMBERSHIP = "membership"
    ACCOUNT = "account"
    REFERENCE = "reference"
    AUDIT = "audit"
    WORKING = "working"


# How long and from when, as a person reads it.
RULES = {
    Retention.CARE_RECORD: (
        "8 years after the end of care or the last contact; 2 years after the last contact where no care came of it "
        "(NHS Records Management Code of Practice, adult social care)."
    ),
    Retention.MARKET_RECORD: (
        "6 years after the round ended: offers, answers, rankings and who was not invited, kept as long as an award "
        "can be challenged (Limitation Act 1980)."
    ),
    Retention.AGREEMENT: "6 years after the agreement's end (Limitation Act 1980).",
    Retention.MEMBERSHIP: "6 years after the membership or the application ended (Limitation Act 1980).",
    Retention.ACCOUNT: "As long as the account is used, then 2 years; what it did stays in the audit.",
    Retention.REFERENCE: "As long as any record points to it, because decisions are replayed from it.",
    Retention.AUDIT: "Entries and blocks for good; readable facts as long as the record that they tell of.",
    Retention.WORKING: "Days: until the work is done, at most 90 days.",
}
