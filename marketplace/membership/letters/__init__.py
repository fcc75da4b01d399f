"""The letters about memberships, to providers and to contract managers."""

from __future__ import annotations

from functools import partial

from app.messages import LetterTemplate, Topic, send_many
from app.messages.templates import EXAMPLE_DAY
from app.parties.queries import to_role
from app.parties.roles import Role
from marketplace.applications.letters import MEMBERSHIPS, OWN_PAGE, PROVIDER, REASON, SCHEME
from marketplace.membership.models import Suspension

SUSPENSION_REVIEWS = Topic(
    "suspension_reviews", "Reviews of suspensions", "A suspension whose review is due.", frozenset({"council", "icb"})
)

_letter = partial(LetterTemplate, folder=__name__, topic=MEMBERSHIPS, sent_to="The provider")

_about_suspension = partial(
    _letter,
    about="suspension",
    link=OWN_PAGE,
    example={
        "suspension": {
            "provider": PROVIDER,
            "where": "for every lot in every zone",
            "starts_on": EXAMPLE_DAY,
            "review_on": EXAMPLE_DAY,
            "ends_on": EXAMPLE_DAY,
            "reason": REASON,
            "lifted_because": "The provider has trained its carers again.",
        },
        "because": "The training of the carers goes on until spring.",
    },
)

_about_override = partial(
    _letter,
    about="gate_override",
    link=OWN_PAGE,
    example={
        "gate_override": {
            "provider": PROVIDER,
            "scheme": SCHEME,
            "ends_on": EXAMPLE_DAY,
            "reason": "Its plan of improvement is checked each week.",
            "ended_because": "Its plan of improvement was not kept.",
        }
    },
)

_about_removal = partial(
    _letter,
    about="removal",
    link=OWN_PAGE,
    example={
        "removal": {
            "membership": {"provider": PROVIDER, "scheme": SCHEME, "lot": {"name": "Home care"}},
            "reason": REASON,
            "answer_until": EXAMPLE_DAY,
            "decision_note": "We have read what you wrote about March.",
        }
    },
)

SUSPENDED = _about_suspension(name="suspended", kind="suspended", sent_when="new offers to a provider are suspended")

SUSPENSION_REVIEWED = _about_suspension(
    name="suspension_reviewed",
    kind="suspension_reviewed",
    sent_when="a suspension was looked at again and goes on",
)

SUSPENSION_LIFTED = _about_suspension(
    name="suspension_lifted", kind="suspension_lifted", sent_when="a suspension is lifted"
)

SUSPENSION_REVIEW_DUE = _about_suspension(
    name="suspension_review_due",
    kind="suspension_review_due",
    link="/suspensions/{id}",
    topic=SUSPENSION_REVIEWS,
    sent_to="Every contract manager",
    sent_when="the day has come on which a suspension is to be looked at again",
)

GATE_OVERRIDDEN = _about_override(
    name="gate_overridden", kind="gate_overridden", sent_when="the CQC gate is overridden for a provider"
)

GATE_OVERRIDE_ENDED = _about_override(
    name="gate_override_ended", kind="gate_override_ended", sent_when="such an override is taken back"
)

REMOVAL_PROPOSED = _about_removal(
    name="removal_proposed",
    kind="removal_proposed",
    link="/our-removals/{id}",
    sent_when="the end of a membership is proposed",
)

REMOVED = _about_removal(name="removed", kind="removed", sent_when="a membership has ended by removal")

REMOVAL_DROPPED = _about_removal(name="removal_dropped", kind="removal_dropped", sent_when="a removal is dropped")

LETTERS = (
    SUSPENDED,
    SUSPENSION_REVIEWED,
    SUSPENSION_LIFTED,
    SUSPENSION_REVIEW_DUE,
    GATE_OVERRIDDEN,
    GATE_OVERRIDE_ENDED,
    REMOVAL_PROPOSED,
    REMOVED,
    REMOVAL_DROPPED,
)


def tell_review_due(suspension: Suspension) -> None:
    """The review of a suspension is due: to every contract manager of its authority."""
    letter = SUSPENSION_REVIEW_DUE.write(suspension.id, suspension.authority_id, suspension=suspension)
    managers = to_role(suspension.authority_id, Role.CONTRACT_MANAGER)
    send_many((manager, letter) for manager in managers)
