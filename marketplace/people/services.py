"""Beginning a person's record, how to reach the person, who may speak for them, and the advocacy test."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app import audit, clock
from app.audit import Actor
from app.database import db, new_id
from app.database.many import FreeReferences
from app.errors import Conflict, Invalid, Reading, reason_given
from app.parties.viewer import Viewer
from app.values.email import read_email
from app.values.postcode import Postcode
from app.values.spelling import plain
from marketplace.people.matching import known_as_told
from marketplace.people.models import AdvocacyTest, ContactPreference, Person, Representative, RepresentativeKind
from marketplace.people.moves import move_to, person_moved, record_changed
from marketplace.people.queries import is_another, reads_everybody, whereabouts_of
from marketplace.people.rules import (
    AdvocacyAnswers,
    Correction,
    PersonDetails,
    Whereabouts,
    advocacy_outcome,
    problems_with_correction,
    problems_with_test,
    reasons_against_withdrawal,
)

_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,28}")


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person and in what way they want to be told things, named as the columns are; an empty text is none.

    Without a postcode the one of before is meant; another address holds from `holds_from`, or from today.
    """

    contact_preference: ContactPreference = ContactPreference.POST
    telephone: str = ""
    email: str = ""
    address: str = ""
    language: str = ""
    known_as: str = ""
    postcode: str = ""
    other_stays: bool = False
    holds_from: date | None = None


REACHED = ("contact_preference", "telephone", "email", "language", "known_as")
CORRECTED = ("name", "date_of_birth", "nhs_number", "address", "postcode")
ASKED_OF_THE_OTHER = {
    "address": {"postcode": "The address has changed: enter its postcode, or tick that the postcode is still right."},
    "postcode": {"address": "The postcode has changed: enter its address, or tick that the address is still right."},
}


@dataclass(frozen=True, slots=True)
class RepresentativeDetails:
    """Somebody who may speak for a person; `consent_given_on` is None while the person has not agreed."""

    kind: RepresentativeKind
    name: str
    telephone: str = ""
    email: str = ""
    consent_given_on: date | None = None


def find_or_register(
    authority_id: UUID,
    details: PersonDetails,
    place: Postcode,
    team_id: UUID | None,
    *,
    by: Actor,
    viewer: Viewer | None = None,
) -> Person:
    """The person with this NHS number, or a record that begins now under a new reference.

    It begins too where the number stands in a record that the viewer may not read, with not a word of that. Raises Invalid
    when the number is somebody else's, the name is blank or the date of birth lies in the future.
    """
    known, closed = known_as_told(authority_id, details, viewer)
    if known is not None:
        if is_another(known, details):
            raise Invalid(
                {"nhs_number": "Another person has this NHS number. Check the number, name and date of birth."}
            )
        return known
    errors = {}
    if not details.name.strip():
        errors["name"] = "Enter the person's full name."
    if details.date_of_birth and details.date_of_birth > clock.today():
        errors["date_of_birth"] = "The date of birth cannot be in the future."
    if errors:
        raise Invalid(errors)
    named = replace(details, name=details.name.strip())
    row = person_row(authority_id, FreeReferences("PER", Person.reference).take(1)[0], named, place, team_id)
    row["known_record_id"] = closed.id if closed else None
    db.session.execute(insert(Person), [row])
    person = db.session.get_one(Person, row["id"])
    audit.record("person:registered", person, by=by)
    return person


def person_row(
    authority_id: UUID,
    reference: str,
    details: PersonDetails,
    place: Postcode,
    team_id: UUID | None,
    language: str = "",
) -> dict[str, Any]:
    """The columns of a person's record that begins now."""
    return {
        "id": new_id(),
        "authority_id": authority_id,
        "reference": reference,
        "name": details.name,
        "known_as": None,
        "date_of_birth": details.date_of_birth,
        "birth_confirmed": None,
        "nhs_number": details.nhs_number.digits if details.nhs_number else None,
        "address": details.address or None,
        "postcode": place.text,
        "address_from": clock.today(),
        "telephone": details.telephone or None,
        "email": None,
        "contact_preference": ContactPreference.POST,
        "language": language or None,
        "team_id": team_id,
        "created_at": clock.now(),
        "died_on": None,
        "known_record_id": None,
        "joined_at": None,
    }


def confirm_birth(person: Person, because: str, *, by: Actor) -> None:
    """Notes that an unusual date of birth is right, who says so and why. Raises Invalid without a reason."""
    reason = reason_given(because)
    person.birth_confirmed = person.date_of_birth
    db.session.flush()
    audit.record("person:birth_confirmed", person, by=by, reason=reason)


def change_contact(person: Person, contact: Contact, *, by: Actor) -> None:
    """Changes how to reach the person; the audit names the fields, not what stands in them. Another address holds from a
    day on. Raises Invalid, also where a street would be joined with the postcode of another without a word.
    """
    email, problems = _reached(contact.telephone, contact.email)
    place, in_question = _place_of(person, contact)
    if problems := problems | _preference_problems(contact) | in_question:
        raise Invalid(problems)
    told = Whereabouts(contact.address, place, "")
    moves = told.differs_from(whereabouts_of(person)) or bool(person.address and not contact.address)
    new = {name: getattr(contact, name) or None for name in REACHED} | {"email": email}
    new |= {} if moves else {"address": contact.address or None}
    changed = [name for name, value in new.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, new[name])
    db.session.flush()
    if changed:
        audit.record("person:contact_changed", person, by=by, fields=", ".join(changed).replace("_", " "))
    if moves:
        move_to(person, contact.address, place, contact.holds_from or clock.today(), by=by, because=None)
    if changed or moves:
        record_changed(person, False, by)


def _place_of(person: Person, contact: Contact) -> tuple[str, dict[str, str]]:
    """The postcode as typed, and what must be asked: of address and postcode one alone seldom changes."""
    read = Reading()
    place = read.value("postcode", Postcode.parse, contact.postcode) if contact.postcode else Postcode(person.postcode)
    if place is None:
        return person.postcode, read.errors
    told = Whereabouts(contact.address, place.text, "").differences(whereabouts_of(person))
    if contact.other_stays or len(told) != 1:
        return place.text, {}
    return place.text, ASKED_OF_THE_OTHER[told[0]]


def correct(person: Person, wanted: Correction, because: str, *, viewer: Viewer) -> None:
    """Puts right what was wrong; the audit names the fields and why, never what stood in them.

    An NHS number that another record has is refused to whoever may read that record. Whoever may not is told nothing: the
    two wait to be compared, and the person's packages wait to be looked at, whether somebody has the number or not.
    Raises Invalid.
    """
    reason = reason_given(because)
    if problems := problems_with_correction(wanted, clock.today()):
        raise Invalid(problems)
    new = {
        "name": wanted.name.strip(),
        "date_of_birth": wanted.date_of_birth,
        "nhs_number": wanted.nhs_number.digits if wanted.nhs_number else None,
        "address": wanted.address or None,
        "postcode": wanted.postcode.text,
    }
    changed = [name for name in CORRECTED if getattr(person, name) != new[name]]
    if not changed:
        return
    renumbered = "nhs_number" in changed
    if renumbered:
        person.known_record_id = _beside(person, wanted, viewer)
    before = person.postcode
    for name in changed:
        setattr(person, name, new[name])
    db.session.flush()
    fields = ", ".join(changed).replace("_", " ")
    audit.record("person:corrected", person, by=viewer.actor, reason=reason, fields=fields)
    if before != person.postcode:
        person_moved(person, before, viewer.actor)
    record_changed(person, renumbered and not reads_everybody(viewer), viewer.actor)


def _beside(person: Person, wanted: Correction, viewer: Viewer) -> UUID | None:
    """The record that has the number already, where the viewer may not read it."""
    details = PersonDetails(wanted.name, wanted.date_of_birth, wanted.nhs_number)
    known, closed = known_as_told(person.authority_id, details, viewer)
    if known is not None and known.id != person.id:
        raise Invalid(
            {"nhs_number": f"{known.reference} has this NHS number. Correct that record first if it is wrong."}
        )
    return closed.id if closed else None


def add_representative(person: Person, details: RepresentativeDetails, *, by: Actor) -> Representative:
    """Adds somebody who may speak for the person; raises Invalid."""
    email, problems = _reached(details.telephone, details.email)
    if not details.name.strip():
        problems["name"] = "Enter the full name."
    if details.consent_given_on and details.consent_given_on > clock.today():
        problems["consent_given_on"] = "The day of consent cannot be in the future."
    if problems:
        raise Invalid(problems)
    told = {
        name: value or None
        for name, value in asdict(replace(details, name=details.name.strip(), email=email or "")).items()
    }
    representative = Representative(authority_id=person.authority_id, person_id=person.id, **told)
    db.session.add(representative)
    db.session.flush()
    db.session.expire(person, ["representatives"])
    audit.record("person:representative_added", person, by=by, kind=details.kind.value)
    return representative


def withdraw_consent(person: Person, representative: Representative, on: date, *, because: str, by: Actor) -> None:
    """Records that the person took consent back; from that day the representative speaks for them no more.

    Raises Conflict when it was taken back already or never given, Invalid for a day that cannot be.
    """
    given, withdrawn = representative.consent_given_on, representative.consent_withdrawn_on
    if reasons := reasons_against_withdrawal(given, withdrawn, on, clock.today()):
        if given is None or withdrawn is not None:
            raise Conflict(" ".join(reasons))
        raise Invalid({"withdrawn_on": " ".join(reasons)})
    representative.consent_withdrawn_on = on
    db.session.flush()
    facts = {"kind": representative.kind.value, "on": on.isoformat()}
    audit.record("person:consent_withdrawn", person, by=by, reason=because or None, **facts)


def record_advocacy_test(person: Person, answers: AdvocacyAnswers, made_on: date, *, by: Actor) -> AdvocacyTest:
    """Keeps one advocacy test; earlier ones stay. Raises Invalid for a day in the future."""
    if problems := problems_with_test(answers, made_on, clock.today()):
        raise Invalid(problems)
    test = AdvocacyTest(
        authority_id=person.authority_id,
        person_id=person.id,
        made_on=made_on,
        difficulties=sorted(answers.difficulties),
        appropriate_person=answers.appropriate_person,
        referred_on=answers.referred_on,
        note=answers.note or None,
        made_by_label=by.label,
    )
    db.session.add(test)
    db.session.flush()
    audit.record(
        "person:advocacy_tested",
        person,
        by=by,
        made_on=made_on.isoformat(),
        difficulties=", ".join(sorted(answers.difficulties)) or "none",
        must_arrange="yes" if advocacy_outcome(answers).must_arrange else "no",
    )
    return test


def _reached(telephone: str, email: str) -> tuple[str | None, dict[str, str]]:
    """The email address as it is kept, and what is wrong with it or the telephone number."""
    read = Reading()
    if telephone and not _TELEPHONE.fullmatch(plain(telephone)):
        read.errors["telephone"] = "Enter a telephone number, such as 01632 960 001."
    return (read.value("email", read_email, email) if email else None), read.errors


def _preference_problems(contact: Contact) -> dict[str, str]:
    """Somebody who wants to be reached in a way must be reachable in it."""
    if contact.contact_preference is ContactPreference.PHONE and not contact.telephone:
        return {"telephone": "Enter a telephone number, since the person wants to be told by telephone."}
    if contact.contact_preference is ContactPreference.EMAIL and not contact.email:
        return {"email": "Enter an email address, since the person wants to be told by email."}
    return {}
