"""What the API's own endpoints bring to the house; those of a slice are its own."""

from __future__ import annotations

from app.api import routes
from app.house import Slice

API = Slice(name="api", endpoints=(routes.bp, routes.audit_bp))
