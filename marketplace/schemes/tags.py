"""What the audit says of schemes."""

from app import audit

audit.declare("scheme:created", "The scheme was set up", council=("name", "regime"), provider=("name",))
audit.declare(
    "scheme:policy_added", "A new policy was entered", council=("valid_from", "changes"), provider=("valid_from",)
)
audit.declare(
    "scheme:policy_replaced",
    "A policy that had not begun was replaced",
    council=("valid_from", "changes"),
    provider=("valid_from",),
)
audit.declare("scheme:lot_added", "A lot was added", council=("lot", "unit"), provider=("lot", "unit"))
audit.declare(
    "scheme:price_entered",
    "A floor and ceiling were entered",
    council=("lot", "zone", "band", "floor", "ceiling", "valid_from"),
    provider=("lot", "zone", "band", "floor", "ceiling", "valid_from"),
)
audit.declare(
    "scheme:zone_changed", "The areas of a zone were set", council=("zone", "added", "removed"), provider=("zone",)
)
audit.declare(
    "scheme:end_changed", "The end of the scheme was changed", council=("ends_on", "before"), provider=("ends_on",)
)
audit.declare("scheme:icb_changed", "The default ICB was set", council=("icb",))
audit.declare("scheme:decline_reasons_listed", "The list of reasons for declining was begun", council=("reasons",))
