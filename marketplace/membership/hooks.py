"""What happens to a membership that higher slices act on, in the same transaction."""

from __future__ import annotations

from app.hooks import Hook
from marketplace.membership.models import Membership, Suspension

membership_suspended: Hook[[Suspension]] = Hook(
    "membership.suspended", "A suspension was recorded. New offers and awards stop in its scope; care goes on."
)
membership_removed: Hook[[Membership]] = Hook(
    "membership.removed", "A membership of one lot ended by removal, decided by a second person."
)
