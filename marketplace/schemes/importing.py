"""Setting up a scheme and bringing it up to date from its file. The same file again changes nothing.

A file adds and changes; what it does not name stays as it is. Over a page or the API it is work that a person waits
for: queued, scanned and checked first, then put in place at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Invalid
from app.files.source import stream_of
from app.imports.kinds import FileKind, Upload
from app.parties.models import Organisation
from app.parties.roles import OrganisationKind
from app.parties.services import organisation_named, team_named
from app.tasks import Task
from app.values.spelling import same_as_read
from marketplace.schemes.models import Lot, Scheme, Zone, ZoneArea
from marketplace.schemes.queries import policy_in_force, prices_of, teams_of, terms_of
from marketplace.schemes.regime_rules import LAST_AWARD_DAY, Regime
from marketplace.schemes.rules import PriceLimits, rows_in_force
from marketplace.schemes.scheme_file import LotTerms, SchemeTerms, ZoneTerms, read_scheme_file
from marketplace.schemes.services import add_policy, change_end, correct_outline, list_decline_codes, set_price

FROM_FILE = "Entered from the scheme's file"


@dataclass(frozen=True, slots=True)
class SchemeImported:
    """What a file did: `changes` are sentences, empty when everything was so already."""

    scheme: Scheme
    created: bool
    changes: tuple[str, ...]


def import_scheme(
    data: bytes, *, by: Actor, authority_name: str = "", established_on: date | None = None
) -> SchemeImported:
    """Sets up or updates a scheme from its file, for the authority it names or the one given; registers it if new.

    `established_on` (today unless given) is for a file that does not say it. Raises Invalid with every problem.
    """
    terms = read_scheme_file(data)
    authority = organisation_named(OrganisationKind.COUNCIL, authority_name or terms.authority, by=by)
    return put_in_place(terms, authority, by=by, established_on=established_on)


def own_terms(authority: Organisation, data: bytes) -> SchemeTerms:
    """What a file of this authority says; one of another authority is refused. Raises Invalid with every problem."""
    terms = read_scheme_file(data)
    if not same_as_read(terms.authority, authority.name):
        raise Invalid({"authority": f"authority: This file is of another authority than {authority.name}."})
    return terms


def put_in_place(
    terms: SchemeTerms, authority: Organisation, *, by: Actor, established_on: date | None = None
) -> SchemeImported:
    """Makes the scheme as the terms say, adding and changing only what differs."""
    named = select(Scheme).where(Scheme.authority_id == authority.id, Scheme.name == terms.name)
    scheme = db.session.scalars(named).one_or_none()
    created = scheme is None
    scheme = scheme or _create(terms, authority, established_on or clock.today(), by)
    outline = [] if created else _put_outline(scheme, terms, by)  # which may correct the day from which the rest holds
    begins = terms.valid_from or (scheme.established_on if created else max(clock.today(), scheme.established_on))
    changes = [
        *outline,
        *_put_icb(scheme, terms, by),
        *_put_policy(scheme, terms, begins, by),
        *_put_zones(scheme, terms.zones, by=by),
        *_put_lots(scheme, terms.lots, begins, by=by),
        *_put_teams(authority, terms),
    ]
    if reasons := list_decline_codes(authority.id):
        audit.record("scheme:decline_reasons_listed", scheme, by=by, reasons=reasons)
    db.session.expire(scheme, ["lots", "zones"])
    return SchemeImported(scheme, created, tuple(changes))


def _check(task: Task, upload: Upload) -> SchemeTerms:
    return own_terms(_authority(task), stream_of(upload.content).read())


def _apply(task: Task, terms: SchemeTerms, by: Actor) -> dict[str, object]:
    done = put_in_place(terms, _authority(task), by=by)
    changes = f"Changed: {' '.join(done.changes)}" if done.changes else "Everything in this file was so already."
    return {
        "scheme": done.scheme.name,
        "created": "yes" if done.created else "no",
        "changes": f"The scheme {done.scheme.name} is set up." if done.created else changes,
        "url": f"/schemes/{done.scheme.id}",
    }


def _authority(task: Task) -> Organisation:
    return db.session.get_one(Organisation, task.authority_id)


SCHEME_FILE = FileKind(
    name="schemes:import",
    check=_check,
    apply=_apply,
    refused="Nothing was changed. Correct what is named below and upload the file again.",
    again=True,  # it brings back what was changed since
)


# -------------------------------------------------------------------------------- what a scheme is, and how it decides


def _create(terms: SchemeTerms, authority: Organisation, established_on: date, by: Actor) -> Scheme:
    if terms.regime is Regime.PCR2015_DPS and terms.ends_on and terms.ends_on > LAST_AWARD_DAY:
        raise Invalid({"ends_on": "ends_on: A dynamic purchasing system cannot run beyond 23 February 2029."})
    scheme = Scheme(
        authority_id=authority.id,
        name=terms.name,
        regime=terms.regime,
        established_on=terms.established_on or established_on,
        ends_on=terms.ends_on,
    )
    db.session.add(scheme)
    db.session.flush()
    audit.record("scheme:created", scheme, by=by, name=scheme.name, regime=scheme.regime.value)
    return scheme


def _put_outline(scheme: Scheme, terms: SchemeTerms, by: Actor) -> list[str]:
    """What identifies a scheme cannot change under it once it has begun; its end can, where the regime lets it."""
    begins = terms.established_on or scheme.established_on
    corrected = scheme.established_on > clock.today() and correct_outline(scheme, terms.regime, begins, by=by)
    changes = ["The regime or the first day of the scheme was corrected."] if corrected else []
    if terms.regime is not scheme.regime:
        raise Invalid({"regime": "regime: A scheme keeps its regime. Set up a new scheme under another name."})
    if terms.established_on not in (None, scheme.established_on):
        raise Invalid({"established_on": "established_on: The day on which a scheme began does not change."})
    if terms.ends_on in (None, scheme.ends_on):
        return changes
    change_end(scheme, terms.ends_on, because=FROM_FILE, by=by)
    return [*changes, "The end of the scheme was changed."]


def _put_icb(scheme: Scheme, terms: SchemeTerms, by: Actor) -> list[str]:
    if not terms.default_icb:
        return []
    icb = organisation_named(OrganisationKind.ICB, terms.default_icb, by=by)
    if scheme.default_icb_id == icb.id:
        return []
    scheme.default_icb_id = icb.id
    audit.record("scheme:icb_changed", scheme, by=by, icb=icb.name)
    return [f"{icb.name} shares in health-funded packages."]


def _put_policy(scheme: Scheme, terms: SchemeTerms, begins: date, by: Actor) -> list[str]:
    in_force = policy_in_force(scheme.id, begins)
    if in_force is not None and terms_of(in_force) == terms.policy:
        return []
    add_policy(scheme, terms.policy, begins, because=FROM_FILE, by=by)
    return [f"A policy from {begins.day} {begins:%B %Y}."]


def _put_teams(authority: Organisation, terms: SchemeTerms) -> list[str]:
    known = {team.name: team.email for team in teams_of(authority.id)}
    changed = [team for team in terms.teams if known.get(team.name) != team.email]
    for team in changed:
        team_named(authority, team.name, team.email)
    return [f"Team {team.name}." for team in changed]


# ------------------------------------------------------------------------------------------ its zones, lots and prices


def _put_zones(scheme: Scheme, wanted: Sequence[ZoneTerms], *, by: Actor) -> list[str]:
    """Makes the zones hold exactly the areas given; returns a sentence for each one changed."""
    known = {zone.name: zone for zone in _zones(scheme)}
    _refuse_taken_areas(known, wanted)
    return [f"Zone {terms.name}." for terms in wanted if _put_zone(scheme, known.get(terms.name), terms, by)]


def _put_lots(scheme: Scheme, wanted: Sequence[LotTerms], begins: date, *, by: Actor) -> list[str]:
    """Adds lots that are new, and floors and ceilings that differ, from a day on; returns a sentence for each."""
    known = {lot.name: lot for lot in db.session.scalars(select(Lot).where(Lot.scheme_id == scheme.id))}
    changes: list[str] = []
    for position, terms in enumerate(wanted):
        lot = known.get(terms.name)
        if lot is None:
            owned = {"authority_id": scheme.authority_id, "scheme_id": scheme.id}
            lot = known[terms.name] = Lot(**owned, name=terms.name, unit=terms.unit, position=position)
            db.session.add(lot)
            db.session.flush()
            audit.record("scheme:lot_added", scheme, by=by, lot=lot.name, unit=lot.unit.value)
            changes.append(f"Lot {lot.name}.")
        elif lot.unit is not terms.unit:
            raise Invalid(
                {"lots": f"lots: {lot.name} keeps its unit ({lot.unit.value}), since prices were given in it."}
            )
    return changes + _put_prices(scheme, known, wanted, begins, by)


def _put_prices(scheme: Scheme, lots: dict[str, Lot], wanted: Iterable[LotTerms], begins: date, by: Actor) -> list[str]:
    zones, rows = {zone.name: zone for zone in _zones(scheme)}, prices_of(scheme.id)
    changes = []
    for terms in wanted:
        lot = lots[terms.name]
        now = rows_in_force([row for row in rows if row.lot_id == lot.id], begins)
        known = {(row.zone_id, row.band): PriceLimits(row.floor_pence, row.ceiling_pence) for row in now}
        for zone_name, band, limits in terms.limits:
            zone = zones[zone_name] if zone_name else None
            if known.get((zone.id if zone else None, band)) != limits:
                set_price(lot, limits, begins, zone=zone, band=band, by=by)
                changes.append(f"Floor and ceiling of {terms.name}{f' in {zone.name}' if zone else ''}.")
    return changes


def _zones(scheme: Scheme) -> list[Zone]:
    query = select(Zone).where(Zone.scheme_id == scheme.id).options(selectinload(Zone.areas))
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _refuse_taken_areas(known: dict[str, Zone], wanted: Sequence[ZoneTerms]) -> None:
    """An area lies in one zone. The file was checked in itself; here, against zones that it does not name."""
    named = {terms.name for terms in wanted}
    taken = {area.area for name, zone in known.items() if name not in named for area in zone.areas}
    if doubles := sorted({area for terms in wanted for _, area in terms.areas} & taken):
        raise Invalid({"zones": f"zones: In another zone of the scheme already: {', '.join(doubles[:10])}."})


def _put_zone(scheme: Scheme, zone: Zone | None, terms: ZoneTerms, by: Actor) -> bool:
    have = {(area.area_kind, area.area) for area in zone.areas} if zone else set()
    want = set(terms.areas)
    if zone is not None and have == want and zone.code == terms.code:
        return False
    owned = {"authority_id": scheme.authority_id}
    zone = zone or Zone(**owned, scheme_id=scheme.id, name=terms.name)
    zone.code = terms.code
    db.session.add(zone)
    db.session.flush()
    added, gone = sorted(area for _, area in want - have), sorted(area for _, area in have - want)
    db.session.execute(delete(ZoneArea).where(ZoneArea.zone_id == zone.id, ZoneArea.area.in_(gone)))
    db.session.add_all(ZoneArea(**owned, zone_id=zone.id, area_kind=kind, area=area) for kind, area in want - have)
    db.session.flush()
    db.session.expire(zone, ["areas"])
    facts = {"zone": zone.name, "added": ", ".join(added), "removed": ", ".join(gone)}
    audit.record("scheme:zone_changed", scheme, by=by, **facts)
    return True
