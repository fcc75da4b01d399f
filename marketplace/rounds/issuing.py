"""Offering: a batch or one package to every eligible member, at one instant, on terms that are frozen with it.

The rows are written set by set: rounds, who was not asked, offers and their lines.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from app import audit, clock
from app.audit import Actor
from app.calendar.deadlines import local_text
from app.database import db, in_bulk, locked, new_id
from app.database.bulk import Pairs, ready_rows, write_identifiers, write_pairs
from app.database.many import FreeReferences, among
from app.errors import Conflict
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.moves import mark_offered, settle
from marketplace.batches.rules import BatchState
from marketplace.invitations.eligibility import places
from marketplace.invitations.reach import PackageReach, Reach, reach_of
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Urgency
from marketplace.packages.services import mark_unsourced, put_on_offer
from marketplace.rounds.letters import Addressee, asked_in_issue, tell_of_new_offers
from marketplace.rounds.models import Exclusion, Issue, NotInvited, Offer, OfferLine, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import Lot, Scheme, SchemePolicy
from marketplace.schemes.queries import deadline_of, limits_for, policy_on
from marketplace.schemes.regime_rules import reasons_against_award_under
from marketplace.schemes.rules import PriceLimits
from marketplace.vocabulary import Window

# What decides about a package's offer and is shown of it; of a county's packages the rest is not read.
DECIDING = (
    *(Package.authority_id, Package.reference, Package.scheme_id, Package.lot_id, Package.zone_id),
    *(Package.outcode, Package.sector, Package.easting, Package.northing, Package.carer_gender),
    *(Package.planned_start, Package.weekly_minutes, Package.status, Package.urgency),
)

NOBODY = "Nobody could be asked."
NOTHING = "Nothing"
CAN_BE_OFFERED = frozenset({PackageStatus.READY, PackageStatus.UNSOURCED})


@dataclass(frozen=True, slots=True)
class _Offering:
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
    return _issue(_Offering(batch.scheme, policy, batch.lot, batch.window, reach, by, batch=batch))


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
        _issue(_Offering(scheme, policy, package.lot, window_of(package), alone, by, changed_since=words))
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


def _issue(act: _Offering) -> Issue:
    reach = act.reach
    issue = _new_issue(act, anybody=bool(reach.invited))
    rounds = _insert_rounds(issue, reach, act.changed_since)
    offers = _insert_offers(issue, reach, rounds)
    put_on_offer([reached.package for reached in reach.packages], by=act.by)
    for reached in reach.packages:
        if not reached.invited_count:
            mark_unsourced([reached.package], by=act.by, because=reached.unsourced_sentence)
    tell_of_new_offers(issue, reach, offers)
    _record(issue, reach, by=act.by)
    if act.batch is not None and issue.state is OfferState.CLOSED:
        settle(act.batch, by=act.by)
    return issue


def _new_issue(act: _Offering, *, anybody: bool) -> Issue:
    now, seed, policy = clock.now(), secrets.token_hex(32), act.policy
    deadline = deadline_of(policy, act.window, now)
    (reference,) = FreeReferences("ISS", Issue.reference).take(1)
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
    invited = {reached.invited.members for reached in reach.packages}
    named = {members: ",".join(providers[place] for place in places(members)) for members in invited}
    content = sha256()
    for package_id, members in sorted((str(reached.package.id), reached.invited.members) for reached in reach.packages):
        content.update(f"{package_id}:{named[members]}\n".encode())
    audit.record(
        "issue:made",
        issue,
        by=by,
        packages=len(reach.packages),
        offers=len(reach.invited),
        lines=sum(reached.invited_count for reached in reach.packages),
        deadline=local_text(issue.deadline),
        digest=content.hexdigest(),
    )


def _insert_rounds(issue: Issue, reach: Reach, changed_since: str) -> dict[UUID, UUID]:
    """A round per package, and per round and reason who was not asked; the rounds' ids by package."""
    packages = [reached.package for reached in reach.packages]
    numbers, limits = _next_numbers(packages), _limits(issue, packages)
    ids = {package.id: new_id() for package in packages}
    shared = {"authority_id": issue.authority_id, "issue_id": issue.id}
    rows = []
    for reached in reach.packages:
        package, number = reached.package, numbers[reached.package.id]
        band = limits[package.zone_id]
        rows.append(
            {
                "id": ids[package.id],
                "package_id": package.id,
                "number": number,
                "floor_pence": band.floor_pence,
                "ceiling_pence": band.ceiling_pence,
                "area_shown": reached.area_shown,
                "changed_since": (changed_since or NOTHING) if number > 1 else None,
            }
            | _state(issue, reached)
        )
    ready_rows(Round, rows, shared).write()
    _insert_not_invited(issue, reach, ids)
    return ids


def _state(issue: Issue, reached: PackageReach) -> dict[str, object]:
    if reached.invited_count:
        return {"state": RoundState.OPEN, "ended_at": None, "ended_because": None}
    return {"state": RoundState.NONE_ACCEPTED, "ended_at": issue.issued_at, "ended_because": NOBODY}


def _next_numbers(packages: Sequence[Package]) -> dict[UUID, int]:
    query = select(Round.package_id, func.max(Round.number)).where(
        among(Round.package_id, [package.id for package in packages])
    )
    last = {row[0]: row[1] for row in db.session.execute(query.group_by(Round.package_id))}
    return {package.id: last.get(package.id, 0) + 1 for package in packages}


def _limits(issue: Issue, packages: Sequence[Package]) -> dict[UUID | None, PriceLimits]:
    """Floor and ceiling on the day of issue, by zone: the limits under which these answers are judged for good."""
    zones = {package.zone_id for package in packages}
    return {zone_id: limits_for(issue.lot_id, zone_id, clock.today()) for zone_id in zones}


def _insert_not_invited(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> None:
    """Each list of members once, and per round which lists hold for it: thousands of packages share a few hundred."""
    lists = {id(excluded): excluded for reached in reach.packages for excluded in reached.excluded}
    list_ids = {key: new_id() for key in lists}
    owned = {"authority_id": issue.authority_id}
    kept = [
        {"id": list_ids[key], "code": excluded.code.value, "providers": excluded.sentences} | owned
        for key, excluded in lists.items()
    ]
    ready_rows(Exclusion, kept).write()
    authority, named = issue.authority_id.hex, {key: list_id.hex for key, list_id in list_ids.items()}
    by_round = sorted((rounds[reached.package.id].hex, reached.excluded) for reached in reach.packages)
    rows = ((authority, round_id, named[id(excluded)]) for round_id, lists_of in by_round for excluded in lists_of)
    write_identifiers(NotInvited, ("authority_id", "round_id", "exclusion_id"), rows)


def _insert_offers(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> list[Addressee]:
    """An offer per provider with a ticket of its own for the draw, and a line per package it is eligible for."""
    asked = reach.invited
    if not asked:
        return []
    offers = _offer_rows(issue, [UUID(member.member_id) for _, member in asked])
    ready_rows(Offer, offers).write()
    by_place = {place: offer["id"].hex for (place, _), offer in zip(asked, offers, strict=True)}
    write_pairs(OfferLine, _lines(issue, reach, rounds, by_place))
    return asked_in_issue(issue.id)


def _lines(issue: Issue, reach: Reach, rounds: dict[UUID, UUID], offers: Mapping[int, str]) -> Pairs:
    """Every round with each of the offers of those who are invited to it; rounds with the same guests share their list."""
    invited = {reached.invited.members for reached in reach.packages}
    groups = {members: sorted(offers[place] for place in places(members)) for members in invited}
    ones = sorted((rounds[reached.package.id].hex, reached.invited.members) for reached in reach.packages)
    return Pairs("round_id", "offer_id", {"authority_id": issue.authority_id.hex}, ones, groups)


def _offer_rows(issue: Issue, provider_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    references = FreeReferences("OFF", Offer.reference).take(len(provider_ids))
    return [
        {
            "id": new_id(),
            "authority_id": issue.authority_id,
            "reference": reference,
            "issue_id": issue.id,
            "provider_id": provider_id,
            "ticket": secrets.token_hex(16),
            "issued_at": issue.issued_at,
            "opened_at": None,
        }
        for provider_id, reference in zip(provider_ids, references, strict=True)
    ]
