"""Offering: a batch or one package to every eligible member, at one instant, on terms that are frozen with it.

The rows are written set by set: rounds, who was not asked, offers and their lines.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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
from marketplace.holidays.queries import calendar_of
from marketplace.invitations.eligibility import places
from marketplace.invitations.reach import PackageReach, Reach, reach_of
from marketplace.invitations.rules import MemberFacts
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Urgency, reasons_too_soon
from marketplace.packages.services import mark_unsourced, put_on_offer
from marketplace.rounds.letters import tell_of_new_offers
from marketplace.rounds.models import Exclusion, Issue, NotInvited, Offer, OfferLine, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import Lot, Scheme, SchemePolicy
from marketplace.schemes.queries import deadline_of, first_start, limits_for, policy_on
from marketplace.schemes.regime_rules import reasons_against_award_under
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


Made = Sequence[tuple[Issue, _Offering]]


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
    _refuse_too_soon(packages, policy, batch.window)
    reach = reach_of(batch.scheme, policy, packages)
    (issue,) = _issue([_Offering(batch.scheme, policy, batch.lot, batch.window, reach, by, batch=batch)])
    return issue


def issue_package(package: Package, *, by: Actor, changed_since: str = "", is_covered: bool = False) -> Issue:
    """Offers one package, ready or unsourced, to every eligible member; `changed_since` the last round, in words."""
    (issue,) = issue_each([package], by=by, changed_since=changed_since, is_covered=is_covered)
    return issue


def issue_each(
    packages: Sequence[Package], *, by: Actor, changed_since: str = "", is_covered: bool = False
) -> list[Issue]:
    """Offers packages of one scheme, each by itself; what is read and written is so once for all.

    Where a present provider goes on until another begins (`is_covered`), no start is too soon to be asked for.
    """
    wanted = select(Package).where(Package.id.in_([package.id for package in packages])).order_by(Package.id)
    locked_packages = {package.id: package for package in db.session.scalars(locked(wanted)).unique()}
    in_order = [locked_packages[package.id] for package in packages]
    _refuse_others(in_order, CAN_BE_OFFERED)
    scheme = in_order[0].scheme
    policy = _policy_to_offer_under(scheme)
    for window in () if is_covered else Window:
        _refuse_too_soon([package for package in in_order if window_of(package) is window], policy, window)
    reach, words = reach_of(scheme, policy, in_order), changed_since.strip()
    return _issue(
        [
            _Offering(scheme, policy, package.lot, window_of(package), alone, by, changed_since=words)
            for package, alone in zip(in_order, reach.each(), strict=True)
        ]
    )


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


def _refuse_too_soon(packages: Sequence[Package], policy: SchemePolicy, window: Window) -> None:
    """Nobody is asked about care that would have to begin before it can."""
    if packages and (reasons := reasons_too_soon(packages, first_start(policy, window, clock.now()))):
        raise Conflict(" ".join(reasons))


def _issue(acts: Sequence[_Offering]) -> list[Issue]:
    """Makes the issues of one person's acts of offering, with all that belongs to them."""
    references, by = FreeReferences("ISS", Issue.reference).take(len(acts)), acts[0].by
    made = [(_new_issue(act, reference), act) for act, reference in zip(acts, references, strict=True)]
    db.session.add_all(issue for issue, _ in made)
    db.session.flush()
    _insert_offers(made, _insert_rounds(made))
    reached = [package for act in acts for package in act.reach.packages]
    put_on_offer([each.package for each in reached], by=by)
    for each in reached:
        if not each.invited_count:
            mark_unsourced([each.package], by=by, because=each.unsourced_sentence)
    tell_of_new_offers([(issue, act.reach) for issue, act in made])
    audit.record_told("issue:made", [(issue, _facts(issue, act.reach)) for issue, act in made], by=by)
    for issue, act in made:
        if act.batch is not None and issue.state is OfferState.CLOSED:
            settle(act.batch, by=by)
    return [issue for issue, _ in made]


def _new_issue(act: _Offering, reference: str) -> Issue:
    now, seed, policy, anybody = clock.now(), secrets.token_hex(32), act.policy, bool(act.reach.invited)
    deadline = deadline_of(policy, act.window, now, calendar_of(act.scheme.authority_id))
    return Issue(
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


def _facts(issue: Issue, reach: Reach) -> dict[str, object]:
    """What the audit keeps of an issue; the digest proves later which provider was asked about which package."""
    providers = [member.member_id for member in reach.members]
    invited = {reached.invited.members for reached in reach.packages}
    named = {members: ",".join(providers[place] for place in places(members)) for members in invited}
    content = sha256()
    for package_id, members in sorted((str(reached.package.id), reached.invited.members) for reached in reach.packages):
        content.update(f"{package_id}:{named[members]}\n".encode())
    return {
        "packages": len(reach.packages),
        "offers": len(reach.invited),
        "lines": sum(reached.invited_count for reached in reach.packages),
        "deadline": local_text(issue.deadline),
        "digest": content.hexdigest(),
    }


def _insert_rounds(made: Made) -> dict[UUID, UUID]:
    """A round per package, and per round and reason who was not asked; the rounds' ids by package."""
    reached_packages = [reached for _, act in made for reached in act.reach.packages]
    numbers = _next_numbers([reached.package for reached in reached_packages])
    ids, limits_of, rows = {package_id: new_id() for package_id in numbers}, cache(limits_for), []
    for issue, act in made:
        for reached in act.reach.packages:
            package, number = reached.package, numbers[reached.package.id]
            # Those of the day of issue: under these limits the answers are judged for good.
            band = limits_of(issue.lot_id, package.zone_id, clock.today())
            rows.append(
                {
                    "id": ids[package.id],
                    "issue_id": issue.id,
                    "package_id": package.id,
                    "number": number,
                    "floor_pence": band.floor_pence,
                    "ceiling_pence": band.ceiling_pence,
                    "area_shown": reached.area_shown,
                    "changed_since": (act.changed_since or NOTHING) if number > 1 else None,
                }
                | _state(issue, reached)
            )
    authority_id = made[0][0].authority_id
    ready_rows(Round, rows, {"authority_id": authority_id}).write()
    _insert_not_invited(authority_id, reached_packages, ids)
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


def _insert_not_invited(authority_id: UUID, packages: Sequence[PackageReach], rounds: dict[UUID, UUID]) -> None:
    """Each list of members once, and per round which lists hold for it: thousands of packages share a few hundred."""
    lists = {id(excluded): excluded for reached in packages for excluded in reached.excluded}
    list_ids = {key: new_id() for key in lists}
    kept = [
        {"id": list_ids[key], "code": excluded.code.value, "providers": excluded.sentences}
        for key, excluded in lists.items()
    ]
    ready_rows(Exclusion, kept, {"authority_id": authority_id}).write()
    authority, named = authority_id.hex, {key: list_id.hex for key, list_id in list_ids.items()}
    by_round = sorted((rounds[reached.package.id].hex, reached.excluded) for reached in packages)
    rows = ((authority, round_id, named[id(excluded)]) for round_id, lists_of in by_round for excluded in lists_of)
    write_identifiers(NotInvited, ("authority_id", "round_id", "exclusion_id"), rows)


def _insert_offers(made: Made, rounds: dict[UUID, UUID]) -> None:
    """An offer per provider with a ticket of its own for the draw, and a line per package it is eligible for."""
    asked = [(issue, place, member) for issue, act in made for place, member in act.reach.invited]
    references = FreeReferences("OFF", Offer.reference).take(len(asked))
    rows = [_offer_row(issue, who, own) for (issue, _, who), own in zip(asked, references, strict=True)]
    offers: defaultdict[UUID, dict[int, str]] = defaultdict(dict)
    for (issue, place, _), row in zip(asked, rows, strict=True):
        offers[issue.id][place] = row["id"].hex
    ready_rows(Offer, rows).write()
    for issue, act in made:
        if issue.id in offers:
            write_pairs(OfferLine, _lines(issue, act.reach, rounds, offers[issue.id]))


def _lines(issue: Issue, reach: Reach, rounds: dict[UUID, UUID], offers: Mapping[int, str]) -> Pairs:
    """Every round with each of the offers of those who are invited to it; rounds with the same guests share their list."""
    invited = {reached.invited.members for reached in reach.packages}
    groups = {members: sorted(offers[place] for place in places(members)) for members in invited}
    ones = sorted((rounds[reached.package.id].hex, reached.invited.members) for reached in reach.packages)
    return Pairs("round_id", "offer_id", {"authority_id": issue.authority_id.hex}, ones, groups)


def _offer_row(issue: Issue, member: MemberFacts, reference: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "authority_id": issue.authority_id,
        "reference": reference,
        "issue_id": issue.id,
        "provider_id": UUID(member.member_id),
        "ticket": secrets.token_hex(16),
        "issued_at": issue.issued_at,
        "opened_at": None,
    }
