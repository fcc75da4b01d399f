"""What the slice `packages` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, PageSection, Slice
from app.parties.roles import Role
from marketplace.packages import api, commands, models, panels, routes, steps
from marketplace.packages.importing import PACKAGES_FILE

SOURCERS = (Role.NAVIGATOR, Role.BROKER)
ASKERS = (*SOURCERS, Role.REFERRER, Role.SOCIAL_WORKER)
READERS = (*ASKERS, Role.TEAM_MANAGER, Role.HEALTH_ASSESSOR, Role.CONTRACT_MANAGER, Role.AUDITOR)

# Who may read which facts. Providers and people read other timelines.
TAGS = (
    Tag("package:created", "The package was entered", council=("reference", "version"), person=()),
    Tag("package:imported", "The package was imported from a file", council=("reference", "line"), person=()),
    Tag("package:edited", "The need was changed", council=("changed", "version"), person=()),
    Tag("package:start_given", "A new earliest start was given", council=("was", "becomes"), person=()),
    Tag("package:ready", "Everything is known: the package is ready", council=(), person=()),
    Tag("package:draft_again", "Something is missing again: the package is a draft", council=()),
    Tag("package:batched", "Put in a batch", council=("batch",)),
    Tag("package:unbatched", "Taken out of its batch", council=()),
    Tag("package:offered", "Offered to providers", council=("set_count",), person=()),
    Tag("package:offer_ended", "The offer to providers ended without a round being settled", council=()),
    Tag("package:awaiting_award", "Providers have accepted: the award can be made", council=(), person=()),
    Tag("package:awarded", "A provider was chosen", council=(), person=()),
    Tag("package:started", "The visits have begun", council=(), person=()),
    Tag("package:ended", "The care has ended", council=(), person=()),
    Tag("package:unsourced", "No provider has taken it", council=("set_count",), person=()),
    Tag("package:held", "Put on hold", council=()),
    Tag("package:released", "Taken off hold", council=()),
    Tag("package:withdrawn", "Withdrawn: the care is no longer asked for", council=(), person=()),
    Tag("package:need_confirmed", "Confirmed that the care is still needed", council=("needed",), person=("needed",)),
    Tag("package:word_cleared", "Said that words in a text give nobody away", council=()),
    Tag("package:split", "Some visits became a package of their own", council=("into", "visits", "weekly_minutes")),
    Tag("package:split_off", "Split off from another package", council=("parent", "visits", "weekly_minutes")),
    Tag("package:handed_on", "The provider hands it back: a successor goes to market", council=("into",)),
    Tag("package:succeeds", "Made to succeed a package that is handed back", council=("parent",)),
    Tag("packages:imported", "A file of packages was loaded", council=("rows", "drafts", "sha256")),
    Tag("packages:exported", "Packages were exported without identity", council=("rows", "format")),
    Tag("packages:exported_with_people", "Packages were exported with their people", council=("rows", "format")),
)

PACKAGES = Slice(
    name="packages",
    models=models,
    permissions=(
        Permission("packages:read", "Reading packages of care", READERS),
        Permission("packages:write", "Entering and changing packages", ASKERS),
        Permission("packages:import", "Importing packages", SOURCERS),
        Permission("packages:export", "Exporting packages without identity", SOURCERS),
        Permission("packages:export-people", "Exporting packages with their people", SOURCERS),
        Permission("packages:withdraw", "Withdrawing packages and putting them on hold", SOURCERS),
        Permission("needs:confirm", "Confirming that care is still needed", (*ASKERS, Role.TEAM_MANAGER)),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Packages", "packages.index", "packages:read"),),
    panels=panels.PANELS,
    finders=(panels.find,),
    page_sections=(PageSection("person", panels.week_of_person),),
    task_kinds=(PACKAGES_FILE.task_kind,),
    commands=(commands.import_packages_command,),
)
