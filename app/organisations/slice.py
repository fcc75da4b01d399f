"""What the slice `organisations` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice
from app.organisations import models, routes, steps
from app.organisations.letters import LETTERS
from app.parties.roles import Role

MANAGERS = (Role.ADMINISTRATOR,)

TAGS = (
    Tag("organisation:proposed", "Something was proposed about a whole organisation", council=("act",)),
    Tag("organisation:approved", "A second administrator agreed, and it was done", council=("act",)),
    Tag("organisation:refused", "A second administrator refused", council=("act",)),
)

ORGANISATIONS = Slice(
    name="organisations",
    models=models,
    permissions=(
        Permission(
            "organisations:read", "Reading what is decided about whole organisations", (*MANAGERS, Role.AUDITOR)
        ),
        Permission("organisations:manage", "Domains of addresses, and shutting organisations out", MANAGERS),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    navigation=(NavigationItem("Organisations", "organisations.index", "organisations:read"),),
    panels=(routes.TO_DECIDE,),
    letters=LETTERS,
)
