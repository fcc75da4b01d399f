"""What the audit says of awards and proposals, and which facts each audience reads."""

from __future__ import annotations

from app import audit

audit.declare(
    "award:made",
    "The package was awarded",
    council=("reference", "provider", "place", "price_pence", "weekly_cost_pence", "below_quality_minimum", "skipped"),
    person=("provider",),
)
audit.declare(
    "award:proposed",
    "An award was proposed, for a second person to approve",
    council=("reference", "provider", "place", "price_pence", "weekly_cost_pence", "below_quality_minimum", "skipped"),
)
audit.declare("award:approved", "A second person approved the award", council=("reference", "provider"))
audit.declare("award:refused", "The proposed award was refused", council=("reference", "provider"))
audit.declare("award:lapsed", "Nobody approved the proposed award in time", council=("reference", "provider"))
audit.declare(
    "award:pulled_out",
    "The provider withdrew before care began, so the ranking is open again",
    council=("reference", "provider", "open_until"),
)
audit.declare("award:cancelled", "The award ended because the package was withdrawn", council=("reference", "provider"))
audit.declare("award:none_suitable", "No answer was suitable", council=("next_step",))
audit.declare("award:reopening_ended", "The ranking is no longer open again", council=())
audit.declare("allocation:proposed", "Awards for the whole batch were proposed", council=("lines", "without_provider"))
audit.declare("allocation:approved", "The proposal for the whole batch was approved", council=("awarded", "left_out"))
audit.declare("allocation:refused", "The proposal for the whole batch was refused", council=())
