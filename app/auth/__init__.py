"""Sign-in, sessions, API tokens, and the table of who may do what."""

from app.auth.permissions import Permission, PermissionTable, allows, anyone, signed_in
from app.http.viewer import current_viewer, viewer_or_none

__all__ = ["Permission", "PermissionTable", "allows", "anyone", "current_viewer", "signed_in", "viewer_or_none"]
