"""Offering: a batch or one package to every eligible member, at one instant, on terms that are frozen with it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import load_only

from app import audit, clock
from app.audit import Actor
from app.calendar.deadlines import local_text
from app.database import db, in_bulk, locked
from app.errors import Conflict
from marketplace.batches.models import Batch, BatchPackage, BatchState
from marketplace.batches.services import mark_offered, settle
from marketplace.invitations.eligibility import places
from marketplace.invitations.reach import Reach, reach_of, unsourced_sentence
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Urgency
from marketplace.packages.services import mark_unsourced, put_on_offer
from marketplace.rounds.announcing import tell_of_new_offers
from marketplace.rounds.models import Issue
from marketplace.rounds.references import free_references
from marketplace.rounds.rows import NOBODY, insert_offers, insert_rounds
from marketplace.rounds.rules import OfferState
from marketplace.schemes.models import Lot, Scheme, SchemePolicy
from marketplace.schemes.queries import policy_on
from marketplace.schemes.regime_rules import reasons_against_award_under
from marketplace.schemes.rules import Window
from marketplace.schemes.windows import deadline_of

# What decides about a package's offer and is shown of it; of a county's packages the rest is not read.
DECIDING = (
    *(Package.authority_id, Package.reference, Package.scheme_id, Package.lot_id, Package.zone_id),
    *(Package.outcode, Package.sector, Package.easting, Package.northing, Package.carer_gender),
    *(Package.planned_start, Package.weekly_minutes, Package.status, Package.urgency),
)

CAN_BE_OFFERED = frozenset({PackageStatus.READY, PackageStatus.UNSOURCED})


@dataclass(frozen=True, slots=True)
class _Act:
    """One act of offering: of which scheme, under which policy, in which window, to whom, and who does it."""

    scheme: Scheme
    policy: SchemePolicy
    lot: Lot
    window: Window
    reach: Reach
    by: Actor
    batch: Batch | None = None
    changed_since: str = ""


@in_bulk()
def issue_batch(batch: Batch, *, by: Actor) -> Issue:
    """Offers a sealed batch to every member that is eligible for at least one of its packages.

    Each offer holds exactly the packages for which its provider is eligible. A package for which nobody is eligible is
    unsourced at once. Raises Conflict when the batch or a package of it cannot be offered now.
    """
    batch = db.session.scalars(locked(select(Batch).where(Batch.id == batch.id))).one()
    if batch.state is not BatchState.SEALED:
        raise Conflict("This batch is not sealed, or was offered already. Reload the page to see where it stands.")
    packages = _packages_of(batch)
    _refuse_others(packages, frozenset({PackageStatus.IN_BATCH}))
    mark_offered(batch, by=by)
    policy = _policy_to_offer_under(batch.scheme)
    reach = reach_of(batch.scheme, policy, packages)
    return _issue(_Act(batch.scheme, policy, batch.lot, batch.window, reach, by, batch=batch))


def issue_package(package: Package, *, by: Actor, changed_since: str = "") -> Issue:
    """Offers one package, ready or unsourced, to every eligible member; `changed_since` the last round, in words."""
    (issue,) = issue_each([package], by=by, changed_since=changed_since)
    return issue


def issue_each(packages: Sequence[Package], *, by: Actor, changed_since: str = "") -> list[Issue]:
    """Offers packages of one scheme, each by itself, as `issue_package` does; who is eligible is read once for all."""
    wanted = select(Package).where(Package.id.in_([package.id for package in packages])).order_by(Package.id)
    locked_packages = {package.id: package for package in db.session.scalars(locked(wanted)).unique()}
    in_order = [locked_packages[package.id] for package in packages]
    _refuse_others(in_order, CAN_BE_OFFERED)
    scheme = in_order[0].scheme
    policy = _policy_to_offer_under(scheme)
    reach, words = reach_of(scheme, policy, in_order), changed_since.strip()
    return [
        _issue(_Act(scheme, policy, package.lot, window_of(package), alone, by, changed_since=words))
        for package, alone in zip(in_order, reach.each(), strict=True)
    ]


def _policy_to_offer_under(scheme: Scheme) -> SchemePolicy:
    for reason in reasons_against_award_under(scheme.regime, clock.today()):
        raise Conflict(reason)
    return policy_on(scheme.id, clock.today())


def window_of(package: Package) -> Window:
    """The response window of a package that is offered alone."""
    return Window.URGENT if package.urgency is Urgency.URGENT else Window.STANDARD


def _packages_of(batch: Batch) -> list[Package]:
    query = (
        select(Package)
        .join(BatchPackage, BatchPackage.package_id == Package.id)
        .where(BatchPackage.batch_id == batch.id, BatchPackage.removed_at.is_(None))
        .order_by(BatchPackage.position)
        .options(load_only(*DECIDING))
    )
    return list(db.session.scalars(locked(query)).unique())


def _refuse_others(packages: Sequence[Package], states: frozenset[PackageStatus]) -> None:
    if not packages:
        raise Conflict("There is no package in this batch. Add one, or discard the batch.")
    for package in packages:
        if package.status not in states:
            raise Conflict(f"{package.reference} is {package.status.label.lower()}, so it cannot be offered now.")


def _issue(act: _Act) -> Issue:
    reach = act.reach
    issue = _new_issue(act, anybody=bool(reach.asked))
    rounds = insert_rounds(issue, reach, act.changed_since)
    offers = insert_offers(issue, reach, rounds)
    put_on_offer([asking.package for asking in reach.rounds], by=act.by)
    for asking in reach.rounds:
        if not asking.asked:
            mark_unsourced([asking.package], by=act.by, because=unsourced_sentence(asking.left_out))
    tell_of_new_offers(issue, reach, offers)
    _record(issue, reach, by=act.by)
    if act.batch is not None and issue.state is OfferState.CLOSED:
        settle(act.batch, by=act.by)
    return issue


def _new_issue(act: _Act, *, anybody: bool) -> Issue:
    now, seed, policy = clock.now(), secrets.token_hex(32), act.policy
    deadline = deadline_of(policy, act.window, now)
    (reference,) = free_references("ISS", Issue.reference, 1)
    issue = Issue(
        authority_id=act.scheme.authority_id,
        reference=reference,
        scheme_id=act.scheme.id,
        lot_id=act.lot.id,
        batch_id=act.batch.id if act.batch else None,
        window=act.window,
        state=OfferState.OPEN if anybody else OfferState.CLOSED,
        issued_at=now,
        deadline=deadline,
        first_deadline=deadline,
        ended_at=None if anybody else now,
        ended_because=None if anybody else NOBODY,
        seed=seed,
        seed_hash=sha256(seed.encode()).hexdigest(),
        quality_weight=policy.quality_weight,
        price_weight=policy.price_weight,
        price_scoring=policy.price_scoring,
        quality_minimum=policy.quality_minimum,
        yardstick_pence=policy.yardstick_pence,
        issued_by=act.by.id,
        issued_by_label=act.by.label,
    )
    db.session.add(issue)
    db.session.flush()
    return issue


def _record(issue: Issue, reach: Reach, *, by: Actor) -> None:
    """One entry for the whole act; the digest proves later which provider was asked about which package."""
    providers = [member.member_id for member in reach.members]
    invited = {asking.sifted.invited for asking in reach.rounds}
    named = {mask: ",".join(providers[place] for place in places(mask)) for mask in invited}
    content = sha256()
    for package_id, mask in sorted((str(asking.package.id), asking.sifted.invited) for asking in reach.rounds):
        content.update(f"{package_id}:{named[mask]}\n".encode())
    audit.record(
        "issue:made",
        issue,
        by=by,
        packages=len(reach.rounds),
        offers=len(reach.asked),
        lines=sum(asking.asked for asking in reach.rounds),
        deadline=local_text(issue.deadline),
        digest=content.hexdigest(),
    )
