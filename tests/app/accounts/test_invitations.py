"""Invitations: used, and misused."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.accounts.models import Invitation
from app.audit import SYSTEM
from app.database import db
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from app.parties.models import Organisation, User
from app.parties.roles import OrganisationKind, Role
from app.parties.services import bring_users, register_organisation, team_named
from tests.app.accounts.post import letters_to, links_to
from tests.app.auth.makers import without_nonces
from tests.careful import token_in
from tests.people import a_user

ADA = "ada@testshire.example"
CHOSEN = {"email": ADA, "name": "Ada Fell", "password": "seven yellow teapots"}


@pytest.fixture
def link(client, people):
    """An invitation of a navigator, sent; nobody is signed in."""
    client.sign_in(people["admin"])
    assert client.submit("/users/invite", {"email": ADA, "roles": "navigator"}).status_code == 302
    client.sign_out()
    (found,) = links_to(ADA, "/invitations/")
    return found


@pytest.fixture
def provider(people):
    """A provider's organisation with its administrator and a coordinator."""
    house = register_organisation(OrganisationKind.PROVIDER, "Own Care", by=SYSTEM)
    people.users["pra"] = a_user(house, "pra@own.example", Role.PROVIDER_ADMINISTRATOR)
    people.users["prv"] = a_user(house, "prv@own.example", Role.PROVIDER_COORDINATOR)
    db.session.commit()
    return house


def user(email=ADA):
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def test_the_invited_chooses_name_and_password_and_signs_in(client, people, link):
    page = client.get(link)
    assert "Testshire County Council invites you" in page.text
    assert ADA not in page.text
    assert client.submit(link, CHOSEN).location == "/sign-in"
    assert (user().name, [held.role for held in user().roles]) == ("Ada Fell", [Role.NAVIGATOR])
    client.submit("/sign-in", {"email": ADA, "password": CHOSEN["password"]})
    assert client.get("/packages").status_code == 200


def test_a_mail_scanner_that_opens_the_link_changes_nothing(client, people, link):
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert user() is None
    assert client.submit(link, CHOSEN).status_code == 302


def test_a_link_is_good_once(client, people, link):
    client.submit(link, CHOSEN)
    again = client.get(link)
    assert again.status_code == 404
    assert "send a new one" in again.text
    token = token_in(client.get("/sign-in").text)
    assert client.post(link, data={**CHOSEN, "csrf_token": token}).status_code == 404


def test_twenty_at_once_make_one_account(house, client, people, link):
    token = token_in(client.get(link).text)
    cookie = client.get_cookie("homeward").value
    db.session.commit()

    def accept(_number):
        other = house.test_client()
        other.set_cookie("homeward", cookie)
        return other.post(link, data={**CHOSEN, "csrf_token": token}).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(accept, range(20)))
    assert answers[0] == 302
    assert set(answers[1:]) <= {404, 409}
    assert db.session.scalar(select(func.count()).where(User.email == ADA)) == 1


def test_whoever_does_not_know_the_address_cannot_use_the_link(client, people, link):
    answer = client.submit(link, {**CHOSEN, "email": "eve@elsewhere.example"})
    assert answer.status_code == 422
    assert user() is None
    assert user("eve@elsewhere.example") is None


def test_whoever_is_signed_in_as_somebody_else_is_told_to_sign_out(client, people, link):
    client.sign_in(people["broker"])
    assert client.get(link).status_code == 409
    token = token_in(client.get("/").text)
    assert client.post(link, data={**CHOSEN, "csrf_token": token}).status_code == 409
    assert user() is None


@pytest.mark.parametrize(("hours", "status"), [(47, 200), (48, 404)])
def test_a_link_lasts_48_hours(client, people, link, hours, status):
    with clock.moved_to(clock.now() + timedelta(hours=hours)):
        assert client.get(link).status_code == status


def test_a_link_dies_when_the_organisation_is_suspended(client, people, link):
    db.session.get_one(Organisation, people.council.id).suspended_at = clock.now()
    assert client.get(link).status_code == 404


def test_a_link_dies_when_the_invitation_is_sent_again_and_the_new_one_works(client, people, link):
    client.sign_in(people["admin"])
    invitation = db.session.scalars(select(Invitation)).one()
    client.submit("/users/invitations", {}, to=f"/users/invitations/{invitation.id}/send-again")
    client.sign_out()
    (new,) = set(links_to(ADA, "/invitations/")) - {link}
    assert client.get(link).status_code == 404
    assert client.submit(new, CHOSEN).status_code == 302


def test_a_link_dies_when_the_invitation_is_withdrawn(client, people, link):
    client.sign_in(people["admin"])
    invitation = db.session.scalars(select(Invitation)).one()
    client.submit("/users/invitations", {}, to=f"/users/invitations/{invitation.id}/withdraw")
    assert "No invitation is open" in client.get("/users/invitations").text
    client.sign_out()
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("password", ["short", "password1234", "adafelladafell"])
def test_a_weak_password_is_refused_and_the_link_still_works(client, people, link, password):
    answer = client.submit(link, {**CHOSEN, "password": password})
    assert answer.status_code == 422
    assert "Ada Fell" in answer.text
    assert password not in answer.text
    assert client.submit(link, CHOSEN).status_code == 302


def test_an_address_that_has_an_account_elsewhere_gets_the_same_answer_and_no_link(client, people):
    client.sign_in(people["admin"])
    known, unknown = "stranger@elsewhere.example", "nobody@elsewhere.example"
    answers = [client.submit("/users/invite", {"email": one, "roles": "navigator"}) for one in (known, unknown)]
    assert [answer.status_code for answer in answers] == [302, 302]
    page = client.get("/users/invitations").text
    assert known in page
    assert unknown in page
    assert links_to(known, "/invitations/") == []
    assert len(links_to(unknown, "/invitations/")) == 1
    assert letters_to(known) == letters_to(unknown)
    assert links_to(known, "/") == ["/sign-in"]


def test_no_page_of_the_inviter_tells_that_an_invited_address_has_an_account_elsewhere(client, people):
    """Inbox, message and list are the same but for the address, before and after the emails have left."""
    known, unknown = "stranger@elsewhere.example", "strange2@elsewhere.example"
    client.sign_in(people["admin"])
    with clock.moved_to(clock.now()):
        for email in (known, unknown):
            assert client.submit("/users/invite", {"email": email, "roles": "navigator"}).status_code == 302
    rows = [
        row
        for row in re.findall("<tr.*?</tr>", client.get("/inbox").text, re.DOTALL)
        if "Your invitation to Homeward" in row
    ]
    assert len(rows) == 2
    assert len({re.sub(r"[0-9a-f-]{36}", "", row) for row in rows}) == 1
    for state in (DeliveryState.QUEUED, DeliveryState.SENT):
        db.session.execute(update(Delivery).values(state=state))
        db.session.commit()
        seen = []
        for email in (known, unknown):
            query = select(Message).join(Delivery).where(Delivery.email == email)
            message = db.session.scalars(query).one()
            assert message.user_id == people["admin"].id
            page = client.get(f"/inbox/{message.id}").text
            assert "ask to be invited at another address" in page, "the body is on the page"
            seen.append(without_nonces(page).replace(email, "").replace(str(message.id), ""))
        assert seen[0] == seen[1]


def test_nobody_is_invited_twice_at_one_address(client, people, link):
    client.sign_in(people["admin"])
    answer = client.submit("/users/invite", {"email": ADA.upper(), "roles": "broker"})
    assert answer.status_code == 409
    assert "invited already" in answer.text


@pytest.mark.parametrize("email", ["navigator@testshire.example", "NAVIGATOR@testshire.example "])
def test_a_colleague_is_not_invited_again(client, people, email):
    client.sign_in(people["admin"])
    assert client.submit("/users/invite", {"email": email, "roles": "navigator"}).status_code == 422


@pytest.mark.parametrize("role", ["navigator", "broker", "administrator", "auditor", "service_user", "advocate", "x"])
def test_a_provider_s_administrator_cannot_invite_as_one_of_the_council(client, people, provider, role):
    client.sign_in(people["pra"])
    answer = client.submit("/users/invite", {"email": ADA, "roles": [role, "provider_coordinator"]})
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_provider_s_administrator_invites_into_its_own_organisation_whatever_is_sent_along(client, people, provider):
    client.sign_in(people["pra"])
    more = {"organisation_id": str(people.council.id), "user_id": str(people["admin"].id), "expires_at": "2099-01-01"}
    assert client.submit("/users/invite", {"email": ADA, "roles": "provider_coordinator", **more}).status_code == 302
    invitation = db.session.scalars(select(Invitation)).one()
    assert (invitation.organisation_id, invitation.user_id) == (provider.id, None)


@pytest.mark.parametrize("role", ["provider_coordinator", "provider_administrator"])
def test_a_council_s_administrator_cannot_make_itself_a_provider_s_account(client, people, role):
    client.sign_in(people["admin"])
    assert client.submit("/users/invite", {"email": ADA, "roles": role}).status_code == 422


@pytest.mark.parametrize("name", ["navigator", "contracts", "manager", "auditor", "prv", "healthassessor"])
def test_others_invite_nobody(client, people, provider, name):
    client.sign_in(people[name])
    assert client.get("/users/invite").status_code == 403
    token = token_in(client.get("/").text)
    sent = {"csrf_token": token, "email": ADA, "roles": "broker"}
    assert client.post("/users/invite", data=sent).status_code == 403


def test_somebody_else_s_invitation_is_not_found(client, people, provider, link):
    invitation = db.session.scalars(select(Invitation)).one()
    client.sign_in(people["pra"])
    assert ADA not in client.get("/users/invitations").text
    for verb in ("send-again", "withdraw"):
        path = f"/users/invitations/{invitation.id}/{verb}"
        assert client.submit("/users/invitations", {}, to=path).status_code == 404


def test_the_teams_of_an_invitation_are_those_of_the_account_and_never_another_organisation_s(client, people):
    own = team_named(people.council, "Hospital", None)
    alien = team_named(people.other_council, "Alien", None)
    client.sign_in(people["admin"])
    sent = {"email": ADA, "roles": ["social_worker", "navigator"]}
    assert client.submit("/users/invite", {**sent, "teams": str(alien.id)}).status_code == 422
    assert client.submit("/users/invite", {**sent, "teams": str(own.id)}).status_code == 302
    client.sign_out()
    client.submit(links_to(ADA, "/invitations/")[0], CHOSEN)
    held = {held.role: held.team_id for held in user().roles}
    assert held == {Role.SOCIAL_WORKER: own.id, Role.NAVIGATOR: None}


def test_a_provider_s_first_user_is_invited_at_the_address_of_the_list_and_no_other(client, people, provider):
    waiting = a_user(provider, "first@own.example", Role.PROVIDER_COORDINATOR)
    waiting.password_hash = None
    bring_users(people.council.id, {(provider.id, waiting.email)})
    client.sign_in(people["admin"])
    assert "first@own.example" in client.get("/users/of-providers").text
    path = f"/users/of-providers/{waiting.id}/invite"
    assert client.submit("/users/of-providers", {"email": "mine@evil.example"}, to=path).status_code == 302
    assert "first@own.example" not in client.get("/users/of-providers").text
    assert client.submit("/users", {}, to=f"/users/of-providers/{people['prv'].id}/invite").status_code == 404
    client.sign_out()
    (link,) = links_to("first@own.example", "/invitations/")
    sent = {**CHOSEN, "email": "first@own.example"}
    assert client.submit(link, sent).status_code == 302
    db.session.refresh(waiting)
    assert waiting.name == "Ada Fell"


def test_the_token_stands_in_no_page_of_the_inviter_and_not_in_the_database(client, people, link):
    secret = link.rpartition("/")[2]
    client.sign_in(people["admin"])
    assert secret not in client.get("/users/invitations").text
    assert secret not in client.get("/inbox").text
    assert db.session.scalars(select(Invitation.secret_hash)).one() != secret
