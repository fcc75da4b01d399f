"""Changing what was offered: more time, or taking it back, whole or in part. Everybody who was asked is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state
from app.calendar.deadlines import local_text
from app.database import db, locked
from app.errors import Conflict, Invalid, reason_given
from marketplace.packages.disclosure import identity_in_text
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import take_off_offer
from marketplace.people.models import Person
from marketplace.rounds import letters
from marketplace.rounds.addressees import asked_in_issue, asked_in_round
from marketplace.rounds.closing import end_round, ended, let_batch_settle, lock_open, move_deadline, open_rounds
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.rules import OfferState, RoundState, is_open_at

LONGEST_EXTENSION = timedelta(days=60)
TAKEN_BACK = "The council took the package back."


def extend(issue: Issue, deadline: datetime, reason: str, *, by: Actor) -> None:
    """Gives everybody more time. Raises Invalid at `deadline` or `reason`, and Conflict at the old deadline or after.

    Only later is possible: an earlier deadline would take time away from those who rely on it.
    """
    told = reason_given(reason, "reason")
    lock_open(issue)
    _refuse_after_deadline(issue)
    _refuse_identity(issue, told, "reason")
    if deadline <= issue.deadline:
        raise Invalid({"deadline": f"Choose a time after the deadline as it is now, {local_text(issue.deadline)}."})
    if deadline > clock.now() + LONGEST_EXTENSION:
        raise Invalid({"deadline": f"Choose a time within {LONGEST_EXTENSION.days} days from now."})
    was = issue.deadline
    move_deadline(issue, deadline, told, by)
    audit.record("issue:extended", issue, by=by, reason=told, was=local_text(was), becomes=local_text(deadline))
    addressees, authority = asked_in_issue(issue.id), issue.authority_id
    letters.tell(addressees, letters.EXTENDED, authority, deadline=issue.deadline, reason=told)


def withdraw_issue(issue: Issue, because: str, *, by: Actor) -> None:
    """Takes the whole offer back before its deadline; its packages are ready again. The reason is told to those asked."""
    reason = reason_given(because)
    lock_open(issue)
    _refuse_after_deadline(issue)
    _refuse_identity(issue, reason, "because")
    rounds = open_rounds(issue)
    on_offer = [one.package for one in rounds if one.package.status is PackageStatus.ON_OFFER]
    take_off_offer(on_offer, by=by, because=reason)
    set_state(rounds, RoundState.WITHDRAWN, values=ended(reason))
    move(
        [issue],
        OfferState.WITHDRAWN,
        "issue:withdrawn",
        by=by,
        reason=reason,
        values=ended(reason),
        rounds=len(rounds),
    )
    letters.tell(asked_in_issue(issue.id), letters.WITHDRAWN, issue.authority_id, reason=reason)
    let_batch_settle(issue, by=by)


def withdraw_round_of(package: Package, because: str, by: Actor) -> None:
    """A package was withdrawn or put on hold: its round ends, and those asked are told that it did, never why.

    For the hooks `package.withdrawn` and `package.held`, which say no more themselves: why can be about the person.
    """
    one = _locked_live_round(package)
    if one is None:
        return
    issue = one.issue
    audit.record("round:package_withdrawn", one, by=by, reason=because, number=one.number)
    end_round(one, RoundState.WITHDRAWN, TAKEN_BACK, by=by)
    if issue.state is OfferState.OPEN and not open_rounds(issue):
        set_state([issue], OfferState.WITHDRAWN, values=ended(TAKEN_BACK))
    addressees, authority = asked_in_round(one.id), issue.authority_id
    letters.tell(addressees, letters.PACKAGE_WITHDRAWN, authority, package=package.reference)


def _locked_live_round(package: Package) -> Round | None:
    """The package's open or closed round, its issue locked first: answers lock in that order too."""
    live = select(Round).where(Round.package_id == package.id, Round.state.in_((RoundState.OPEN, RoundState.CLOSED)))
    of_round = select(Issue).where(Issue.id.in_(live.with_only_columns(Round.issue_id)))
    db.session.scalars(locked(of_round)).unique().all()
    return db.session.scalars(locked(live)).unique().one_or_none()


def _refuse_after_deadline(issue: Issue) -> None:
    if not is_open_at(clock.now(), issue.deadline):
        raise Conflict(f"The deadline was {local_text(issue.deadline)}. Nothing about this offer can be changed now.")


def _refuse_identity(issue: Issue, text: str, field: str) -> None:
    """The text goes to providers: it must not say who any of the people is. Raises Invalid at `field`."""
    query = (
        select(Person.name, Person.known_as)
        .join(Package, Package.person_id == Person.id)
        .join(Round, Round.package_id == Package.id)
        .where(Round.issue_id == issue.id)
    )
    names = [part for row in db.session.execute(query) for name in row if name for part in name.split()]
    for finding in identity_in_text(text, names):
        raise Invalid({field: f"{finding.sentence} Providers will read this."})
