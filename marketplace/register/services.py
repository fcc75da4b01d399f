"""Files that the register takes in: providers into a scheme, and what the CQC publishes.

A file of providers is checked first, then written set by set: organisations, locations, contacts with a user each,
ratings and applications. The CQC gate then admits, refuses, or leaves an application to a contract manager. All rows or
none. CQC data changes ratings; whoever falls below a scheme's gate is offered nothing new, and keeps its care.
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import audit, clock
from app.audit import Actor
from app.audit.digests import set_digest
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.files.source import Source
from app.imports.kinds import AS_SHOWN, FileKind, Intake, SheetChoice, Upload, checking, target_of
from app.imports.queuing import digest_of_sheet, note_imported, refuse_imported
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind, Role
from app.parties.services import NewUser, add_users, bring_users, register_organisation
from app.postcodes.queries import locate_many
from app.tasks import Task
from app.tasks.storing import digest_of, filename_of
from app.values.reference import new_reference
from app.values.spelling import as_read
from marketplace.applications import letters
from marketplace.applications.models import Application
from marketplace.applications.queries import UNDECIDED, gate_answers
from marketplace.applications.rules import ApplicationState, GateResult
from marketplace.applications.services import add_applications
from marketplace.membership.models import Membership
from marketplace.membership.queries import known_providers
from marketplace.membership.rules import MEMBER_STATES
from marketplace.membership.services import begin_memberships
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_services import rate_by_hand, take_in
from marketplace.providers.cqc_values import CqcFile, StatedRating
from marketplace.providers.models import Provider, ProviderLanguage, ProviderSkill
from marketplace.providers.services import register_contacts, tell_branches_apart
from marketplace.register.rules import PROVIDERS, ProviderFileFacts, ProviderRow
from marketplace.schemes.models import Scheme

OPEN_STATES = UNDECIDED | {ApplicationState.DRAFT}
OUTCOMES = (GateResult.PASS, GateResult.REFUSE, GateResult.REVIEW)
KIND = "providers:import"
SOURCE = "file of providers"
FIRST_USER = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
"""The first user of a provider answers offers, and invites the others."""


class ProviderIntake(Intake[ProviderRow]):
    """The providers of one file; when any row is bad, nothing of it may be applied."""

    def __init__(self, scheme: Scheme, upload: Upload) -> None:
        self.scheme, self.facts = scheme, _facts(scheme)
        self.rows: tuple[ProviderRow, ...] = ()
        self.sha256 = upload.sha256

    def stage(self, rows: Sequence[ProviderRow]) -> None:
        """Keeps the rows: which organisations there are, all of them together say."""
        self.rows += tuple(rows)


@dataclass(frozen=True, slots=True)
class ProvidersLoaded:
    """What an import did: how many providers, and what the gate decided."""

    providers: int
    admitted: int
    refused: int
    waiting: int


def check_providers(scheme: Scheme, source: Source, filename: str, choice: SheetChoice = AS_SHOWN) -> ProviderIntake:
    """Reads and judges a file, changing nothing.

    Raises UnreadableFile when it is no table of providers, AlreadyImported when this very file was loaded before.
    """
    upload = Upload(source, filename, digest_of_sheet(digest_of(source), choice.sheet), choice=choice)
    refuse_imported(scheme.authority_id, KIND, scheme.id, upload.sha256)
    providers = ProviderIntake(scheme, upload)
    providers.take(PROVIDERS, upload)
    return providers


def import_providers(
    scheme: Scheme, file: ProviderIntake, *, by: Actor, password_hash: str | None = None, task: Task | None = None
) -> ProvidersLoaded:
    """Writes a good file and decides what the gate decides; raises AlreadyImported when the file was loaded before.

    Users get `password_hash`, or none and cannot sign in until they are invited.
    """
    note_imported(scheme.authority_id, KIND, scheme.id, file.sha256, len(file.rows), by=by, task=task)
    _write_register(scheme.authority_id, file.rows, by=by, password_hash=password_hash)
    applications = _apply_all(scheme, file.rows)
    decided = _decide_all(scheme, applications, by)
    begin_memberships(decided[GateResult.PASS], by=by)
    letters.tell_decided([*decided[GateResult.PASS], *decided[GateResult.REFUSE]])
    done = ProvidersLoaded(len(file.rows), *(len(decided[result]) for result in OUTCOMES))
    facts: dict[str, Any] = {**asdict(done), "rows": len(file.rows), "digest": set_digest(a.id for a in applications)}
    audit.record("providers:imported", scheme, by=by, **facts)
    return done


def _facts(scheme: Scheme) -> ProviderFileFacts:
    joined = select(Provider.cqc_location_id).join(Membership, Membership.provider_id == Provider.id)
    applied = select(Provider.cqc_location_id).join(Application, Application.provider_id == Provider.id)
    taken = [
        *db.session.scalars(joined.where(Membership.scheme_id == scheme.id, Membership.state.in_(MEMBER_STATES))),
        *db.session.scalars(applied.where(Application.scheme_id == scheme.id, Application.state.in_(OPEN_STATES))),
    ]
    locations = db.session.execute(select(Provider.cqc_location_id, Provider.organisation_id))
    users = db.session.execute(select(User.email, User.organisation_id))
    own = known_providers(scheme.authority_id).with_only_columns(Provider.organisation_id).order_by(None)
    houses = select(Organisation.id, Organisation.name).where(Organisation.kind == OrganisationKind.PROVIDER)
    return ProviderFileFacts(
        lots={lot.name: str(lot.id) for lot in scheme.lots},
        locations_in_scheme=frozenset(taken),
        organisation_of_location={location: str(organisation) for location, organisation in locations},
        organisation_of_email={email: str(organisation) for email, organisation in users},
        organisation_names={str(house): name for house, name in db.session.execute(houses)},
        own_organisations=frozenset(map(str, [scheme.authority_id, *db.session.scalars(own)])),
        today=clock.today(),
    )


def _apply_all(scheme: Scheme, rows: Sequence[ProviderRow]) -> list[Application]:
    query = select(Provider.cqc_location_id, Provider.id)
    ids: dict[str, UUID] = {row.cqc_location_id: row.id for row in db.session.execute(query)}
    applications = [
        {
            "provider_id": ids[row.cqc_location_id],
            "lot_ids": list(row.lots),
            "areas": list(row.outcodes),
            "declarations": [],
            "capacity_minutes": row.capacity_hours_per_week,
            "entry_score": row.entry_assessment_score,
        }
        for row in rows
    ]
    return add_applications(scheme, applications)


def _decide_all(scheme: Scheme, applications: Sequence[Application], by: Actor) -> dict[GateResult, list[Application]]:
    answers = gate_answers(scheme.id, [application.provider for application in applications])
    decided: dict[GateResult, list[Application]] = {result: [] for result in GateResult}
    states = {GateResult.PASS: ApplicationState.ADMITTED, GateResult.REFUSE: ApplicationState.REFUSED}
    for application in applications:
        answer = answers[application.provider_id]
        decided[answer.result].append(application)
        if state := states.get(answer.result):
            application.state, application.decision_reason = state, answer.reason
            application.decided_at, application.decided_by_label = clock.now(), by.label
    db.session.flush()
    return decided


def _write_register(authority_id: UUID, rows: Sequence[ProviderRow], *, by: Actor, password_hash: str | None) -> None:
    """Inserts what the register does not know yet: organisations, locations with their lists, users.

    A location that another authority registered before is kept as it is. Its contact and rating in this file are this
    authority's own: nobody else's letters go to the one, nobody else's gate counts the other.
    """
    query = select(Provider.cqc_location_id).where(Provider.cqc_location_id.in_([row.cqc_location_id for row in rows]))
    known = set(db.session.scalars(query))
    new = [row for row in rows if row.cqc_location_id not in known]
    organisations = _organisations(authority_id, new)
    providers = _providers(new, organisations)
    insert_rows(Provider, providers)
    tell_branches_apart()
    owned = [({"provider_id": value["id"]}, row) for value, row in zip(providers, new, strict=True)]
    insert_rows(ProviderSkill, [{**owner, "skill": skill} for owner, row in owned for skill in row.skills])
    insert_rows(ProviderLanguage, [{**owner, "language": name} for owner, row in owned for name in row.languages])
    _users(authority_id, new, organisations, password_hash, by)
    _write_own(authority_id, rows, by)


def _write_own(authority_id: UUID, rows: Sequence[ProviderRow], by: Actor) -> None:
    """What is the authority's own of each location: its rating in this file, its contact, and who waits for a link."""
    query = select(Provider).where(Provider.cqc_location_id.in_([row.cqc_location_id for row in rows]))
    there = {provider.cqc_location_id: provider for provider in db.session.scalars(query)}
    told = [(there[row.cqc_location_id], row) for row in rows]
    rate_by_hand(authority_id, [_rated(provider, row) for provider, row in told if row.cqc_report_date], SOURCE, by=by)
    contacts = [
        {"provider_id": provider.id, "name": row.contact_name, "email": row.contact_email, "telephone": row.telephone}
        for provider, row in told
    ]
    register_contacts(authority_id, contacts)
    named = {(provider.organisation_id, row.contact_email) for provider, row in told}
    bring_users(authority_id, named)


def _rated(provider: Provider, row: ProviderRow) -> tuple[Provider, StatedRating]:
    return provider, StatedRating(row.cqc_overall, row.cqc_report_date or clock.today(), questions=row.questions)


def register_alone(name: str, location: str | None, postcode: str, *, by: Actor) -> Provider:
    """Registers a provider that care is bought from without a scheme, as an organisation of its own that nobody signs in for.

    One without a location at the CQC has its own reference in the place of the id.
    """
    organisation, place = register_organisation(OrganisationKind.PROVIDER, name, by=by), locate_many({postcode})
    own = new_reference("PRV", secrets.randbits(40))
    provider = Provider(
        organisation_id=organisation.id,
        reference=own,
        name=name,
        registered_name=name,
        cqc_location_id=location or own,
        base_postcode=postcode,
        base_easting=place[postcode].easting if postcode in place else None,
        base_northing=place[postcode].northing if postcode in place else None,
    )
    db.session.add(provider)
    db.session.flush()
    tell_branches_apart()
    return provider


def _organisations(authority_id: UUID, rows: Sequence[ProviderRow]) -> dict[str, UUID]:
    """The organisation of each location: a new one that the file names, that of its contact, or one of its own.

    Two providers may have the same name, so a name joins locations only where the file says so in its own column, and
    one that is registered is joined by an address with which somebody there signs in, where the council knows it or
    names it.
    """
    own = known_providers(authority_id).with_only_columns(Provider.organisation_id).order_by(None)
    named = {as_read(row.organisation) for row in rows if row.organisation}
    query = select(User.email, User.organisation_id).join(Organisation, Organisation.id == User.organisation_id)
    query = query.where(Organisation.id.in_(own) | Organisation.name_key.in_(named))
    emails = User.email.in_([row.contact_email for row in rows])
    working: dict[str, UUID] = {row.email: row.organisation_id for row in db.session.execute(query.where(emails))}
    added: dict[tuple[str, str], dict[str, Any]] = {}
    organisations: dict[str, UUID] = {}
    for row in rows:
        alone = "" if row.organisation else row.cqc_location_id
        fresh = {"id": new_id(), "kind": OrganisationKind.PROVIDER, "name": row.organisation or row.name}
        joined = working.get(row.contact_email) or added.setdefault((row.organisation, alone), fresh)["id"]
        organisations[row.cqc_location_id] = joined
    insert_rows(Organisation, list(added.values()))
    return organisations


def _providers(rows: Sequence[ProviderRow], organisations: dict[str, UUID]) -> list[dict[str, Any]]:
    places = locate_many({row.base_postcode for row in rows})
    return [
        {
            "id": new_id(),
            "organisation_id": organisations[row.cqc_location_id],
            "reference": new_reference("PRV", secrets.randbits(40)),
            "name": row.name,
            "registered_name": row.name,
            "cqc_location_id": row.cqc_location_id,
            "base_postcode": row.base_postcode,
            "telephone": row.telephone,
            "carers_female": row.carers_female,
            "carers_male": row.carers_male,
            "base_easting": place.easting if (place := places.get(row.base_postcode)) else None,
            "base_northing": place.northing if place else None,
        }
        for row in rows
    ]


def _users(
    authority_id: UUID,
    rows: Sequence[ProviderRow],
    organisations: dict[str, UUID],
    password_hash: str | None,
    by: Actor,
) -> None:
    query = select(User.email).where(User.email.in_([row.contact_email for row in rows]))
    known = set(db.session.scalars(query))
    first = {row.contact_email: row for row in reversed(rows) if row.contact_email not in known}
    users = [NewUser(organisations[row.cqc_location_id], email, row.contact_name) for email, row in first.items()]
    add_users(users, FIRST_USER, by=by, password_hash=password_hash, authority_id=authority_id)


def _apply(task: Task, providers: ProviderIntake, by: Actor) -> dict[str, object]:
    done = import_providers(providers.scheme, providers, by=by, task=task)
    return {**asdict(done), **providers.told, "url": "/applications"}


def _scheme(task: Task) -> Scheme:
    query = select(Scheme).where(Scheme.id == target_of(task))
    return db.session.scalars(query.options(selectinload(Scheme.lots))).one()


PROVIDERS_FILE = FileKind(
    name=KIND,
    check=checking(
        PROVIDERS,
        lambda task, upload: ProviderIntake(_scheme(task), upload),
        lambda _bad: "Nothing was loaded. Correct the rows named below and load the file again.",
    ),
    apply=_apply,
)


def _apply_cqc(task: Task, file: CqcFile, by: Actor) -> dict[str, object]:
    run = take_in(file, filename_of(task.id), authority_id=task.authority_id, by=by)
    result: dict[str, object] = {"run": run.state.sentence, "seen": run.seen, "changed": run.changed}
    return result | {"fell": run.fallen, "gone": run.vanished, **file.told, "url": f"/cqc/{run.id}"}


CQC_FILE = FileKind(
    name="cqc:import",
    check=lambda _task, upload: read_cqc(upload.content, upload.filename, upload.choice),
    apply=_apply_cqc,
    again=True,  # the same file has the ratings of providers that were registered since
)
