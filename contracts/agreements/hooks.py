"""What happens to an agreement that higher slices act on, in the same transaction."""

from __future__ import annotations

from app.audit import Actor
from app.hooks import Hook
from contracts.agreements.models import Agreement

agreement_started: Hook[[Agreement, Actor]] = Hook(
    "agreement.started", "Care began: the hours that the award held are the provider's running hours now."
)
agreement_ended: Hook[[Agreement, str, Actor]] = Hook("agreement.ended", "Care ended, with its reason.")
