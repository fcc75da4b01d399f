"""What the audit brings to the house; its pages are among those of `pages`."""

from __future__ import annotations

from app.audit import Tag, models
from app.audit.jobs import seal_entries
from app.audit.verify import FACTS_DELETED
from app.auth import Permission
from app.house import Slice, TimedJob
from app.parties.roles import Role

AUDIT = Slice(
    name="audit",
    models=models,
    permissions=(
        Permission("audit:read", "Reading the audit", (Role.AUDITOR,)),
        Permission("audit:own", "Reading what the own people did", (Role.PROVIDER_ADMINISTRATOR,)),
    ),
    tags=(Tag(FACTS_DELETED, "The facts of entries were deleted, their time being over"),),
    jobs=(TimedJob("seal the audit", "Links new audit entries into a block.", seal_entries, every=60),),
)
