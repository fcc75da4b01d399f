"""Users: found, changed, closed; and roles that take two people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import ProposalState, RoleProposal
from app.audit.models import AuditEntry
from app.auth.tokens import create_token
from app.database import db
from app.parties.roles import Role
from tests.app.accounts.post import letters_to, links_to
from tests.people import a_user

WHY = {"reason": "Covers for somebody who is ill."}


@pytest.fixture
def second(people):
    """A second administrator of the council."""
    people.users["admin2"] = a_user(people.council, "admin2@testshire.example", Role.ADMINISTRATOR)
    db.session.commit()
    return people["admin2"]


def page_of(user):
    return f"/users/{user.id}"


def change(client, user, *roles, **more):
    return client.submit("/account", {"roles": list(roles), **more}, to=f"{page_of(user)}/roles")


def roles_of(user):
    db.session.refresh(user)
    return {held.role.value for held in user.roles}


def proposal():
    return db.session.scalars(select(RoleProposal)).unique().one()


def test_the_list_is_searched_by_name_and_address(client, people):
    client.sign_in(people["admin"])
    page = client.get("/users?q=brok").text
    assert "broker@testshire.example" in page
    assert "navigator@testshire.example" not in page
    assert "Nobody has this name or address" in client.get("/users?q=%25").text


def test_an_auditor_reads_the_users_and_changes_nothing(client, people):
    client.sign_in(people["auditor"])
    assert "Change roles" not in client.get(page_of(people["broker"])).text
    assert change(client, people["broker"], "navigator").status_code == 403


def test_a_role_is_given_and_taken_and_whoever_loses_one_is_signed_out(house, client, people):
    client.sign_in(people["broker"])
    old = client.get_cookie("homeward").value
    client.sign_out()
    client.sign_in(people["admin"])
    assert change(client, people["broker"], "navigator").status_code == 302
    assert roles_of(people["broker"]) == {"navigator"}
    client.sign_out()
    client.set_cookie("homeward", old)
    assert client.get("/").status_code == 302
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "roles:changed")).one()
    assert (entry.subject_id, entry.authority_id) == (people["broker"].id, people.council.id)


@pytest.mark.parametrize("role", ["administrator", "contract_manager"])
def test_the_strongest_roles_take_two_people(client, people, second, role):
    client.sign_in(people["admin"])
    assert change(client, people["broker"], "broker", role).status_code == 422
    assert change(client, people["broker"], "broker", role, **WHY).status_code == 302
    assert roles_of(people["broker"]) == {"broker"}
    waiting = f"/role-proposals/{proposal().id}"
    assert client.submit("/account", {}, to=f"{waiting}/approve").status_code == 403
    client.sign_out()
    client.sign_in(second)
    assert waiting in client.get("/").text
    assert WHY["reason"] in client.get(waiting).text
    assert client.submit("/account", {}, to=f"{waiting}/approve").status_code == 302
    assert roles_of(people["broker"]) == {"broker", role}
    assert client.submit("/account", {}, to=f"{waiting}/approve").status_code == 409
    assert letters_to(people["admin"].email) == ["Proposed roles were decided"]


def test_whom_it_is_about_does_not_decide_on_it(client, people, second):
    client.sign_in(people["admin"])
    change(client, second, "administrator", "contract_manager", **WHY)
    client.sign_out()
    client.sign_in(second)
    assert client.submit("/account", {}, to=f"/role-proposals/{proposal().id}/approve").status_code == 403
    assert roles_of(second) == {"administrator"}


def test_a_refusal_needs_a_reason_and_changes_nothing(client, people, second):
    client.sign_in(people["admin"])
    change(client, people["broker"], "broker", "contract_manager", **WHY)
    client.sign_out()
    client.sign_in(second)
    path = f"/role-proposals/{proposal().id}/refuse"
    assert client.submit(path, {"because": ""}).status_code == 422
    assert client.submit(path, {"because": "We have two already."}).status_code == 302
    assert proposal().state is ProposalState.REFUSED
    assert roles_of(people["broker"]) == {"broker"}


@pytest.mark.parametrize("name", ["contracts", "manager", "auditor", "broker"])
def test_nobody_but_an_administrator_is_the_second_person(client, people, second, name):
    client.sign_in(people["admin"])
    change(client, people["finance"], "finance", "administrator", **WHY)
    client.sign_out()
    client.sign_in(people[name])
    assert client.submit("/account", {}, to=f"/role-proposals/{proposal().id}/approve").status_code == 403
    assert roles_of(people["finance"]) == {"finance"}


def test_another_council_s_administrator_finds_neither_users_nor_proposals(client, people, second):
    alien = a_user(people.other_council, "admin@elsewhere.example", Role.ADMINISTRATOR)
    client.sign_in(people["admin"])
    change(client, people["broker"], "broker", "administrator", **WHY)
    client.sign_out()
    client.sign_in(alien)
    assert client.get(page_of(people["broker"])).status_code == 404
    assert change(client, people["broker"], "navigator").status_code == 404
    for verb in ("approve", "refuse"):
        assert client.submit("/account", {}, to=f"/role-proposals/{proposal().id}/{verb}").status_code == 404


def test_an_invitation_with_a_strong_role_is_sent_when_the_second_person_agrees(client, people, second):
    client.sign_in(people["admin"])
    sent = {"email": "new@testshire.example", "roles": ["broker", "contract_manager"], **WHY}
    assert client.submit("/users/invite", sent).status_code == 302
    assert links_to("new@testshire.example", "/invitations/") == []
    client.sign_out()
    client.sign_in(second)
    assert client.submit("/account", {}, to=f"/role-proposals/{proposal().id}/approve").status_code == 302
    assert len(links_to("new@testshire.example", "/invitations/")) == 1


def test_nobody_changes_their_own_account(client, people, second):
    client.sign_in(people["admin"])
    own = page_of(people["admin"])
    assert change(client, people["admin"], "administrator", "broker").status_code == 403
    assert client.submit("/account", {"because": "x"}, to=f"{own}/close").status_code == 403
    assert client.submit("/account", {}, to=f"{own}/second-factor").status_code == 403


def test_the_last_administrator_stays(client, people, second):
    client.sign_in(people["admin"])
    second.password_hash = None
    assert change(client, second, "broker").status_code == 302
    client.sign_out()
    only = a_user(people.council, "admin3@testshire.example", Role.ADMINISTRATOR)
    client.sign_in(only)
    assert change(client, people["admin"], "broker").status_code == 302
    client.sign_out()
    client.sign_in(people["admin"])
    assert client.get("/users").status_code == 403
    assert roles_of(only) == {"administrator"}


@pytest.mark.parametrize("kept", [{"broker"}, set()])
def test_an_account_that_is_opened_again_has_lost_the_roles_that_take_two_people(client, people, second, kept):
    """Whoever closed it could otherwise make an administrator alone, by opening it again."""
    held = {*kept, "administrator", "contract_manager"}
    strong = a_user(people.council, "strong@testshire.example", *(Role(role) for role in sorted(held)))
    client.sign_in(people["admin"])
    assert client.submit(f"{page_of(strong)}/close", {"because": "On leave."}).status_code == 302
    assert "these roles are not given back" in client.get(page_of(strong)).text
    assert roles_of(strong) == held
    assert client.submit("/account", {}, to=f"{page_of(strong)}/open").status_code == 302
    assert roles_of(strong) == kept
    page = client.get(page_of(strong)).text
    assert "were not given back: Contract manager, System administrator." in page
    assert ("This user has no roles" in page) is (kept == set())
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "roles:changed")).one()
    assert entry.subject_id == strong.id
    assert "opened again by one person, and these roles take two" in page, (
        "the history of the account says what was taken"
    )
    assert letters_to(strong.email) == ["Your roles were changed"]
    assert change(client, strong, "broker", "administrator", **WHY).status_code == 302
    assert roles_of(strong) == {"broker"}, "they are proposed like any other"
    assert proposal().named_roles == {Role.ADMINISTRATOR}
    assert client.submit("/account", {}, to=f"{page_of(strong)}/open").status_code == 409


def test_closing_an_account_ends_its_sessions_and_tokens_for_good(client, people):
    secret = create_token(people["broker"], "x", by=people.viewer("broker").actor)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/packages", headers=headers).status_code == 200
    client.sign_in(people["admin"])
    path = f"{page_of(people['broker'])}/close"
    assert client.submit(path, {"because": ""}).status_code == 422
    assert client.submit(path, {"because": "Has left."}).status_code == 302
    assert client.get("/api/v1/packages", headers=headers).status_code == 401
    assert client.submit("/account", {}, to=f"{page_of(people['broker'])}/open").status_code == 302
    assert client.get("/api/v1/packages", headers=headers).status_code == 401
    client.sign_out()
    client.sign_in(people["broker"])
    assert client.get("/packages").status_code == 200
