"""Who is invited, judged naively: one package against one member, in words. What is faster must give the same answers."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.invitations.rules import QUESTIONS, SISTER_NEARER, MemberFacts, PackageNeed, Reason, ReasonCode
from marketplace.providers.coverage import ProviderBase, SisterLocation, nearest_of_sisters


@dataclass(frozen=True, slots=True)
class InvitedByName:
    """Who is invited to one package, sorted by id, and for each other member why not, sorted by id."""

    members: tuple[str, ...]
    left_out: tuple[tuple[str, tuple[Reason, ...]], ...]


def reasons_not_eligible(need: PackageNeed, member: MemberFacts) -> tuple[Reason, ...]:
    """Every reason why this member may not be offered (or awarded) this package; empty when it may."""
    found = ((code, question(need, member)) for code, question in QUESTIONS.items())
    return tuple(Reason(code, sentence) for code, sentence in found if sentence is not None)


def eligible_members(need: PackageNeed, members: Iterable[MemberFacts]) -> InvitedByName:
    """All members to invite to the package. Of one organisation's eligible locations only the nearest is invited."""
    asked = sorted(members, key=lambda member: member.member_id)
    reasons = {member.member_id: reasons_not_eligible(need, member) for member in asked}
    eligible = [member for member in asked if not reasons[member.member_id]]
    invited = _nearest(need, eligible)
    for member in eligible:
        if member.member_id not in invited:
            reasons[member.member_id] = (Reason(ReasonCode.SISTER_NEARER, SISTER_NEARER),)
    left_out = tuple((key, why) for key, why in reasons.items() if why)
    return InvitedByName(tuple(key for key in reasons if key in invited), left_out)


def _nearest(need: PackageNeed, eligible: list[MemberFacts]) -> frozenset[str]:
    """Without a place for the package no sister is nearer than another, so the first by id stands for all."""
    sisters = (SisterLocation(one.member_id, one.organisation_id, one.base if need.place else None) for one in eligible)
    return nearest_of_sisters(sisters, need.place or ProviderBase(0, 0))
