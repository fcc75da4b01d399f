"""Commands on packages: one function for each change of state. Creating is in `creating`, editing in `editing`."""

from __future__ import annotations

from collections.abc import Sequence

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Invalid, reason_given
from marketplace.packages.creating import create_package
from marketplace.packages.hooks import package_held, package_withdrawn
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.packages.moves import move
from marketplace.packages.readiness import errors_against_ready
from marketplace.packages.rules import TAKEN_BACK, PackageStatus
from marketplace.packages.splitting import split

__all__ = [
    "await_award",
    "confirm_need",
    "create_package",
    "end",
    "hold",
    "mark_awarded",
    "mark_ready",
    "mark_unsourced",
    "put_in_batch",
    "put_on_offer",
    "release",
    "split",
    "start",
    "take_off_offer",
    "take_out_of_batch",
    "withdraw",
]

_S = PackageStatus


def mark_ready(package: Package, *, by: Actor) -> None:
    """A draft of which everything is known may be offered. Raises Invalid naming, field by field, what is wanting."""
    if package.status is _S.DRAFT and (errors := errors_against_ready(package)):
        raise Invalid(errors)
    move([package], _S.READY, "package:ready", by=by, starts=frozenset({_S.DRAFT}))


def put_in_batch(package: Package, *, by: Actor, batch_reference: str) -> None:
    """A ready or unsourced package waits in a batch."""
    move([package], _S.IN_BATCH, "package:batched", by=by, batch=batch_reference)


def take_out_of_batch(package: Package, *, by: Actor, because: str) -> None:
    """A package leaves its batch and is ready again."""
    only = frozenset({_S.IN_BATCH})
    move([package], _S.READY, "package:unbatched", by=by, because=reason_given(because), starts=only)


def put_on_offer(packages: Sequence[Package], *, by: Actor) -> None:
    """Providers are asked about these packages, at one instant."""
    move(packages, _S.ON_OFFER, "package:offered", by=by)


def take_off_offer(packages: Sequence[Package], *, by: Actor, because: str) -> None:
    """An offer was withdrawn before its deadline: the packages are ready again."""
    only = frozenset({_S.ON_OFFER})
    move(packages, _S.READY, "package:offer_ended", by=by, because=reason_given(because), starts=only)


def await_award(packages: Sequence[Package], *, by: Actor) -> None:
    """The deadline has passed and somebody accepted; or a winner stepped back and its ranking is open again."""
    move(packages, _S.AWAITING_AWARD, "package:awaiting_award", by=by)


def mark_awarded(package: Package, *, by: Actor) -> None:
    """A provider is chosen."""
    move([package], _S.AWARDED, "package:awarded", by=by)


def start(package: Package, *, by: Actor) -> None:
    """The first visit takes place."""
    move([package], _S.RUNNING, "package:started", by=by)


def end(package: Package, *, by: Actor, because: str) -> None:
    """The agreement is over."""
    move([package], _S.ENDED, "package:ended", by=by, because=reason_given(because))


def mark_unsourced(packages: Sequence[Package], *, by: Actor, because: str) -> None:
    """Nobody could be asked, nobody accepted, or nobody suited: the packages need a new offer."""
    move(packages, _S.UNSOURCED, "package:unsourced", by=by, because=reason_given(because))


def hold(package: Package, *, by: Actor, because: str) -> None:
    """Nothing happens to the package until it is released; possible in every state before the award.

    Slices above let go of it in the same transaction: it leaves its batch, and its round ends. They are not told why.
    """
    reason = reason_given(because)
    move([package], _S.ON_HOLD, "package:held", by=by, because=reason)
    package_held(package, TAKEN_BACK[_S.ON_HOLD], by)


def release(package: Package, *, by: Actor) -> None:
    """Takes a package off hold: ready when still everything is known, else a draft."""
    end_state = _S.DRAFT if errors_against_ready(package) else _S.READY
    move([package], end_state, "package:released", by=by, starts=frozenset({_S.ON_HOLD}))


def withdraw(package: Package, *, by: Actor, because: str) -> None:
    """The care is no longer asked for. Slices above stop what they do with it, in the same transaction.

    The reason can be about the person, so it stays with the package: slices above are handed a fixed sentence.
    """
    reason = reason_given(because)
    move([package], _S.WITHDRAWN, "package:withdrawn", by=by, because=reason)
    package_withdrawn(package, TAKEN_BACK[_S.WITHDRAWN], by)


def confirm_need(package: Package, *, needed: bool, with_whom: str, by: Actor) -> NeedConfirmation:
    """Notes the answer to "still needed?", now, on somebody's word. A "no" is followed by withdrawing, by a person."""
    whom = with_whom.strip()
    if not whom or len(whom) > 200:
        raise Invalid({"with_whom": "Say with whom you confirmed it, in at most 200 characters."})
    answer = NeedConfirmation(
        authority_id=package.authority_id,
        package_id=package.id,
        needed=needed,
        confirmed_at=clock.now(),
        confirmed_with=whom,
        recorded_by_label=by.label,
    )
    db.session.add(answer)
    audit.record("package:need_confirmed", package, by=by, needed="yes" if needed else "no")
    return answer
