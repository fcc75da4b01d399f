"""Opening an identity that is outside one's scope: with a reason, for an hour, and the auditors are told at once."""

from __future__ import annotations

from sqlalchemy import select

from app import audit, clock
from app.database import db, locked
from app.errors import Conflict, Invalid
from app.messages import LetterTemplate, Recipient, send_many
from app.parties.models import User
from app.parties.queries import to_role
from app.parties.roles import Role
from app.parties.viewer import Viewer
from marketplace.people import glass
from marketplace.people.models import BreakGlass, Person
from marketplace.people.queries import in_scope

SHORTEST = 10
IDENTITY_OPENED = LetterTemplate(
    "identity_opened",
    "break_glass",
    folder="marketplace.people.letters",
    about="break_glass",
    link="/people/opened",
)


def open_called(viewer: Viewer, typed: str, reason: str) -> BreakGlass | None:
    """Opens whoever has this reference or NHS number; None where nobody within reach has.

    The reason is judged before anybody is looked for, and a look that finds nobody is recorded without what was typed:
    so nobody learns unseen whether a number is known here. Raises as open_identity does.
    """
    _judge(reason)
    person = glass.person_called(viewer, typed)
    if person is not None:
        return open_identity(viewer, person, reason)
    searched = db.session.scalars(glass.houses_within_reach(viewer)).all()
    audit.record_each("person:not_found_out_of_scope", searched, by=viewer.actor, reason=reason.strip())
    return None


def open_identity(viewer: Viewer, person: Person, reason: str) -> BreakGlass:
    """Opens it for 60 minutes. Raises Invalid without a reason, Conflict where it is open or was never closed."""
    _judge(reason)
    if in_scope(viewer, person):
        raise Conflict("You can open this person's record as it is; no reason is needed.")
    db.session.scalars(locked(select(User).where(User.id == viewer.user_id))).one()
    if (before := glass.grant_of(viewer, person.id)) is not None:
        raise Conflict(f"You have opened this already, until {before.until.astimezone(clock.LONDON):%H:%M}.")
    opened = BreakGlass(
        authority_id=person.authority_id,
        person_id=person.id,
        user_id=viewer.user_id,
        opened_by_label=viewer.actor.label,
        reason=reason.strip(),
        opened_at=clock.now(),
        until=clock.now() + glass.LASTS,
    )
    db.session.add(opened)
    db.session.flush()
    audit.record("person:opened_out_of_scope", person, by=viewer.actor, reason=opened.reason)
    _tell_auditors(opened, person.reference)
    return opened


def _judge(reason: str) -> None:
    if len(reason.strip()) < SHORTEST:
        raise Invalid({"reason": "Say why you must know who this is now. The auditors read it."})


def _tell_auditors(opened: BreakGlass, reference: str) -> None:
    """Every auditor of the council that leads, by inbox and email; where there is none, the council's own inbox."""
    letter = IDENTITY_OPENED.write(
        opened.id, opened.authority_id, opened_by=opened.opened_by_label, reference=reference
    )
    auditors = to_role(opened.authority_id, Role.AUDITOR)
    send_many((recipient, letter) for recipient in auditors or [Recipient(opened.authority_id)])
