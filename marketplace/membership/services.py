"""Commands on memberships: how they begin, a member's own facts, the capacity that awards take, and leaving."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, or_, select, update

from app import audit, clock
from app.audit import Actor
from app.audit.moves import set_state
from app.database import db, locked, new_id
from app.database.bulk import insert_rows
from app.database.many import among, rows_changed
from app.errors import Conflict, Invalid
from app.values.money import Money
from marketplace.applications.models import Application
from marketplace.applications.rules import kind_of
from marketplace.applications.services import MOST_MINUTES
from marketplace.membership.models import Capacity, EntryAssessment, Membership, MembershipArea, Pause
from marketplace.membership.queries import lots_joined
from marketplace.membership.rules import MEMBER_STATES, MembershipState
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme, Zone
from marketplace.schemes.queries import limits_for

KNOWN_ELSEWHERE = (
    "Another council works with this organisation too, so one council alone cannot shut it out. Suspend new offers to it, "
    "and ask whoever runs Homeward."
)
NO_MEMBER = "This location is no member of the scheme now."
CHANGED_MEANWHILE = "Somebody else changed this membership at the same moment. Reload the page."

Values = dict[str, Any]


def set_areas(membership: Membership, included: Sequence[str], excluded: Sequence[str], *, by: Actor) -> None:
    """Replaces the areas of one lot. Both lists are in normal form (see `parse_areas`).

    Raises Invalid when nothing is included or an area stands in both lists, Conflict when the membership has ended.
    """
    _refuse_ended(membership)
    if not included:
        raise Invalid({"included": "Enter at least one area, or leave the lot instead."})
    if both := [area for area in included if area in set(excluded)]:
        raise Invalid({"excluded": f"{both[0]} stands in both lists. Take it out of one of them."})
    db.session.execute(delete(MembershipArea).where(MembershipArea.membership_id == membership.id))
    whose = {"id": membership.id, "authority_id": membership.authority_id}
    kinds = {CoverageKind.INCLUDE: included, CoverageKind.EXCLUDE: excluded}
    rows = [_area(whose, area, kind) for kind, areas in kinds.items() for area in areas]
    insert_rows(MembershipArea, rows)
    db.session.flush()
    db.session.expire(membership, ["areas"])
    audit.record("membership:areas_changed", membership, by=by, areas=len(rows))


def set_standing_price(membership: Membership, price_pence: int | None, *, by: Actor) -> None:
    """The price of a yes by email link, between floor and ceiling; None: no such yes. Raises Invalid."""
    _refuse_ended(membership)
    if price_pence is not None:
        limits = limits_for(membership.lot_id, None, clock.today())
        if not limits.floor_pence <= price_pence <= limits.ceiling_pence:
            between = f"{Money(limits.floor_pence)} and {Money(limits.ceiling_pence)}"
            raise Invalid({"price": f"Enter a price between {between}, the floor and the ceiling of this lot."})
    membership.standing_price_pence = price_pence
    db.session.flush()
    audit.record("membership:standing_price_set", membership, by=by)


def declare_capacity(scheme: Scheme, provider: Provider, zone: Zone | None, minutes: int, *, by: Actor) -> Capacity:
    """Declares the new minutes a week a member can take from now, whole or in one zone; what was taken before is in it.

    Raises Invalid when it is no sensible number.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid({"hours": "Enter a number of new hours a week, such as 120."})
    _refuse_stranger(scheme, provider)
    place = {"scheme_id": scheme.id, "provider_id": provider.id, "zone_id": zone.id if zone else None}
    row = db.session.scalars(locked(select(Capacity).filter_by(**place))).one_or_none()
    row = row or Capacity(authority_id=scheme.authority_id, **place)
    row.declared_minutes, row.committed_minutes, row.declared_at = minutes, 0, clock.now()
    db.session.add(row)
    db.session.flush()
    audit.record("capacity:declared", row, by=by, minutes=minutes, zone=zone.name if zone else None)
    return row


def pause(scheme: Scheme, provider: Provider, zone: Zone | None, *, by: Actor) -> Pause:
    """Takes no new offers from now, everywhere or in one zone; raises Conflict when it is paused there already."""
    _refuse_stranger(scheme, provider)
    zone_id = zone.id if zone else None
    open_now = select(Pause.zone_id).where(
        Pause.scheme_id == scheme.id, Pause.provider_id == provider.id, Pause.ended_at.is_(None)
    )
    if zone_id in db.session.scalars(locked(open_now)).all():
        raise Conflict("New offers are paused there already.")
    pause = Pause(authority_id=scheme.authority_id, scheme_id=scheme.id, provider_id=provider.id, zone_id=zone_id)
    db.session.add(pause)
    db.session.flush()
    audit.record("pause:started", pause, by=by, zone=zone.name if zone else None)
    return pause


def end_pause(pause: Pause, *, by: Actor) -> None:
    """Takes new offers again; raises Conflict when the pause has ended."""
    still_open = update(Pause).where(Pause.id == pause.id, Pause.ended_at.is_(None))
    if not rows_changed(still_open.values(ended_at=clock.now())):
        raise Conflict("This pause has ended already.")
    audit.record("pause:ended", pause, by=by, zone=pause.zone.name if pause.zone else None)


def leave(membership: Membership, because: str, *, by: Actor) -> None:
    """The provider leaves one lot; care that it gives goes on under its agreements. Raises Invalid, Conflict."""
    if not because.strip():
        raise Invalid({"because": "Say why you leave."})
    set_membership_state(membership, MembershipState.LEFT, ended_on=clock.today(), ended_because=because.strip())
    audit.record("membership:left", membership, by=by, reason=because.strip())


def set_membership_state(membership: Membership, to: MembershipState, **values: object) -> None:
    """Moves a membership from the state that was seen; raises Conflict when it stands elsewhere."""
    set_state([membership], to, values=values, starts={membership.state}, meanwhile=CHANGED_MEANWHILE)


def _refuse_ended(membership: Membership) -> None:
    if membership.state not in MEMBER_STATES:
        raise Conflict("This membership has ended. Apply again to join the lot.")


def _refuse_stranger(scheme: Scheme, provider: Provider) -> None:
    if not lots_joined(scheme.id, provider.id):
        raise Conflict(NO_MEMBER)


# ------------------------------------------------------------------------------ capacity that awards take


class CapacityInHand:
    """What some members of a scheme have left of what they declared, while awards take from it, one after another.

    `take` needs it locked: then two who award at one instant queue, and never take more than there is.
    """

    def __init__(self, scheme_id: UUID, provider_ids: Iterable[UUID], *, lock: bool = False) -> None:
        query = select(Capacity).where(Capacity.scheme_id == scheme_id, among(Capacity.provider_id, set(provider_ids)))
        rows = db.session.scalars(locked(query.order_by(Capacity.id)) if lock else query)
        self._rows: defaultdict[UUID, list[Capacity]] = defaultdict(list)
        for row in rows:
            self._rows[row.provider_id].append(row)

    def left(self, provider_id: UUID, *zone_ids: UUID | None) -> int:
        """Minutes a week that a provider can still take in any one of these zones, 0 undeclared.

        That is the least of what is left of its whole and of each zone for which it declared some.
        """
        rows = self._reaching(provider_id, zone_ids)
        return min((row.declared_minutes - row.committed_minutes for row in rows), default=0)

    def take(self, provider_id: UUID, zone_id: UUID | None, minutes: int) -> None:
        """Takes minutes a week, of the whole and, if declared, of the zone; `left` has said that there are enough."""
        for row in self._reaching(provider_id, (zone_id,)):
            row.committed_minutes += minutes

    def _reaching(self, provider_id: UUID, zone_ids: Collection[UUID | None]) -> list[Capacity]:
        return [row for row in self._rows[provider_id] if row.zone_id is None or row.zone_id in zone_ids]


def release_capacity(
    scheme_id: UUID, provider_id: UUID, zone_id: UUID | None, minutes: int, *, taken_at: datetime | None = None
) -> None:
    """Gives minutes back when an award falls through or care has begun; never below nothing taken.

    With `taken_at` only declarations that stood then get them back: a newer one already counts without them.
    """
    left = case((Capacity.committed_minutes > minutes, Capacity.committed_minutes - minutes), else_=0)
    reached = or_(Capacity.zone_id.is_(None), Capacity.zone_id == zone_id)
    rows = Capacity.scheme_id == scheme_id, Capacity.provider_id == provider_id, reached
    command = update(Capacity).where(*rows).values(committed_minutes=left)
    rows_changed(command.where(Capacity.declared_at <= taken_at) if taken_at else command)


# ------------------------------------------------------------------------------------- how memberships begin


def begin_memberships(applications: Sequence[Application], by: Actor) -> None:
    """Makes admitted applications into memberships, one per lot, with areas, entry score and declared capacity.

    A provider that was here before keeps its entry assessment and its capacity; they take the new figures.
    """
    today = clock.today()
    began = {"state": MembershipState.ACTIVE, "since": today}
    memberships = [
        {**_in_scheme(each), "lot_id": UUID(lot_id), "application_id": each.id, **began}
        for each in applications
        for lot_id in each.lot_ids
    ]
    areas = {each.id: each.areas for each in applications}
    insert_rows(Membership, memberships)
    insert_rows(MembershipArea, [_area(row, area) for row in memberships for area in areas[row["application_id"]]])
    schemes = {each.scheme_id for each in applications}
    assessed = select(EntryAssessment.scheme_id, EntryAssessment.provider_id)
    rows = db.session.execute(assessed.where(EntryAssessment.scheme_id.in_(schemes)))
    known = {(row.scheme_id, row.provider_id) for row in rows}
    newcomers = [each for each in applications if _at(each) not in known]
    scores = [{**_in_scheme(each), "entry_score": each.entry_score, "entry_assessed_on": today} for each in newcomers]
    insert_rows(EntryAssessment, scores)
    insert_rows(Capacity, [_capacity_of(each) for each in newcomers])
    for returning in applications:
        if _at(returning) in known:
            _renew(returning)
    if len(applications) == 1:
        audit.record("membership:began", applications[0], by=by, lots=len(memberships))


def refuse_known_elsewhere(organisation_id: UUID, authority_id: UUID) -> None:
    """One council shuts out only what it alone works with. Raises Conflict otherwise."""
    own = select(Provider.id).where(Provider.organisation_id == organisation_id)
    for table in (Membership, Application):
        elsewhere = select(table.id).where(table.provider_id.in_(own), table.authority_id != authority_id)
        if db.session.scalar(elsewhere.limit(1)):
            raise Conflict(KNOWN_ELSEWHERE)


def refuse_joined_lots(scheme: Scheme, provider: Provider, lot_ids: Sequence[UUID], errors: dict[str, str]) -> None:
    """Nobody applies for a lot of which they are a member now."""
    joined = lots_joined(scheme.id, provider.id)
    if again := [lot.name for lot in scheme.lots if lot.id in joined and lot.id in lot_ids]:
        errors.setdefault("lots", f"This location is a member already: {', '.join(again)}.")


def _in_scheme(application: Application) -> Values:
    return {
        "id": new_id(),
        "authority_id": application.authority_id,
        "scheme_id": application.scheme_id,
        "provider_id": application.provider_id,
    }


def _capacity_of(application: Application) -> Values:
    declared = {"declared_minutes": application.capacity_minutes, "declared_at": clock.now()}
    return {**_in_scheme(application), **declared, "committed_minutes": 0}


def _area(membership: Values, area: str, kind: CoverageKind = CoverageKind.INCLUDE) -> Values:
    whose = {"authority_id": membership["authority_id"], "membership_id": membership["id"]}
    return {"id": new_id(), **whose, "kind": kind, "area_kind": kind_of(area), "area": area}


def _at(application: Application) -> tuple[UUID, UUID]:
    return application.scheme_id, application.provider_id


def _renew(application: Application) -> None:
    same = {"scheme_id": application.scheme_id, "provider_id": application.provider_id}
    assessment = db.session.scalars(select(EntryAssessment).filter_by(**same)).one()
    if application.entry_score is not None:
        assessment.entry_score, assessment.entry_assessed_on = application.entry_score, clock.today()
    capacity = db.session.scalars(select(Capacity).filter_by(**same, zone_id=None)).one_or_none()
    if capacity is None:
        insert_rows(Capacity, [_capacity_of(application)])
    else:
        capacity.declared_minutes, capacity.committed_minutes = application.capacity_minutes, 0
        capacity.declared_at = clock.now()
    db.session.flush()
