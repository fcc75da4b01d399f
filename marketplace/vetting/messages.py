"""The letters that vetting sends to providers, one function each. Subjects hold no personal data."""

from __future__ import annotations

from collections.abc import Iterable

from app.calendar.deadlines import date_text
from app.messages.letters import Letter
from app.messages.services import send, send_many
from app.messages.topics import Topic
from marketplace.providers.models import Provider
from marketplace.providers.queries import recipient_of, recipients_of
from marketplace.vetting.models import Application, ApplicationCheck, GateOverride, Membership, Removal, Suspension
from marketplace.vetting.rules import CHECK_NAMES

OWN_PAGE = "/our-memberships"

ABOUT_APPLICATIONS = ("application_received", "application_waiting", "application_longer", "application_decided")
ABOUT_MEMBERSHIPS = (
    "document_expires",
    "suspended",
    "suspension_reviewed",
    "suspension_lifted",
    "gate_overridden",
    "gate_override_ended",
    "removal_proposed",
    "removed",
    "removal_dropped",
)
MEMBERSHIPS = Topic(
    "memberships",
    "Applications and memberships",
    "Applications and their outcome, documents that expire, suspensions and removals.",
    kinds=(*ABOUT_APPLICATIONS, *ABOUT_MEMBERSHIPS),
    readers=("provider",),
    notice=True,
)


def tell_received(application: Application) -> None:
    """The application has arrived, and by when it is decided."""
    body = (
        f"We have received your application {application.reference} to join {application.scheme.name} with "
        f"{application.provider.name}. We will tell you the decision, with reasons, by {_due(application)}."
    )
    _send(application, "application_received", "Your application has arrived", body)


def tell_more_is_needed(application: Application) -> None:
    """Something is missing; the application waits for it."""
    body = (
        f"To decide on application {application.reference} we need more information from you: {application.asked_for} "
        "Open the application and answer there."
    )
    _send(application, "application_waiting", "We need more information for your application", body)


def tell_longer(application: Application) -> None:
    """The decision takes longer than the standard period, and why."""
    body = (
        f"Application {application.reference} takes longer than usual: {application.longer_because} "
        f"We will tell you the decision by {_due(application)}."
    )
    _send(application, "application_longer", "Your application takes longer than usual", body)


def tell_decided(applications: Iterable[Application]) -> None:
    """The decisions on applications, each with its reasons, in two statements however many they are."""
    decided = list(applications)
    recipients = recipients_of([application.provider_id for application in decided])
    send_many((recipients[one.provider_id], _decision_letter(one)) for one in decided)


def _decision_letter(application: Application) -> Letter:
    admitted = application.state.value == "admitted"
    outcome = "is a member of" if admitted else "has not been admitted to"
    then = "Check your areas and capacity now: offers follow them." if admitted else "You may apply again at any time."
    body = (
        f"{application.provider.name} {outcome} {application.scheme.name}.\n\nReasons: {application.decision_reason}"
        f"\n\n{then}"
    )
    subject = "You are a member" if admitted else "Your application was refused"
    path = OWN_PAGE if admitted else f"/our-applications/{application.id}"
    return _letter(application, "application_decided", subject, body, path)


def tell_document_expires(check: ApplicationCheck) -> None:
    """A document on which the membership rests expires soon; a newer one is asked for."""
    application, day = check.application, date_text(check.expires_on) if check.expires_on else ""
    body = (
        f"What we have seen for {application.provider.name} expires on {day}: {CHECK_NAMES[check.kind]}.\n\n"
        "Send the newer document to the council in the way it asks for; it cannot be uploaded here."
    )
    _send(application, "document_expires", "A document of yours expires soon", body)


def tell_suspended(suspension: Suspension, where: str) -> None:
    """New offers have stopped, where, why and until when; care goes on."""
    body = (
        f"New offers to {suspension.provider.name} are suspended {where} from {date_text(suspension.starts_on)} until "
        f"the end of {date_text(suspension.ends_on)}.\n\nReason: {suspension.reason}\n\n"
        "The care that you give now goes on. "
        f"We will look at this again by {date_text(suspension.review_on)}."
    )
    _tell(suspension.provider, _letter(suspension, "suspended", "New offers to you are suspended", body, OWN_PAGE))


def tell_reviewed(suspension: Suspension, because: str) -> None:
    """The suspension was looked at again and goes on, why and until when."""
    body = (
        f"We have looked at the suspension of new offers to {suspension.provider.name} again. It goes on until the end "
        f"of {date_text(suspension.ends_on)}.\n\nReason: {because}"
    )
    _tell(suspension.provider, _letter(suspension, "suspension_reviewed", "The suspension goes on", body, OWN_PAGE))


def tell_lifted(suspension: Suspension) -> None:
    """New offers start again."""
    body = (
        f"The suspension of new offers to {suspension.provider.name} is lifted.\n\nReason: {suspension.lifted_because}"
    )
    _tell(suspension.provider, _letter(suspension, "suspension_lifted", "The suspension is lifted", body, OWN_PAGE))


def tell_overridden(override: GateOverride) -> None:
    """The CQC gate is overridden for this member, why and until when."""
    body = (
        f"CQC rates {override.provider.name} below what {override.scheme.name} asks for. We have decided to go on with "
        f"new offers and awards to it until the end of {date_text(override.ends_on)}.\n\nReason: {override.reason}"
    )
    letter = _letter(override, "gate_overridden", "New offers to you go on despite your CQC rating", body, OWN_PAGE)
    _tell(override.provider, letter)


def tell_override_ended(override: GateOverride) -> None:
    """The override is taken back: the rating counts again."""
    body = (
        f"We have taken back our decision to go on with new offers to {override.provider.name} in "
        f"{override.scheme.name} despite its CQC rating. While the rating is below what the scheme asks for, new "
        f"offers and awards stop. The care that you give now goes on.\n\nReason: {override.ended_because}"
    )
    _tell(override.provider, _letter(override, "gate_override_ended", "Your CQC rating counts again", body, OWN_PAGE))


def tell_removal_proposed(removal: Removal, membership: Membership) -> None:
    """A removal is proposed, with reasons; the provider may answer until a date."""
    body = (
        f"We propose to remove {membership.provider.name} from the lot {membership.lot.name} of "
        f"{membership.scheme.name}.\n\nReasons: {removal.reason}\n\nYou can answer until the end of "
        f"{date_text(removal.answer_until)}. Nothing changes before we have decided. Care that you give now goes on."
    )
    path = f"/our-removals/{removal.id}"
    letter = _letter(removal, "removal_proposed", "We propose to end a membership: your answer is asked", body, path)
    _tell(membership.provider, letter)


def tell_removed(removal: Removal, membership: Membership) -> None:
    """The membership has ended by removal, with the reasons and how the answer was taken into account."""
    considered = f"\n\nYour answer: {removal.decision_note}" if removal.decision_note else ""
    body = (
        f"{membership.provider.name} is no longer a member of the lot {membership.lot.name} of "
        f"{membership.scheme.name}.\n\nReasons: {removal.reason}{considered}\n\nYou may apply again at any time."
    )
    _tell(membership.provider, _letter(removal, "removed", "A membership has ended", body, OWN_PAGE))


def tell_removal_dropped(removal: Removal, membership: Membership) -> None:
    """The removal is dropped; the membership goes on."""
    body = (
        f"The removal of {membership.provider.name} from the lot {membership.lot.name} of {membership.scheme.name} is "
        f"dropped. The membership goes on.\n\nReason: {removal.decision_note}"
    )
    _tell(membership.provider, _letter(removal, "removal_dropped", "A membership goes on", body, OWN_PAGE))


def where_text(suspension: Suspension) -> str:
    """The scope of a suspension as a page and a letter say it."""
    lot = f"for the lot {suspension.lot.name}" if suspension.lot else "for every lot"
    return f"{lot} {f'in {suspension.zone.name}' if suspension.zone else 'in every zone'}"


def _send(application: Application, kind: str, subject: str, body: str) -> None:
    letter = _letter(application, kind, subject, body, f"/our-applications/{application.id}")
    _tell(application.provider, letter)


def _tell(provider: Provider, letter: Letter) -> None:
    send(recipient_of(provider), letter)


def _letter(
    about: Application | GateOverride | Removal | Suspension, kind: str, subject: str, body: str, path: str
) -> Letter:
    return Letter(kind, subject, body, path, about.__tablename__, about.id, about.authority_id)


def _due(application: Application) -> str:
    return date_text(application.due_on) if application.due_on else "the end of the standard period"
