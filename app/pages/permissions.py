"""The shell's own rows of the permission table."""

from app.auth.permissions import PermissionTable
from app.parties.roles import Role


def add_permissions(table: PermissionTable) -> None:
    """Reading the audit, and looking after emails that have not left."""
    table.add("audit:read", "Reading the audit", Role.AUDITOR)
    table.add("audit:own", "Reading what the own people did", Role.PROVIDER_ADMINISTRATOR)
    table.add("mail:watch", "Seeing which emails have not left", Role.ADMINISTRATOR, Role.NAVIGATOR, Role.BROKER)
    table.add("mail:release", "Sending or setting aside emails held back after a restore", Role.ADMINISTRATOR)
