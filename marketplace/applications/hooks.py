"""What happens to an application that higher slices act on, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.audit import Actor
from app.hooks import Hook
from marketplace.applications.models import Application
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme

application_checked: Hook[[Scheme, Provider, Sequence[UUID], dict[str, str]]] = Hook(
    "application.checked", "A provider applies for lots. What stands against it is added to the errors, by field."
)
applications_admitted: Hook[[Sequence[Application], Actor]] = Hook(
    "applications.admitted", "Applications were admitted. Each begins a membership of every lot that it names."
)
