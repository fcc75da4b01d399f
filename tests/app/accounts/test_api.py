"""Users and invitations over the API: read by whoever reads the pages, made by whoever invites there, and by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Invitation
from app.auth.tokens import Scope, create_token
from app.database import db
from app.parties.roles import Role
from app.parties.services import team_named
from app.parties.viewer import viewer_of
from tests.app.accounts.post import letters_to
from tests.marketplace.makers import a_provider
from tests.people import a_user

USERS, INVITATIONS = "/api/v1/users", "/api/v1/invitations"


@pytest.fixture
def administrator(people):
    """Who looks after the users of a provider."""
    user = a_user(a_provider().organisation, "office@provider.example", Role.PROVIDER_ADMINISTRATOR)
    db.session.commit()
    return user


def invite(client, user, *roles, email="new@testshire.example", **more):
    return client.post(INVITATIONS, json={"email": email, "roles": list(roles), **more}, headers=client.bearer(user))


def test_users_are_listed_with_their_roles_for_their_own_organisation_alone(client, people, administrator):
    given = client.get(f"{USERS}?q=broker%40", headers=client.bearer(people["admin"])).json
    assert [(one["email"], [held["role"] for held in one["roles"]]) for one in given["items"]] == [
        ("broker@testshire.example", ["broker"])
    ]
    assert "password" not in str(given)
    own = client.get(USERS, headers=client.bearer(administrator)).json
    listed = [one["email"] for one in own["items"]]
    assert "office@provider.example" in listed
    assert not [email for email in listed if "testshire" in email]
    one = f"{USERS}/{people['broker'].id}"
    assert client.get(one, headers=client.bearer(people["auditor"])).json["id"] == str(people["broker"].id)
    assert client.get(one, headers=client.bearer(administrator)).status_code == 404


def test_somebody_is_invited_and_the_invitation_is_listed_without_its_link(client, people):
    answer = invite(client, people["admin"], "broker")
    assert answer.status_code == 201
    assert answer.json["sent_at"] is not None
    assert len(letters_to("new@testshire.example")) == 1
    listed = client.get(INVITATIONS, headers=client.bearer(people["admin"])).json
    assert [one["id"] for one in listed["items"]] == [answer.json["id"]]
    assert "secret" not in str(listed)
    again = invite(client, people["admin"], "broker")
    assert (again.status_code, "invited already" in again.json["detail"]) == (409, True)


def test_roles_that_take_two_wait_for_a_second_administrator(client, people):
    answer = invite(client, people["admin"], "contract_manager", reason="Covers for somebody.")
    assert (answer.status_code, answer.json["sent_at"]) == (201, None)
    assert not letters_to("new@testshire.example")


@pytest.mark.parametrize(
    "more", [{"organisation_id": "x"}, {"sent_at": "2026-01-01"}, {"email": "nobody"}, {"roles": []}]
)
def test_what_is_not_asked_for_or_no_address_is_refused(client, people, more):
    answer = client.post(
        INVITATIONS,
        json={"email": "new@testshire.example", "roles": ["broker"], **more},
        headers=client.bearer(people["admin"]),
    )
    assert answer.status_code == 422
    assert not db.session.scalars(select(Invitation)).all()


def test_teams_of_others_are_refused_by_the_name_that_was_sent(client, people):
    alien = team_named(people.other_council, "Alien", None)
    db.session.commit()
    answer = invite(client, people["admin"], "social_worker", team_ids=[str(alien.id)])
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["errors"]] == ["team_ids"]


def test_a_provider_invites_nobody_as_council_staff_and_others_invite_nobody(client, people, administrator):
    assert invite(client, administrator, "broker").status_code == 422
    for name in ("broker", "auditor", "contracts"):
        assert invite(client, people[name], "broker").status_code == 403
        assert client.get(INVITATIONS, headers=client.bearer(people[name])).status_code == 403
    assert client.get(USERS, headers=client.bearer(people["broker"])).status_code == 403
    assert not db.session.scalars(select(Invitation)).all()


def test_a_token_that_only_reads_invites_nobody(client, people):
    admin = people["admin"]
    secret = create_token(admin, "reader", by=viewer_of(admin).actor, scopes=(Scope.READ,))
    db.session.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    sent = {"email": "new@testshire.example", "roles": ["broker"]}
    assert client.get(USERS, headers=headers).status_code == 200
    assert client.post(INVITATIONS, json=sent, headers=headers).status_code == 403
