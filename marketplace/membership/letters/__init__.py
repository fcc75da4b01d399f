"""The letters about memberships, to providers and to contract managers."""

from functools import partial

from app.messages import LetterTemplate, Topic, send_many
from app.parties.queries import to_role
from app.parties.roles import Role
from marketplace.applications.letters import MEMBERSHIPS, OWN_PAGE
from marketplace.membership.models import Suspension

SUSPENSION_REVIEWS = Topic(
    "suspension_reviews", "Reviews of suspensions", "A suspension whose review is due.", frozenset({"council", "icb"})
)

_letter = partial(LetterTemplate, folder=__name__, topic=MEMBERSHIPS)
_about_suspension = partial(_letter, about="suspension", link=OWN_PAGE)
_about_override = partial(_letter, about="gate_override", link=OWN_PAGE)
_about_removal = partial(_letter, about="removal", link=OWN_PAGE)

SUSPENDED = _about_suspension("suspended", "suspended")
SUSPENSION_REVIEWED = _about_suspension("suspension_reviewed", "suspension_reviewed")
SUSPENSION_LIFTED = _about_suspension("suspension_lifted", "suspension_lifted")
SUSPENSION_REVIEW_DUE = _about_suspension(
    "suspension_review_due", "suspension_review_due", link="/suspensions/{id}", topic=SUSPENSION_REVIEWS
)
GATE_OVERRIDDEN = _about_override("gate_overridden", "gate_overridden")
GATE_OVERRIDE_ENDED = _about_override("gate_override_ended", "gate_override_ended")
REMOVAL_PROPOSED = _about_removal("removal_proposed", "removal_proposed", link="/our-removals/{id}")
REMOVED = _about_removal("removed", "removed")
REMOVAL_DROPPED = _about_removal("removal_dropped", "removal_dropped")
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
