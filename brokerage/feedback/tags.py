"""What the audit says of feedback letters."""

from __future__ import annotations

from app import audit

audit.declare("feedback:written", "Everybody who answered was told the outcome", council=("outcome", "letters"))
