"""Who may do what: each row of the role matrix that concerns what exists, at its addresses, for every role.

Whoever is named gets in (a page, a redirect, or a refusal of what was sent); whoever is named after the bar has the
function but not this thing, which is then not found; everybody else is told that the role does not allow it.
"""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from app.accounts.models import RoleProposal
from app.database import db
from app.parties.services import team_named
from brokerage.allocation.models import AllocationProposal, Award
from contracts.agreements.models import Agreement
from marketplace.applications.models import Application
from marketplace.batches.models import Batch
from marketplace.batches.rules import BatchState
from marketplace.membership.models import Membership, Removal, Suspension
from marketplace.providers.models import CqcImport
from tests.abuse.world import World
from tests.careful import token_in

ROWS = """
1 a person's identity | GET /people/{person} | navigator broker | socialworker manager healthassessor stranger auditor referrer
1 a person's identity | GET /api/v1/people/{person} | navigator broker | socialworker manager healthassessor stranger auditor referrer
1 of the own team | GET /people/{own_person} | navigator broker socialworker manager | healthassessor stranger auditor referrer
1 a person's identity | GET /api/v1/packages/{ready}/person | navigator broker | socialworker manager healthassessor stranger referrer contracts auditor
1 of the own team | GET /api/v1/packages/{draft_package}/person | navigator broker socialworker manager referrer | healthassessor stranger contracts auditor
1 break-glass | POST /people/{person}/open | socialworker manager auditor healthassessor referrer |
1 what was opened | GET /people/opened | auditor |
1 changing it | POST /people/{person}/contact | navigator broker | socialworker stranger
38 correcting it | POST /people/{person}/correct | navigator broker | socialworker stranger healthassessor
38 of the own team | POST /people/{own_person}/correct | navigator broker socialworker | stranger healthassessor
1 who looked | GET /people/{person}/looks | navigator broker auditor | socialworker manager stranger
20 the agreement | GET /agreements/{agreement} | navigator broker contracts finance auditor coordinator administrator | socialworker manager healthassessor stranger rival
20 the agreement | GET /api/v1/agreements/{agreement} | navigator broker contracts finance auditor coordinator administrator | socialworker manager healthassessor stranger rival
3 the need | GET /packages/{ready} | navigator broker contracts auditor | socialworker manager healthassessor referrer stranger
3 of the own team | GET /packages/{draft_package} | navigator broker contracts auditor socialworker manager referrer | healthassessor stranger
3 the offer sheet | GET /offers/{offer} | coordinator administrator | rival
3 the offer sheet | GET /api/v1/offers/{offer} | coordinator administrator | rival
4 asking for care | GET /packages/new | navigator broker socialworker referrer stranger |
4 offering | POST /packages/{ready}/offer | navigator broker | stranger
4 gathering | POST /batches/propose | navigator broker stranger |
4 sealing | POST /batches/{draft}/seal | navigator broker | stranger
4 offering a batch | POST /batches/{sealed}/offer | navigator broker | stranger
4 taking back | POST /issues/{issue}/withdraw | navigator broker | stranger
4 more time | POST /issues/{issue}/extend | navigator broker | stranger
4 withdrawing | POST /packages/{draft_package}/withdraw | navigator broker | stranger
5 answering | POST /offers/{offer}/packages/{line}/answer | coordinator administrator | rival
5 taking an answer back | POST /offers/{answered}/packages/{answered_line}/withdraw | coordinator administrator | rival
5 answering by telephone | POST /offer-lines/{line}/by-phone | broker | stranger
7 limits are read | GET /schemes/{scheme} | navigator broker referrer socialworker healthassessor manager contracts finance auditor coordinator administrator rival | stranger
7 limits are set | POST /schemes/{scheme}/prices/new | contracts |
7 weights are set | POST /schemes/{scheme}/policies/new | contracts |
8 ranks and prices | GET /rounds/{ranked}/ranking | broker manager contracts auditor | stranger
8 ranks and prices | GET /api/v1/packages/{ranked_package}/ranking | broker manager contracts auditor | stranger
8 who was asked | GET /issues/{issue} | navigator broker manager contracts auditor | stranger
8 who was asked | GET /api/v1/issues/{issue} | navigator broker manager contracts auditor | stranger
10 awarding | POST /offer-lines/{ranked_line}/award | broker | stranger
10 none suitable | POST /rounds/{ranked}/none-suitable | broker | stranger
10 a whole batch | POST /proposals/{proposal}/approve | broker | stranger
10 above the limit | POST /awards/{proposed}/approve | broker manager | stranger
12 letters of feedback | GET /feedback/all | navigator broker contracts auditor stranger |
12 own letters | GET /feedback | coordinator administrator rival |
20 care that begins | POST /agreements/{agreement}/still-needed | navigator broker | stranger
25 admitting | POST /applications/{application}/decision | contracts |
25 applications are read | GET /applications/{application} | navigator broker manager contracts finance auditor | stranger
25 suspending | POST /schemes/{scheme}/providers/{own}/suspend | contracts |
25 lifting | POST /suspensions/{suspension}/lift | contracts |
25 removing | POST /memberships/{membership}/removal | contracts |
25 the second person | POST /removals/{removal}/approve | manager |
25 members are read | GET /memberships/{membership} | navigator broker manager contracts finance auditor | stranger
26 held CQC data | POST /cqc/{run}/release | contracts manager |
31 packages come in | GET /packages/import | navigator broker stranger |
31 packages go out | POST /packages/export | navigator broker stranger |
31 packages with people go out | POST /packages/export-with-people | navigator broker stranger |
31 agreements go out | POST /agreements/export | navigator broker contracts finance administrator stranger |
31 own offers go out | POST /offers/export | administrator |
31 CQC data comes in | GET /cqc/import | contracts |
31 schemes come in | GET /schemes/import | contracts |
31 providers come in | POST /schemes/{scheme}/providers/import | contracts |
32 users are read | GET /users | admin administrator auditor |
32 one of them | GET /users/{colleague} | admin auditor | administrator
32 inviting | POST /users/invite | admin administrator |
32 roles | POST /users/{colleague}/roles | admin | administrator
32 closing | POST /users/{colleague}/close | admin | administrator
32 the second factor | POST /users/{colleague}/second-factor | admin | administrator
32 first users of providers | GET /users/of-providers | admin |
32 the second person | POST /role-proposals/{role_proposal}/approve | admin |
34 the audit | GET /audit | auditor |
34 the audit goes out | POST /audit/export | auditor |
34 what the own people did | GET /audit/own | administrator |
34 what the own people did | POST /audit/own/export | administrator |
34 the audit of one thing | GET /audit/{proposed} | auditor |
"""


def divide_into_teams(world: World) -> None:
    """Everybody who is bound to a team is of the one; the draft is the one's, what is ready and awarded the other's."""
    one, other = (team_named(world.people.council, name, f"{name}@testshire.example") for name in ("one", "other"))
    for name in ("socialworker", "manager", "referrer"):
        for held in world.users[name].roles:
            held.team_id = one.id
    for name in ("draft", "ready", "awarded"):
        package = world.packages[name]
        package.referring_team_id = package.person.team_id = one.id if name == "draft" else other.id
    db.session.commit()


def things(world: World) -> dict[str, object]:
    """What the rows speak of, by name."""
    draft, sealed = (
        db.session.scalars(select(Batch.id).where(Batch.state == state)).first()
        for state in (BatchState.DRAFT, BatchState.SEALED)
    )
    award = select(Award.id).where(Award.package_id == world.packages["proposed"].id)
    return {
        "own_person": world.packages["draft"].person_id,
        "person": world.packages["ready"].person_id,
        "ready": world.packages["ready"].id,
        "draft_package": world.packages["draft"].id,
        "draft": draft,
        "sealed": sealed,
        "offer": world.offer("open").id,
        "line": world.line("open").id,
        "answered": world.offer("answered").id,
        "answered_line": world.line("answered").id,
        "issue": world.issues["open"].id,
        "scheme": world.scheme.id,
        "own": world.own.id,
        "ranked": world.round("ranked").id,
        "ranked_line": world.line("ranked").id,
        "ranked_package": world.packages["ranked"].id,
        "proposed": db.session.scalars(award).one(),
        "proposal": db.session.scalars(select(AllocationProposal.id)).one(),
        "agreement": db.session.scalars(select(Agreement.id)).one(),
        "application": db.session.scalars(select(Application.id).filter_by(scheme_id=world.scheme.id)).first(),
        "suspension": db.session.scalars(select(Suspension.id)).first(),
        "membership": db.session.scalars(select(Membership.id).filter_by(provider_id=world.own.id)).one(),
        "removal": db.session.scalars(select(Removal.id)).one(),
        "colleague": world.users["broker2"].id,
        "role_proposal": db.session.scalars(select(RoleProposal.id)).one(),
        "run": db.session.scalars(select(CqcImport.id)).one(),
    }


def rows(named: dict[str, object]) -> list[tuple[str, str, str, set[str], set[str]]]:
    """The table, with addresses filled: what it is about, verb, address, who may, who finds nothing."""
    found = []
    for line in filter(None, ROWS.splitlines()):
        about, place, may, absent = (part.strip() for part in line.split("|"))
        verb, _, path = place.format(**named).partition(" ")
        found.append((about, verb, path, set(may.split()), set(absent.split())))
    return found


LIKE_ANOTHER = {"leaving", "broker2"}
"""A coordinator of a provider that leaves, and a second broker: their roles are in the table under other names."""


def test_every_role_gets_what_the_matrix_gives_it_and_nothing_else(world, attacker):
    wrong = []
    divide_into_teams(world)
    table = rows(things(world))
    for role, user in world.users.items():
        attacker.sign_out()
        attacker.sign_in(user)
        token = token_in(attacker.get("/").get_data(as_text=True))
        bearer = attacker.bearer(user)
        for about, verb, path, may, absent in table:
            data = {"csrf_token": token, "idempotency_key": str(uuid4())} if verb == "POST" else None
            headers = bearer if path.startswith("/api/") else None
            status = attacker.open(path, method=verb, data=data, headers=headers).status_code
            expected = {200, 302, 409, 422} if role in may else {404} if role in absent else {403}
            if role not in LIKE_ANOTHER and status not in expected:
                wrong.append(f"{role}: {about}: {verb} {path.rpartition('/')[2]} {status}, not {sorted(expected)}")
    assert not wrong, "\n".join(sorted(wrong))


def test_nobody_gets_anything_without_signing_in(world, attacker):
    token = token_in(attacker.get("/sign-in").get_data(as_text=True))
    for about, verb, path, _may, _absent in rows(things(world)):
        data = {"csrf_token": token} if verb == "POST" else None
        answer = attacker.open(path, method=verb, data=data)
        assert answer.status_code == (401 if path.startswith("/api/") else 302), about
        assert path.startswith("/api/") or answer.headers["Location"].startswith("/sign-in"), about


def test_every_row_of_the_permission_table_is_held_by_nobody_the_matrix_leaves_out(built):
    """Administrators have no business with packages; providers none with the council's; auditors change nothing."""
    areas = {"packages", "people", "offers", "rankings", "awards", "agreements", "batches", "feedback", "responses"}
    reads = {"read", "list", "own", "watch", "looks", "letter", "opened", "break-glass", "figures"}
    for row in built.permissions.values():
        noun, _, verb = row.name.partition(":")
        roles = {role.value for role in row.roles}
        if noun in areas:
            assert "administrator" not in roles, row.name
        assert "auditor" not in roles or verb in reads, row.name
        assert "service_user" not in roles, row.name
