"""What the audit says of providers and of CQC data."""

from __future__ import annotations

from app import audit

audit.declare("providers:imported", "Providers were loaded from a file", council=("rows", "admitted", "refused"))
audit.declare("provider:carers_told", "The provider said who its carers are", council=("female", "male"), provider=())
audit.declare("provider:contact_added", "A contact was added", council=(), provider=())
audit.declare("provider:contact_left", "A contact was taken off", council=(), provider=())
audit.declare("provider:rating_changed", "The CQC rating changed", council=("was", "now"), provider=("was", "now"))
audit.declare("provider:vanished", "CQC no longer lists the location", council=(), provider=())
audit.declare("provider:reappeared", "CQC lists the location again", council=(), provider=())
audit.declare("cqc:applied", "CQC data was taken in", council=("seen", "changed", "fallen", "vanished"))
audit.declare("cqc:held", "CQC data was held for a person", council=("seen", "fallen"))
audit.declare("cqc:released", "Held CQC data was taken in", council=("changed",))
audit.declare("cqc:refused", "Held CQC data was refused", council=())
