"""What the audit says about rankings, declarations and early closings."""

from __future__ import annotations

from app import audit

audit.declare("ranking:made", "The answers were ranked", council=["number", "answers", "left_out", "digest", "order"])
audit.declare("ranking:declared", "Somebody declared whether they have an interest in a provider", council=["conflict"])
audit.declare("ranking:early_closing_asked", "Somebody asked to close before the deadline", council=[])
audit.declare("ranking:early_closing_agreed", "A second person agreed to close before the deadline", council=[])
audit.declare("ranking:closed_early", "The round was closed early: everybody invited had answered", council=[])
