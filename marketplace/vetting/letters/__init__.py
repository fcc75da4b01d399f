"""The letters about applications and memberships, to providers and to contract managers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from app.messages import LetterTemplate, Topic, send, send_many
from app.messages.templates import EXAMPLE_DAY
from app.parties.queries import to_role
from app.parties.roles import Role
from marketplace.providers.models import Provider
from marketplace.providers.queries import recipient_of, recipients_of
from marketplace.vetting.models import Application, GateOverride, Removal, Suspension
from marketplace.vetting.rules import ApplicationState

MEMBERSHIPS = Topic(
    "memberships",
    "Applications and memberships",
    "Applications and their outcome, documents that expire, suspensions and removals.",
    frozenset({"provider"}),
    notice=True,
)
SUSPENSION_REVIEWS = Topic(
    "suspension_reviews", "Reviews of suspensions", "A suspension whose review is due.", frozenset({"council", "icb"})
)

OWN_PAGE = "/our-memberships"
PROVIDER, SCHEME, LOT = {"name": "Rosewood Home Care"}, {"name": "Homecare framework"}, {"name": "Home care"}
REASON = "Two references speak of missed visits in March."

_letter = partial(LetterTemplate, folder=__name__, topic=MEMBERSHIPS, sent_to="The provider")
_about_application = partial(
    _letter,
    about="application",
    link="/our-applications/{id}",
    example={
        "application": {
            "reference": "APP-7K3M9",
            "provider": PROVIDER,
            "scheme": SCHEME,
            "due_on": EXAMPLE_DAY,
            "asked_for": "Please send the certificate of your insurance.",
            "longer_because": "The references have not come yet.",
            "decision_reason": REASON,
        },
        "document": "Safeguarding policy",
        "expires_on": EXAMPLE_DAY,
    },
)
_about_decision = partial(_about_application, kind="application_decided")
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
            "membership": {"provider": PROVIDER, "scheme": SCHEME, "lot": LOT},
            "reason": REASON,
            "answer_until": EXAMPLE_DAY,
            "decision_note": "We have read what you wrote about March.",
        }
    },
)

APPLICATION_RECEIVED = _about_application(
    name="application_received", kind="application_received", sent_when="an application has arrived"
)
APPLICATION_WAITING = _about_application(
    name="application_waiting", kind="application_waiting", sent_when="something is missing in an application"
)
APPLICATION_LONGER = _about_application(
    name="application_longer", kind="application_longer", sent_when="a decision takes longer than the standard period"
)
APPLICATION_ADMITTED = _about_decision(
    name="application_admitted", link=OWN_PAGE, sent_when="a provider is admitted to a scheme"
)
APPLICATION_REFUSED = _about_decision(name="application_refused", sent_when="an application is refused")
DOCUMENT_EXPIRES = _about_application(
    name="document_expires",
    kind="document_expires",
    sent_when="a document on which a membership rests expires in 60, 30 or 7 days",
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
    APPLICATION_RECEIVED,
    APPLICATION_WAITING,
    APPLICATION_LONGER,
    APPLICATION_ADMITTED,
    APPLICATION_REFUSED,
    DOCUMENT_EXPIRES,
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


def tell(
    provider: Provider,
    template: LetterTemplate,
    about: Application | GateOverride | Removal | Suspension,
    **values: Any,
) -> None:
    """Writes to a provider about one thing, which the text knows by the name of its table."""
    subject = {template.about: about}
    send(recipient_of(provider), template.write(about.id, about.authority_id, **subject, **values))


def tell_decided(applications: Iterable[Application]) -> None:
    """The decisions on applications, each with its reasons, in two statements however many they are."""
    decided = list(applications)
    recipients = recipients_of([application.provider_id for application in decided])
    send_many(
        (
            recipients[application.provider_id],
            _decision_on(application).write(application.id, application.authority_id, application=application),
        )
        for application in decided
    )


def tell_review_due(suspension: Suspension) -> None:
    """The review of a suspension is due: to every contract manager of its authority."""
    letter = SUSPENSION_REVIEW_DUE.write(suspension.id, suspension.authority_id, suspension=suspension)
    managers = to_role(suspension.authority_id, Role.CONTRACT_MANAGER)
    send_many((manager, letter) for manager in managers)


def _decision_on(application: Application) -> LetterTemplate:
    return APPLICATION_ADMITTED if application.state is ApplicationState.ADMITTED else APPLICATION_REFUSED
