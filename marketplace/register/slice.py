"""What the slice `register` brings to the house."""

from app.auth import Permission
from app.house import NavigationItem, Slice
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.register import api, panels, routes
from marketplace.register.commands import import_cqc_command, import_providers_command
from marketplace.register.services import CQC_FILE, PROVIDERS_FILE

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.AUDITOR)
MANAGERS = (Role.CONTRACT_MANAGER,)
DECIDERS = (Role.TEAM_MANAGER, Role.CONTRACT_MANAGER)

REGISTER = Slice(
    name="register",
    permissions=(
        Permission("providers:read", "Reading the register of providers", READERS),
        Permission("providers:list", "Reading providers over the API", (*READERS, *PROVIDER_ROLES)),
        Permission("providers:import", "Loading providers from a file", MANAGERS),
        Permission("cqc:import", "Taking in CQC data", MANAGERS),
        Permission(
            "cqc:decide", "Reading CQC data that was taken in, and deciding on it as the second person", DECIDERS
        ),
    ),
    pages=(routes.bp, routes.files_bp),
    endpoints=(api.bp,),
    navigation=(
        NavigationItem("Providers", "register.index", "providers:read"),
        NavigationItem("Members", "memberships.index", "memberships:read"),
        NavigationItem("Applications", "applications.index", "applications:read"),
        NavigationItem("CQC data", "register_files.cqc", "cqc:decide"),
    ),
    panels=(panels.HELD, panels.OF_OTHERS),
    finders=(panels.find,),
    task_kinds=(PROVIDERS_FILE.task_kind, CQC_FILE.task_kind),
    commands=(import_providers_command, import_cqc_command),
)
"""Its links are those of a council that looks for providers, in the order in which it looks."""
