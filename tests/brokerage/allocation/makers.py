"""What awarding needs: a closed, ranked round with a broker who has declared no interest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app import clock
from app.audit import SYSTEM, Actor
from app.database import db
from app.parties.viewer import viewer_of
from brokerage.allocation import services
from brokerage.allocation.candidates import WantedAward
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice
from brokerage.ranking.models import ConflictDeclaration
from brokerage.ranking.services import rank_issue
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, OfferLine, Round
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_member, a_package, a_response, a_scheme, an_issue, line_of
from tests.people import People

CONFIRMED = AwardChoice(need_confirmed_with="Ada Fell, ward 4")
DECIDERS = ("broker", "broker2", "manager")


@dataclass
class Ready:
    """A closed issue whose packages can be awarded."""

    scheme: Scheme
    issue: Issue
    packages: list[Package]
    providers: list[Provider]

    @property
    def package(self) -> Package:
        return self.packages[0]

    @property
    def round(self) -> Round:
        return self.round_of(self.package)

    def round_of(self, package: Package) -> Round:
        return db.session.query(Round).filter_by(issue_id=self.issue.id, package_id=package.id).one()

    def line(self, place: int = 0, package: Package | None = None) -> OfferLine:
        return line_of(self.issue, package or self.package, self.providers[place])


def ready(
    people: People,
    *,
    prices: Sequence[int] = (2400, 2600, 2800),
    packages: int = 1,
    capacity_hours: int = 200,
    scheme: Scheme | None = None,
    package: dict[str, Any] | None = None,
    responses: dict[str, Any] | None = None,
    **policy: Any,
) -> Ready:
    """Providers of equal quality whose prices give their order, first one first; everybody has said yes."""
    scheme = scheme or a_scheme(people, **policy)
    providers = [a_member(scheme, capacity_hours=capacity_hours) for _ in prices]
    needs = [a_package(scheme, **(package or {})) for _ in range(packages)]
    issue = an_issue(scheme, needs, providers, closed=True)
    for need in needs:
        for provider, price in zip(providers, prices, strict=True):
            a_response(line_of(issue, need, provider), price_pence=price, **(responses or {}))
    db.session.flush()
    rank_issue(issue, by=SYSTEM)
    declare(people, issue, *DECIDERS)
    db.session.commit()
    return Ready(scheme, issue, needs, providers)


def award(line: OfferLine, choice: AwardChoice, *, by: Actor) -> Award:
    """One award alone."""
    (made,) = services.award([WantedAward(line, choice)], by=by)
    return made


def declare(people: People, issue: Issue, *names: str, has_conflict: bool = False) -> None:
    """Declarations of interest, made before seeing the round."""
    for name in names:
        row = {"issue_id": issue.id, "user_id": people[name].id, "has_conflict": has_conflict}
        note = "A relative owns it." if has_conflict else None
        db.session.add(ConflictDeclaration(authority_id=issue.authority_id, note=note, **row))
    db.session.flush()


def confirm(package: Package, *, hours_ago: float = 1) -> None:
    """Somebody said that the care is still needed."""
    at = clock.now() - timedelta(hours=hours_ago)
    values = {"needed": True, "confirmed_at": at, "confirmed_with": "the hub", "recorded_by_label": "Test"}
    db.session.add(NeedConfirmation(authority_id=package.authority_id, package_id=package.id, **values))
    db.session.flush()


def actor(people: People, name: str) -> Actor:
    return viewer_of(people[name]).actor
