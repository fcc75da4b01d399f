"""The words that pages and files use for the values of packages."""

from __future__ import annotations

from marketplace.packages.rules import Source, Urgency

SOURCES = {
    Source.COMMUNITY: "Community",
    Source.HOSPITAL_DISCHARGE: "Hospital discharge",
    Source.REALLOCATION: "Moving from another provider",
    Source.REVIEW: "Review",
    Source.CHC: "Continuing healthcare",
}
URGENCIES = {Urgency.STANDARD: "Standard", Urgency.URGENT: "Urgent"}
