"""Loading providers from a file into a scheme: checked first, then written set by set, then decided by the CQC gate.

Makes organisations, locations, contacts with a user each, ratings and applications. The gate admits, refuses, or
leaves an application to a contract manager. All rows or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.audit.digests import set_digest
from app.database import db
from app.errors import Conflict
from app.files.reading import read_rows
from app.files.source import Source
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind
from app.tasks.imports import already_sentence, imported_before
from app.tasks.models import ImportedFile
from app.tasks.storing import digest_of
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on
from marketplace.vetting import import_rows, messages
from marketplace.vetting.gate import gate
from marketplace.vetting.import_rules import (
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
    BadRow,
    Checked,
    ImportFacts,
    ProviderRow,
    check_rows,
)
from marketplace.vetting.joining import begin_memberships
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Application, Membership
from marketplace.vetting.rules import ApplicationState, GateAnswer, GateResult

OPEN_STATES = frozenset(
    {ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.CHECKING, ApplicationState.WAITING}
)
ROWS_AT_ONCE = 5_000
FILE_KIND = "providers:import"
LOADED_BEFORE = "This very file has been loaded into this scheme before. Nothing was changed."


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A checked file: its rows, its hash, and every reason against it (then nothing may be applied)."""

    rows: tuple[ProviderRow, ...]
    bad_rows: tuple[BadRow, ...]
    sha256: str


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

    Raises UnreadableFile when it is no table of providers, Conflict when this very file was loaded before.
    """
    digest = digest_of(source)
    if before := imported_before(scheme.authority_id, FILE_KIND, scheme.id, digest):
        raise Conflict(already_sentence(before))
    found = read_rows(source, filename, REQUIRED_COLUMNS, OPTIONAL_COLUMNS)
    checked: Checked = check_rows([(row.line, row.cells) for row in found.rows], _facts(scheme))
    return ImportPlan(checked.rows, checked.bad_rows, digest)


def import_providers(
    scheme: Scheme, plan: ImportPlan, *, by: Actor, password_hash: str | None = None, task_id: UUID | None = None
) -> Imported:
    """Writes a good plan and decides what the gate decides; raises Conflict when the same file was loaded before.

    Users get `password_hash`, or none and cannot sign in until they are invited.
    """
    _note_file(scheme, plan, by, task_id)
    import_rows.write_register(plan.rows, by=by, password_hash=password_hash)
    applications = _apply_all(scheme, plan.rows)
    decided = _decide_all(scheme, applications, by)
    begin_memberships(decided[GateResult.PASS], by=by)
    messages.tell_decided([*decided[GateResult.PASS], *decided[GateResult.REFUSE]])
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


def _note_file(scheme: Scheme, plan: ImportPlan, by: Actor, task_id: UUID | None) -> None:
    """The same bytes cannot be applied twice to one scheme, however often and from wherever they are sent."""
    row = ImportedFile(
        authority_id=scheme.authority_id,
        kind=FILE_KIND,
        target_id=scheme.id,
        sha256=plan.sha256,
        by_label=by.label,
        task_id=task_id,
        rows=len(plan.rows),
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as failure:
        before = imported_before(row.authority_id, row.kind, row.target_id, row.sha256)
        raise Conflict(already_sentence(before) if before else LOADED_BEFORE) from failure


def _apply_all(scheme: Scheme, rows: Sequence[ProviderRow]) -> list[Application]:
    query = select(Provider.cqc_location_id, Provider.id)
    ids: dict[str, UUID] = {row.cqc_location_id: row.id for row in db.session.execute(query)}
    values = [import_rows.application_row(scheme, ids[row.location_id], row) for row in rows]
    for start in range(0, len(values), ROWS_AT_ONCE):
        db.session.execute(insert(Application), values[start : start + ROWS_AT_ONCE])
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
