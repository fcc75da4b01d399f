"""What the slice `holidays` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import Slice
from app.parties.roles import COMMISSIONER_ROLES, Role
from marketplace.holidays import models, steps

HOLIDAYS = Slice(
    name="holidays",
    models=models,
    permissions=(
        Permission("holidays:read", "Reading the bank holidays", tuple(COMMISSIONER_ROLES)),
        Permission("holidays:manage", "Entering a bank holiday proclaimed at short notice", (Role.CONTRACT_MANAGER,)),
    ),
    tags=(
        Tag("holiday:entered", "A bank holiday was entered", council=("day", "name")),
        Tag("holiday:taken_back", "A bank holiday was taken back", council=("day", "name")),
    ),
    pages=(steps.bp,),
)
"""The published list of bank holidays ships with a library and is years ahead; a day that is proclaimed at short notice,
as for a state funeral, is entered by each council, with effect on the offers that are open.
"""
