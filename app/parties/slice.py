"""What the parties bring to the house."""

from __future__ import annotations

from app.audit import Tag
from app.house import Slice
from app.parties import models

TAGS = (Tag("organisation:registered", "The organisation was registered"), Tag("user:created", "A user was added"))

PARTIES = Slice(name="parties", models=models, tags=TAGS)
