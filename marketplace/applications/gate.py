"""The CQC gate: may a location with this rating be a member of the scheme, and stay one?

Asked at application and again at every CQC import (rule A2). It stands apart from the rules of applications because it
compares ratings, which belong to providers.
"""

from marketplace.applications.rules import GateAnswer, GateResult
from marketplace.providers.ratings import meets
from marketplace.schemes.rules import Rating, UnratedPolicy


def gate(rating: Rating, minimum: Rating, unrated_policy: UnratedPolicy) -> GateAnswer:
    """Does a location pass the scheme's CQC gate? Asked at application and again at every CQC import (rule A2)."""
    if rating is Rating.UNRATED:
        return _gate_for_unrated(unrated_policy)
    result = GateResult.PASS if meets(rating, minimum) else GateResult.REFUSE
    return GateAnswer(result, _told(rating, minimum))


def _gate_for_unrated(policy: UnratedPolicy) -> GateAnswer:
    told = "CQC has not rated this location"
    if policy is UnratedPolicy.ADMIT:
        return GateAnswer(GateResult.PASS, f"{told}; the scheme admits unrated locations.")
    if policy is UnratedPolicy.REJECT:
        return GateAnswer(GateResult.REFUSE, f"{told}; the scheme asks for a rating.")
    return GateAnswer(GateResult.REVIEW, f"{told}; a contract manager decides.")


def _told(rating: Rating, minimum: Rating) -> str:
    return f"CQC rates the location {rating.value}; the scheme asks for {minimum.value} or better."
