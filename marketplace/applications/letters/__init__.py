"""The letters about applications, to providers."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from app.database import Owned
from app.messages import LetterTemplate, Topic, send, send_many
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

_letter = partial(
    LetterTemplate, folder=__name__, about="application", link="/our-applications/{id}", topic=MEMBERSHIPS
)
APPLICATION_RECEIVED = _letter("application_received", "application_received")
APPLICATION_WAITING = _letter("application_waiting", "application_waiting")
APPLICATION_LONGER = _letter("application_longer", "application_longer")
APPLICATION_ADMITTED = _letter("application_admitted", "application_decided", link=OWN_PAGE)
APPLICATION_REFUSED = _letter("application_refused", "application_decided")
DOCUMENT_EXPIRES = _letter("document_expires", "document_expires")
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
    send(recipient_of(about.authority_id, provider), template.write(about.id, about.authority_id, **subject, **values))


def tell_decided(applications: Iterable[Application]) -> None:
    """The decisions on applications, each with its reasons, in two statements however many they are."""
    decided = list(applications)
    recipients = {
        authority_id: recipients_of(
            authority_id, {one.provider_id for one in decided if one.authority_id == authority_id}
        )
        for authority_id in {application.authority_id for application in decided}
    }
    send_many(
        (
            recipients[application.authority_id][application.provider_id],
            _decision_on(application).write(application.id, application.authority_id, application=application),
        )
        for application in decided
    )


def _decision_on(application: Application) -> LetterTemplate:
    return APPLICATION_ADMITTED if application.state is ApplicationState.ADMITTED else APPLICATION_REFUSED
