"""Who said yes and may not take part any more, and what else has changed since. The rule is that of inviting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace.offers.eligibility import MemberFacts, PackageNeed, Reason, ReasonCode, reasons_not_eligible
from marketplace.offers.facts import member_facts, needs_of
from marketplace.offers.models import Issue
from marketplace.packages.models import Package
from marketplace.schemes.queries import policy_on

LEAVES_OUT = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED})
"""Suspended or removed since: the yes is not ranked. Anything else is shown, and the award asks about it."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Each member and each package as they stand on one day."""

    needs: dict[UUID, PackageNeed]
    members: dict[UUID, MemberFacts]

    def reasons(self, provider_id: UUID, package_id: UUID) -> tuple[Reason, ...]:
        """Every reason why this provider would not be invited to the package now; empty when it would."""
        return reasons_not_eligible(self.needs[package_id], self.members[provider_id])

    def leaving_out(self, provider_id: UUID, package_id: UUID) -> tuple[str, ...]:
        """Why its yes is left out, in words; empty when it takes part."""
        found = self.reasons(provider_id, package_id)
        return tuple(reason.sentence for reason in found if reason.code in LEAVES_OUT)


def stops_of(issue: Issue, packages: Collection[Package], provider_ids: Collection[UUID], on_date: date) -> Stops:
    """The stops on a local day, with the same number of queries however many packages and providers."""
    needs = needs_of(list(packages), policy_on(issue.scheme_id, on_date), on_date)
    return Stops(needs, member_facts(issue.scheme_id, provider_ids))
