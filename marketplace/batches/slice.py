"""What the slice `batches` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice
from app.parties.roles import Role
from marketplace.batches import api, edit_routes, models, panels, routes

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)
WRITERS = (Role.NAVIGATOR, Role.BROKER)

TAGS = (
    Tag("batch:proposed", "Batches were proposed", council=("batches", "packages", "left_out", "sources")),
    Tag("batch:drafted", "The batch was drafted", council=("packages", "title")),
    Tag("batch:package_added", "A package was added", council=("package",)),
    Tag("batch:package_lifted", "A package was lifted out for the person's own preference", council=("package",)),
    Tag("batch:package_left", "A package left the batch because its own state changed", council=("package",)),
    Tag("batch:merged", "Another batch was merged into this one", council=("merged", "packages")),
    Tag("batch:split", "Packages were split off into a batch of their own", council=("into", "packages")),
    Tag("batch:sealed", "The batch was sealed", council=("packages", "weekly_minutes")),
    Tag("batch:unsealed", "The batch was unsealed", council=()),
    Tag("batch:discarded", "The batch was discarded and its packages released", council=("packages",)),
    Tag("batch:offered", "The batch was offered to providers", council=("packages",)),
    Tag("batch:package_settled", "A package's offer came to its end", council=("package", "status")),
    Tag("batch:settled", "The batch was settled", council=()),
)

BATCHES = Slice(
    name="batches",
    models=models,
    permissions=(
        Permission("batches:read", "Reading batches", READERS),
        Permission("batches:write", "Proposing, changing and sealing batches", WRITERS),
    ),
    tags=TAGS,
    pages=(routes.bp, edit_routes.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Batches", "batches.index", "batches:read"),),
    panels=(panels.panel(),),
    finders=(panels.find,),
)
