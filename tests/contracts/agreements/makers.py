"""Agreements for tests, put in force by the real service."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from app import clock
from app.audit import SYSTEM
from app.database import db
from contracts.agreements.models import Agreement
from contracts.agreements.services import AgreementTerms, put_in_force
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.providers.models import Provider
from tests.marketplace.makers import a_member, a_package, a_scheme
from tests.people import People


def terms_for(package: Package, provider: Provider, **changes: Any) -> AgreementTerms:
    """£26.00 an hour from the planned start."""
    values: dict[str, Any] = {
        "award_id": uuid4(),
        "price_pence": 2600,
        "unit": package.lot.unit,
        "starts_on": package.planned_start,
        "contract_from": clock.now(),
        "because": "Award AWD-T0001",
        **changes,
    }
    return AgreementTerms(package, provider, **values)


def an_agreement(people: People, *, starts_on: date | None = None, **package: Any) -> Agreement:
    """An agreement of a new awarded package with a new member."""
    scheme = a_scheme(people)
    need = a_package(scheme, status=PackageStatus.AWARDED, **package)
    terms = terms_for(need, a_member(scheme), starts_on=starts_on or need.planned_start)
    (agreement,) = put_in_force([terms], by=SYSTEM)
    db.session.commit()
    return agreement
