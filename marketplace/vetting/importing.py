"""Loading providers from a file into a scheme: checked first, then written set by set, then decided by the CQC gate.

Makes organisations, locations, contacts with a user each, ratings and applications. The gate admits, refuses, or
leaves an application to a contract manager. All rows or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.audit.digests import set_digest
from app.database import db
from app.database.bulk import insert_rows
from app.files.source import Source
from app.imports.kinds import Intake, Upload
from app.imports.queuing import note_imported, refuse_imported
from app.imports.tables import BadRow
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind
from app.tasks.models import Task
from app.tasks.storing import digest_of
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on
from marketplace.vetting import import_rows, letters
from marketplace.vetting.gate import gate
from marketplace.vetting.import_rules import PROVIDERS, ImportFacts, ProviderRow
from marketplace.vetting.joining import begin_memberships
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Application, Membership
from marketplace.vetting.rules import ApplicationState, GateAnswer, GateResult

OPEN_STATES = frozenset(
    {ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.CHECKING, ApplicationState.WAITING}
)
KIND = "providers:import"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A checked file: its rows, its hash, and every reason against it (then nothing may be applied)."""

    rows: Sequence[ProviderRow]
    bad_rows: tuple[BadRow, ...]
    sha256: str


class ProviderIntake(Intake[ProviderRow]):
    """The providers of one file."""

    def __init__(self, scheme: Scheme, upload: Upload) -> None:
        self.scheme, self.facts = scheme, _facts(scheme)
        self._rows: list[ProviderRow] = []
        self._sha256 = upload.sha256

    def stage(self, rows: Sequence[ProviderRow]) -> None:
        """Keeps the rows: what an organisation is, all of them together say."""
        self._rows += rows

    @property
    def plan(self) -> ImportPlan:
        """What is to be written of a good file."""
        return ImportPlan(self._rows, (), self._sha256)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: how many providers, and what the gate decided."""

    providers: int
    admitted: int
    refused: int
    waiting: int

    def as_json(self) -> dict[str, object]:
        """The counts as a task shows them."""
        return {
            "providers": self.providers,
            "admitted": self.admitted,
            "refused": self.refused,
            "waiting": self.waiting,
        }


def check_providers(scheme: Scheme, source: Source, filename: str) -> ImportPlan:
    """Reads and judges a file, changing nothing.

    Raises UnreadableFile when it is no table of providers, AlreadyImported when this very file was loaded before.
    """
    upload = Upload(source, filename, digest_of(source))
    refuse_imported(scheme.authority_id, KIND, scheme.id, upload.sha256)
    providers = ProviderIntake(scheme, upload)
    bad_rows = providers.take(PROVIDERS, upload).bad_rows
    return ImportPlan((), bad_rows, upload.sha256) if bad_rows else providers.plan


def import_providers(
    scheme: Scheme, plan: ImportPlan, *, by: Actor, password_hash: str | None = None, task: Task | None = None
) -> Imported:
    """Writes a good plan and decides what the gate decides; raises AlreadyImported when the file was loaded before.

    Users get `password_hash`, or none and cannot sign in until they are invited.
    """
    note_imported(scheme.authority_id, KIND, scheme.id, plan.sha256, len(plan.rows), by=by, task=task)
    import_rows.write_register(plan.rows, by=by, password_hash=password_hash)
    applications = _apply_all(scheme, plan.rows)
    decided = _decide_all(scheme, applications, by)
    begin_memberships(decided[GateResult.PASS], by=by)
    letters.tell_decided([*decided[GateResult.PASS], *decided[GateResult.REFUSE]])
    done = Imported(len(plan.rows), *(len(decided[result]) for result in _OUTCOMES))
    facts: dict[str, Any] = {**done.as_json(), "rows": len(plan.rows), "digest": set_digest(a.id for a in applications)}
    audit.record("providers:imported", scheme, by=by, **facts)
    return done


_OUTCOMES = (GateResult.PASS, GateResult.REFUSE, GateResult.REVIEW)


def _facts(scheme: Scheme) -> ImportFacts:
    joined = select(Provider.cqc_location_id).join(Membership, Membership.provider_id == Provider.id)
    asked = select(Provider.cqc_location_id).join(Application, Application.provider_id == Provider.id)
    taken = [
        *db.session.scalars(joined.where(Membership.scheme_id == scheme.id, Membership.state.in_(MEMBER_STATES))),
        *db.session.scalars(asked.where(Application.scheme_id == scheme.id, Application.state.in_(OPEN_STATES))),
    ]
    locations = db.session.execute(select(Provider.cqc_location_id, Provider.organisation_id))
    users = db.session.execute(select(User.email, User.organisation_id))
    houses = select(Organisation.id, Organisation.name).where(Organisation.kind == OrganisationKind.PROVIDER)
    return ImportFacts(
        lots={lot.name: str(lot.id) for lot in scheme.lots},
        locations_in_scheme=frozenset(taken),
        organisation_of_location={location: str(organisation) for location, organisation in locations},
        organisation_of_email={email: str(organisation) for email, organisation in users},
        organisation_names={str(house): name for house, name in db.session.execute(houses)},
        today=clock.today(),
    )


def _apply_all(scheme: Scheme, rows: Sequence[ProviderRow]) -> list[Application]:
    query = select(Provider.cqc_location_id, Provider.id)
    ids: dict[str, UUID] = {row.cqc_location_id: row.id for row in db.session.execute(query)}
    values = [import_rows.application_row(scheme, ids[row.cqc_location_id], row) for row in rows]
    insert_rows(Application, values)
    wanted = {value["id"] for value in values}
    found = select(Application).where(
        Application.scheme_id == scheme.id, Application.state == ApplicationState.SUBMITTED
    )
    return [one for one in db.session.scalars(found.order_by(Application.reference)) if one.id in wanted]


def _decide_all(scheme: Scheme, applications: Sequence[Application], by: Actor) -> dict[GateResult, list[Application]]:
    policy = policy_on(scheme.id, clock.today())
    decided: dict[GateResult, list[Application]] = {result: [] for result in GateResult}
    answers: dict[UUID, GateAnswer] = {}
    for one in applications:
        answers[one.id] = gate(one.provider.cqc_rating, policy.min_cqc_rating, policy.unrated_policy)
        decided[answers[one.id].result].append(one)
    states = {GateResult.PASS: ApplicationState.ADMITTED, GateResult.REFUSE: ApplicationState.REFUSED}
    for result, state in states.items():
        for one in decided[result]:
            one.state, one.decided_at, one.decided_by_label = state, clock.now(), by.label
            one.decision_reason = answers[one.id].reason
    db.session.flush()
    return decided
