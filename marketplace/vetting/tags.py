"""What the audit says of applications, memberships, suspensions and removals."""

from __future__ import annotations

from app import audit

audit.declare("application:submitted", "The provider applied", council=("lots",), provider=("lots",))
audit.declare("application:checking", "Checks began", council=(), provider=())
audit.declare("application:checked", "A check was recorded", council=("check", "outcome"))
audit.declare("application:waiting", "More information was asked for", council=(), provider=("reason",))
audit.declare("application:taken_up", "The checks went on", council=(), provider=())
audit.declare("application:longer", "A longer time to decide was justified", council=("due_on",), provider=("reason",))
audit.declare("application:admitted", "The application was accepted", council=("entry_score",), provider=("reason",))
audit.declare("application:refused", "The application was refused", council=(), provider=("reason",))
audit.declare("application:withdrawn", "The provider took the application back", council=(), provider=())
audit.declare("membership:began", "The membership began", council=("lot",), provider=("lot",))
audit.declare("membership:areas_changed", "The areas changed", council=("areas",), provider=("areas",))
audit.declare("membership:standing_price_set", "The standing price changed", provider=())
audit.declare("membership:left", "The provider left", council=(), provider=("reason",))
audit.declare("capacity:declared", "Capacity was declared", council=("minutes", "zone"), provider=("minutes", "zone"))
audit.declare("pause:started", "The provider paused new offers", council=("zone",), provider=("zone",))
audit.declare("pause:ended", "The provider takes new offers again", council=("zone",), provider=("zone",))
audit.declare(
    "suspension:made", "New offers were suspended", council=("lot", "zone", "ends_on"), provider=("reason", "ends_on")
)
audit.declare(
    "suspension:reviewed", "The suspension was reviewed", council=("ends_on",), provider=("reason", "ends_on")
)
audit.declare("suspension:lifted", "The suspension was lifted", council=(), provider=("reason",))
audit.declare(
    "override:made", "The CQC gate was overridden", council=("rating", "ends_on"), provider=("reason", "ends_on")
)
audit.declare("override:ended", "The override of the CQC gate was taken back", council=(), provider=("reason",))
audit.declare(
    "document:renewed", "A newer document was seen", council=("check", "expires_on"), provider=("check", "expires_on")
)
audit.declare(
    "document:reminded", "The provider was reminded of a document", council=("check", "days"), provider=("check",)
)
audit.declare(
    "removal:proposed", "The provider was told of a removal", council=("until",), provider=("reason", "until")
)
audit.declare("removal:answered", "The provider answered", council=(), provider=())
audit.declare("removal:approved", "A second person approved the removal", council=(), provider=("reason",))
audit.declare("removal:dropped", "The removal was dropped", council=(), provider=("reason",))
