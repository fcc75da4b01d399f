"""The letters about applications, to providers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from app.database import Owned
from app.messages import LetterTemplate, Topic, send, send_many
from app.messages.templates import EXAMPLE_DAY
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState
from marketplace.providers.models import Provider
from marketplace.providers.queries import recipient_of, recipients_of

MEMBERSHIPS = Topic(
    "memberships",
    "Applications and memberships",
    "Applications and their outcome, documents that expire, suspensions and removals.",
    frozenset({"provider"}),
    notice=True,
)

OWN_PAGE = "/our-memberships"

PROVIDER, SCHEME = {"name": "Rosewood Home Care"}, {"name": "Homecare framework"}
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

LETTERS = (
    APPLICATION_RECEIVED,
    APPLICATION_WAITING,
    APPLICATION_LONGER,
    APPLICATION_ADMITTED,
    APPLICATION_REFUSED,
    DOCUMENT_EXPIRES,
)


def tell(provider: Provider, template: LetterTemplate, about: Owned, **values: Any) -> None:
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


def _decision_on(application: Application) -> LetterTemplate:
    return APPLICATION_ADMITTED if application.state is ApplicationState.ADMITTED else APPLICATION_REFUSED
