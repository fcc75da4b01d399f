"""What the audit says of agreements, and which facts each audience reads."""

from __future__ import annotations

from app import audit

audit.declare("agreements:exported", "Agreements were exported", council=("rows",), provider=("rows",))
audit.declare(
    "agreement:put_in_force",
    "The agreement was put in force",
    council=("reference", "provider", "version", "starts_on", "weekly_hours", "weekly_cost_pence", "price_pence"),
    provider=("reference", "version", "starts_on", "weekly_hours", "weekly_cost_pence", "price_pence"),
    person=("provider", "starts_on", "weekly_hours"),
)
audit.declare(
    "agreement:started", "Care began", council=("started_on",), provider=("started_on",), person=("started_on",)
)
audit.declare(
    "agreement:ended",
    "The agreement ended",
    council=("ends_on",),
    provider=("ends_on", "reason"),
    person=("ends_on",),
)
audit.declare(
    "agreement:cancelled",
    "The agreement was cancelled before care began",
    council=(),
    provider=("reason",),
    person=(),
)
