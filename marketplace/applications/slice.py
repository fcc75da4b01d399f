"""What the slice `applications` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import Slice
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.applications import letters, models, panels, routes, steps

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.AUDITOR)
"""Who reads of admission, suspension and removal (role matrix, row 25)."""

TAGS = (
    Tag("application:submitted", "The provider applied", council=("lots",), provider=("lots",)),
    Tag("application:checking", "Checks began", council=(), provider=()),
    Tag("application:checked", "A check was recorded", council=("check", "outcome")),
    Tag("application:waiting", "More information was asked for", council=(), provider=("reason",)),
    Tag("application:taken_up", "The checks went on", council=(), provider=()),
    Tag("application:longer", "A longer time to decide was justified", council=("due_on",), provider=("reason",)),
    Tag("application:admitted", "The application was accepted", council=("entry_score",), provider=("reason",)),
    Tag("application:refused", "The application was refused", council=(), provider=("reason",)),
    Tag("application:withdrawn", "The provider took the application back", council=(), provider=()),
    Tag(
        "document:renewed",
        "A newer document was seen",
        council=("check", "expires_on"),
        provider=("check", "expires_on"),
    ),
)

APPLICATIONS = Slice(
    name="applications",
    models=models,
    permissions=(
        Permission("applications:apply", "Applying to join a scheme", tuple(PROVIDER_ROLES)),
        Permission("applications:read", "Reading applications", READERS),
        Permission("applications:decide", "Checking and deciding applications", (Role.CONTRACT_MANAGER,)),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(routes.bp, routes.own_bp, steps.bp),
    panels=panels.panels(),
    finders=(panels.find,),
)
