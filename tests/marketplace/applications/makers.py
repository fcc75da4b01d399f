"""Makers of applications."""

from __future__ import annotations

from typing import Any

from app.audit import SYSTEM
from marketplace.applications.models import Application
from marketplace.applications.rules import DECLARATIONS, CheckKind, CheckOutcome
from marketplace.applications.services import ApplicationDraft, apply_to_join, record_check
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_provider


def a_draft(scheme: Scheme, **changes: Any) -> ApplicationDraft:
    """What a provider applies with: the first lot, Preston, 100 hours, every declaration."""
    values = {
        "lot_ids": [scheme.lots[0].id],
        "areas": "PR1, PR2",
        "capacity_minutes": 6000,
        "declarations": list(DECLARATIONS),
    }
    return ApplicationDraft(**{**values, **changes})


def an_application(scheme: Scheme, provider: Provider | None = None, **changes: Any) -> Application:
    """A sent application of a provider, a new one unless given."""
    return apply_to_join(provider or a_provider(), scheme, a_draft(scheme, **changes), by=SYSTEM)


def all_checks_passed(application: Application) -> Application:
    """Records every check as passed."""
    for kind in CheckKind:
        record_check(application, kind, CheckOutcome.PASSED, "Seen.", by=SYSTEM)
    return application
