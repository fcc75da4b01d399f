"""Questions about packages, asked on behalf of a viewer: the scope, one package, its person, what keeps it from being ready,
and what its page shows. Lists are in `listing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.audit import Audience, access
from app.audit.queries import TimelineItem, timeline
from app.database import db, only_one
from app.errors import Conflict, NotFoundForViewer
from app.parties.models import Team
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.postcode import Postcode
from marketplace.disclosure.rules import WAITS, Question, TextVerdict, judge_texts
from marketplace.packages.models import (
    BlindText,
    Funder,
    NeedConfirmation,
    Package,
    PackageParty,
    TextClearance,
    ToldAddress,
)
from marketplace.packages.rules import (
    ADDRESS_IN_QUESTION,
    ASKED_ABOUT,
    EDITABLE,
    KNOWN_ALREADY,
    NEED_COLUMNS,
    SPLITTABLE,
    FundingSplit,
    Need,
    PackageStatus,
    need_confirmation_is_fresh,
    reasons_not_ready,
)
from marketplace.packages.visits import Visit, at_same_times
from marketplace.people import queries as people
from marketplace.people.matching import compares
from marketplace.people.models import Person
from marketplace.people.rules import Whereabouts, birth_in_question
from marketplace.providers.models import Provider
from marketplace.schemes.queries import policy_on

# Roles that look after the whole authority's packages; the others see those of their teams.
WHOLE_AUTHORITY = frozenset({Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER, Role.AUDITOR})
TEAM_ROLES = frozenset({Role.REFERRER, Role.SOCIAL_WORKER, Role.TEAM_MANAGER})
IDENTITY_EVERYWHERE = frozenset({Role.NAVIGATOR, Role.BROKER})


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which packages the viewer may see at all. Another organisation sees none whose texts are still in question."""
    reasons = []
    if viewer.is_commissioner and viewer.has(*WHOLE_AUTHORITY):
        reasons.append(Package.authority_id == viewer.authority_id)
    elif viewer.is_commissioner and viewer.has(*TEAM_ROLES):
        # As for people: somebody bound to teams sees those teams' packages and what no team has; a free role, all.
        theirs = or_(Package.referring_team_id.is_(None), Package.referring_team_id.in_(viewer.team_ids))
        reasons.append(and_(Package.authority_id == viewer.authority_id, theirs if viewer.team_ids else true()))
    if viewer.is_commissioner and viewer.has(Role.HEALTH_ASSESSOR):
        reasons.append(and_(Package.id.in_(party_packages(viewer)), Package.status != PackageStatus.DRAFT))
    return or_(*reasons) if reasons else false()


def party_packages(viewer: Viewer) -> Select[UUID]:
    """Packages in which the viewer's organisation takes part today though another leads."""
    today = clock.today()
    return select(PackageParty.package_id).where(
        PackageParty.organisation_id == viewer.organisation_id,
        PackageParty.starts_on <= today,
        or_(PackageParty.ends_on.is_(None), PackageParty.ends_on >= today),
    )


def package_for(viewer: Viewer, package_id: UUID) -> Package:
    """One package with all that its page shows, but the person; NotFoundForViewer outside the viewer's scope.

    To read: whoever has opened who the person is by break-glass reads the person's packages too.
    """
    opened = Package.person_id.in_(people.open_now(viewer)) if viewer.has(*people.MAY_OPEN) else false()
    return _package(package_id, or_(scope(viewer), opened))


def led_package(viewer: Viewer, package_id: UUID) -> Package:
    """A package that the viewer's own authority leads, to change it, so without break-glass; NotFoundForViewer for
    parties and strangers.
    """
    return _package(package_id, and_(scope(viewer), Package.authority_id == viewer.authority_id))


def _package(package_id: UUID, seen: ColumnElement[bool]) -> Package:
    parts = (selectinload(part) for part in (Package.visits, Package.skills, Package.funding))
    along = (*parts, joinedload(Package.scheme), joinedload(Package.zone))
    return only_one(select(Package).where(Package.id == package_id, seen).options(*along))


def is_lead(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer is of the authority that leads the package, and not only a party to it."""
    return package.authority_id == viewer.authority_id


def may_identify(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer's role shows whose package this is: navigators and brokers, the package's own team, and who
    has opened the identity by break-glass.
    """
    return _is_identified(viewer, package) or people.is_open(viewer, package.person_id)


def _is_identified(viewer: Viewer, package: Package) -> bool:
    if not is_lead(viewer, package):
        return False
    team_id = package.referring_team_id
    own_team = not viewer.team_ids or team_id is None or team_id in viewer.team_ids
    return viewer.has(*IDENTITY_EVERYWHERE) or (viewer.has(*TEAM_ROLES) and own_team)


def reads_reasons(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer reads what people typed about the package: it can be about the person, so those read it who
    may know whose package it is, and auditors.
    """
    return _is_identified(viewer, package) or (is_lead(viewer, package) and viewer.has(Role.AUDITOR))


def identity_for(viewer: Viewer, package: Package) -> Person:
    """Whose package it is, for those who may read the record; to others what their team told. The read is logged.

    NotFoundForViewer for roles that need no name, and where nothing may be shown.
    """
    person = _shown(viewer, package)
    if person is None:
        raise NotFoundForViewer
    access.note_read(person.id)
    return person


def _shown(viewer: Viewer, package: Package) -> Person | None:
    return people.record_shown(viewer, package.person) if may_identify(viewer, package) else None


def visits_of(package: Package) -> tuple[Visit, ...]:
    """The visits of the week as rules and drawings take them."""
    return tuple(visit.value for visit in package.visits)


def split_of(package: Package) -> FundingSplit:
    """The shares in force at the planned start."""
    health = sum(share.percent for share in package.funding if share.funder is Funder.HEALTH)
    return FundingSplit(100 - health, health)


def need_of(package: Package) -> Need:
    """What a stored package asks for."""
    own = {name: getattr(package, name) for name in NEED_COLUMNS}
    return Need(
        **{name: value for name, value in own.items() if value is not None},
        postcode=Postcode.parse(package.postcode),
        visits=tuple(sorted(visit.value for visit in package.visits)),
        skills=tuple(skill.skill for skill in package.skills),
        split=split_of(package),
    )


def verdict_on(package: Package, viewer: Viewer | None = None) -> TextVerdict:
    """What its texts give away of who the person is, as they are stored, with the answers given so far: by everything that
    is known, or by what the viewer may be told of it.
    """
    cleared = db.session.scalars(select(TextClearance.word).where(TextClearance.package_id == package.id))
    person = package.person
    records = people.records_read_by(viewer, person) if viewer else people.records_of([person])
    return judge_texts(need_of(package).texts, *records, cleared=frozenset(cleared))


def waits_to_be_read(package: Package) -> bool:
    """Whether it was written by somebody who may not read every record, and waits for somebody who may."""
    query = select(BlindText.id).where(BlindText.package_id == package.id, BlindText.read_by_label.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def waits_for_reader(viewer: Viewer | None, person: Person) -> bool:
    """Whether what the viewer asks for this person must be read by somebody who reads every record: unless the viewer does,
    or may read this one and something for the person was read already.

    So a record that was begun just now waits as one that is known to others.
    """
    if viewer is None or people.reads_everybody(viewer):
        return False
    unread = select(BlindText.package_id).where(BlindText.read_by_label.is_(None))
    read = select(Package.id).where(Package.person_id == person.id, Package.id.not_in(unread))
    return not people.reads_all_of(viewer, person) or db.session.scalar(read.limit(1)) is None


def errors_against_ready(package: Package, viewer: Viewer | None = None) -> dict[str, str]:
    """Everything that keeps the package from being offered, sentences by field; empty when it is ready.

    The viewer is told what the records say that they may read, and of the rest that it waits. Who reads every record does
    away with the waiting by calling it ready.
    """
    person, errors = package.person, verdict_on(package, viewer).errors
    beside, reads = people.known_before(person), viewer is None or people.may_read_record(viewer, person)
    addresses, asks = addresses_in_question(package), asks_about_birth(package)
    if reads and addresses:
        errors["address"] = ADDRESS_IN_QUESTION.format(*addresses)
    reads_beside = beside is not None and (viewer is None or people.may_read_record(viewer, beside))
    if beside and reads_beside:
        errors["nhs_number"] = KNOWN_ALREADY.format(beside.reference)
    unread = waits_to_be_read(package) and (viewer is None or not people.reads_everybody(viewer))
    unseen = not reads and (addresses or asks or verdict_on(package))
    waits = {"pen_picture": WAITS} if unread or unseen or (beside and not reads_beside) else {}
    split = shares_add_up(package)
    asks = asks and reads
    reasons = reasons_not_ready(need_of(package), clock.today(), funding_is_split=split, birth_in_question=asks)
    for field, sentence in (*waits.items(), *reasons.items()):
        errors[field] = f"{errors[field]} {sentence}" if field in errors else sentence
    return errors


def undecided_address(package_id: UUID) -> ToldAddress | None:
    """What was told with the package of where the person lives, while nobody has decided whether it holds."""
    query = select(ToldAddress).where(ToldAddress.package_id == package_id, ToldAddress.decided_at.is_(None))
    return db.session.scalars(query.order_by(ToldAddress.told_at.desc()).limit(1)).first()


def addresses_in_question(package: Package) -> tuple[str, str] | None:
    """As told with the package and as the record says, where nobody has decided which holds."""
    if told := undecided_address(package.id):
        own, known = Whereabouts(told.address, told.postcode, told.telephone, told.name), package.person
        name = known.name if told.name else ""
        return own.text, replace(people.whereabouts_of(known), name=name).text
    return None


def asks_about_birth(package: Package) -> bool:
    """Whether somebody must say that the person's date of birth is right."""
    person = package.person
    return birth_in_question(person.date_of_birth, package.planned_start, person.birth_confirmed)


def shares_add_up(package: Package) -> bool:
    """Whether the shares in force at the planned start, their last day included, come to 100 per cent (F12)."""
    day = package.planned_start
    in_force = (share for share in package.funding if share.starts_on <= day <= (share.ends_on or day))
    return sum(share.percent for share in in_force) == 100


def last_confirmation(package_id: UUID) -> NeedConfirmation | None:
    """The newest answer to "still needed?"."""
    query = select(NeedConfirmation).where(NeedConfirmation.package_id == package_id)
    return db.session.scalars(
        query.order_by(NeedConfirmation.confirmed_at.desc(), NeedConfirmation.id).limit(1)
    ).first()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One package as one viewer sees it. `person`, `events` and what is internal are empty for those without a right."""

    package: Package
    leads: bool
    internal: bool
    person: Person | None
    team: Team | None
    incumbent: str
    confirmation: NeedConfirmation | None
    confirmation_due: str
    wanting: tuple[str, ...]
    questions: tuple[Question, ...]
    birth_in_question: bool
    address_in_question: bool
    to_read: bool
    compares: bool
    record_id: UUID | None
    """Whose page the reader may open: the person's, or what their team told of the person."""
    events: tuple[TimelineItem, ...]
    relatives: tuple[tuple[str, Package], ...]
    same_times: list[Package]
    looks_in: bool
    """Whether the viewer is here by break-glass, to read only."""

    @property
    def address(self) -> str:
        """Where the visits take place. A street stands only beside the postcode that it has in the record."""
        assert self.person
        if self.person.postcode != self.package.postcode:
            return f"{self.package.postcode}: the address in the person’s record has another postcode"
        return ", ".join(filter(None, (self.person.address, self.package.postcode)))

    @property
    def changes(self) -> bool:
        """Whether anything may be changed here."""
        return self.leads and not self.looks_in

    @property
    def is_editable(self) -> bool:
        """Whether what is asked for can still be changed."""
        return self.changes and self.package.status in EDITABLE

    @property
    def may_split(self) -> bool:
        """Whether some of the visits can become a package of their own."""
        return self.changes and self.package.status in SPLITTABLE and len(self.package.visits) > 1

    @property
    def may_hold(self) -> bool:
        """Whether the package can be put on hold."""
        return self.changes and self.package.status.may_become(PackageStatus.ON_HOLD)

    @property
    def may_withdraw(self) -> bool:
        """Whether the care can still be withdrawn here."""
        return self.changes and self.package.status.may_become(PackageStatus.WITHDRAWN)


def sheet_for(viewer: Viewer, package_id: UUID) -> Sheet:
    """The sheet of one package, the read of its identity noted; NotFoundForViewer outside the viewer's scope."""
    package = package_for(viewer, package_id)
    leads, identified = is_lead(viewer, package), may_identify(viewer, package)
    # Reasons, names of those who confirmed and the timeline are free text: only for those who know the person anyway.
    internal = identified or reads_reasons(viewer, package)
    is_draft, reads = package.status is PackageStatus.DRAFT, people.may_read_record(viewer, package.person)
    shown = _shown(viewer, package)
    confirmation = last_confirmation(package.id) if leads else None
    audience = Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL
    incumbent_id = package.incumbent_provider_id
    incumbent = db.session.get(Provider, incumbent_id) if leads and incumbent_id else None
    return Sheet(
        package=package,
        leads=leads,
        internal=internal,
        person=identity_for(viewer, package) if shown else None,
        team=db.session.get(Team, package.referring_team_id) if leads and package.referring_team_id else None,
        incumbent=incumbent.name if incumbent else "",
        confirmation=confirmation,
        confirmation_due=_due(package, confirmation) if leads else "",
        wanting=tuple(errors_against_ready(package, viewer).values()) if is_draft and identified else (),
        questions=verdict_on(package, viewer).questions if is_draft and identified and reads else (),
        birth_in_question=is_draft and reads and asks_about_birth(package),
        address_in_question=is_draft and identified and reads and undecided_address(package.id) is not None,
        to_read=is_draft and people.reads_everybody(viewer) and waits_to_be_read(package),
        compares=is_draft and compares(viewer, package.person),
        record_id=shown.id if shown and people.may_see_identity(viewer, shown) else None,
        events=tuple(timeline(package.id, audience)) if internal else (),
        relatives=_relatives(package) if leads else (),
        same_times=at_same_times_as(viewer, [package]).get(package.id, []),
        looks_in=people.is_open(viewer, package.person_id),
    )


def at_same_times_as(viewer: Viewer, packages: Sequence[Package]) -> dict[UUID, list[Package]]:
    """Per package the others of its person, not over, with visits at the same times; for those who may know the person."""
    told = {package.id: package for package in packages if people.may_read_record(viewer, package.person)}
    query = select(Package).where(scope(viewer), Package.person_id.in_({one.person_id for one in told.values()}))
    query = query.where(Package.status.not_in((PackageStatus.ENDED, PackageStatus.WITHDRAWN)))
    others = db.session.scalars(query.options(selectinload(Package.visits)).order_by(Package.reference)).all()
    return {
        own.id: [
            other
            for other in others
            if other.person_id == own.person_id
            and other.id != own.id
            and at_same_times(visits_of(own), visits_of(other))
        ]
        for own in told.values()
    }


def _relatives(package: Package) -> tuple[tuple[str, Package], ...]:
    """The package that this one was split off from, and those split off from it."""
    kin = or_(Package.id == package.parent_id, Package.parent_id == package.id)
    relatives = db.session.scalars(select(Package).where(kin).order_by(Package.reference))
    words = {package.parent_id: "Split off from"}
    return tuple((words.get(relative.id, "Split off from this"), relative) for relative in relatives)


def _due(package: Package, last: NeedConfirmation | None) -> str:
    """Why "still needed?" must be asked now, as a sentence; empty when it need not."""
    confirmed_at = last.confirmed_at if last and last.needed else None
    if package.status is PackageStatus.AWAITING_AWARD:
        fresh = need_confirmation_is_fresh(confirmed_at, clock.now())
        return "" if fresh else "An award needs a yes that is not older than 24 hours."
    if package.status not in ASKED_ABOUT:
        return ""
    try:
        days = policy_on(package.scheme_id, clock.today()).still_needed_after_days
    except Conflict:
        return ""
    old = clock.now() - (confirmed_at or package.created_at) > timedelta(days=days)
    return f"It was last asked more than {days} days ago: ask before providers are asked." if old else ""
