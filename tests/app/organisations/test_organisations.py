"""Whole organisations: strange addresses wait for a second administrator, and a provider is shut out by two people."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import select

from app.accounts.invitation_services import invite
from app.accounts.models import Invitation, RoleProposal
from app.accounts.role_services import approve, set_roles
from app.accounts.terms import given_by_two
from app.audit.models import AuditEntry
from app.auth.models import ApiToken, UserSession
from app.database import db
from app.errors import Invalid
from app.messages.models import Message
from app.organisations.models import OrganisationProposal
from app.organisations.services import read_domains
from app.parties.models import Organisation, User
from app.parties.roles import Role
from app.parties.services import bring_users, team_named
from app.parties.viewer import viewer_of
from marketplace.providers.models import ProviderContact
from marketplace.rounds.models import OfferLink
from tests.app.auth.makers import try_to_sign_in
from tests.marketplace.makers import a_member, a_package, a_scheme, an_issue, coordinator_of, line_of
from tests.people import PASSWORD, a_user

DOMAIN = "testshire.example"
STRANGE = "ada@gmail.example"


@pytest.fixture
def second(people):
    """A second administrator."""
    return a_user(people.council, f"admin2@{DOMAIN}", Role.ADMINISTRATOR)


def newest(model):
    return db.session.scalars(select(model)).all()[-1]


def test_an_address_is_strange_only_outside_the_domains_that_were_set(people):
    council = people.council
    assert not council.is_stranger(STRANGE), "none is set"
    council.email_domains = f"{DOMAIN} nhs.example"
    for email, strange in (
        (f"a@{DOMAIN}", False),
        (f"a@social.{DOMAIN}", False),
        ("a@nhs.example", False),
        (f"a@evil{DOMAIN}", True),
        (STRANGE, True),
    ):
        assert council.is_stranger(email) is strange, email


def test_every_new_role_of_a_strange_address_takes_two():
    broker = {Role.BROKER}
    assert given_by_two((), broker, is_stranger=True) == broker
    assert given_by_two(broker, broker, is_stranger=True) == frozenset()
    assert given_by_two((), broker, is_stranger=False) == frozenset()


@pytest.mark.parametrize("typed", ["no domain", "-x.example", "testshire"])
def test_what_is_no_domain_is_refused(typed):
    with pytest.raises(Invalid):
        read_domains(typed)


def test_domains_are_kept_once_in_small_letters():
    assert read_domains("@Testshire.Example, testshire.example; nhs.example") == "testshire.example nhs.example"


def test_domains_are_changed_by_two_administrators_on_pages(client, people, second):
    client.sign_in(people["admin"])
    page = "/organisations/domains"
    assert client.submit(page, {"domains": "x", "because": "Theirs."}).status_code == 422
    answer = client.submit(page, {"domains": DOMAIN, "because": "Ours alone."})
    assert answer.status_code == 302, answer.text
    proposal = newest(OrganisationProposal)
    base = f"/organisation-proposals/{proposal.id}"
    assert "Another administrator decides on this." in client.get(base).text
    assert client.submit(base, {}, to=f"{base}/do").status_code == 403
    told = db.session.scalars(select(Message.user_id).where(Message.kind == "organisation_proposal")).all()
    assert told == [second.id]
    client.sign_out()
    client.sign_in(second)
    assert "Change the domains of your addresses" in client.get("/").text
    assert client.submit(base, {}, to=f"{base}/do").status_code == 302
    db.session.expire_all()
    assert people.council.email_domains == DOMAIN
    assert DOMAIN in client.get("/organisations").text
    assert "Change the domains of your addresses" in client.get("/organisation-proposals").text
    tags = db.session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == proposal.id)).all()
    assert set(tags) == {"organisation:proposed", "organisation:approved"}


def test_an_invitation_to_a_strange_address_waits_for_a_second_administrator_at_page_and_api(client, people, second):
    people.council.email_domains = DOMAIN
    db.session.commit()
    client.sign_in(people["admin"])
    sent = {"email": STRANGE, "roles": "broker"}
    assert client.submit("/users/invite", sent).status_code == 422, "a reason is asked"
    assert client.submit("/users/invite", {**sent, "reason": "An agency broker."}).status_code == 302
    assert newest(Invitation).secret_hash is None
    headers = client.bearer(people["admin"])
    api = {"email": "bob@gmail.example", "roles": ["referrer"], "reason": "A hospital's own address."}
    answer = client.post("/api/v1/invitations", json=api, headers=headers)
    assert (answer.status_code, answer.json["sent_at"]) == (201, None)
    own = {"email": f"cora@{DOMAIN}", "roles": "broker"}
    assert client.submit("/users/invite", own).status_code == 302
    assert db.session.scalars(select(Invitation).where(Invitation.email == own["email"])).one().secret_hash
    proposal = db.session.scalars(select(RoleProposal).join(Invitation).where(Invitation.email == STRANGE)).one()
    client.sign_out()
    client.sign_in(second)
    base = f"/role-proposals/{proposal.id}"
    assert client.submit(base, {}, to=f"{base}/approve").status_code == 302
    assert db.session.scalars(select(Invitation).where(Invitation.email == STRANGE)).one().secret_hash


def test_roles_of_a_known_strange_address_wait_and_keep_their_teams(people, second):
    people.council.email_domains = DOMAIN
    team = team_named(people.council, "Hospital", None)
    user = a_user(people.council, STRANGE, Role.FINANCE)
    admin = people.viewer("admin")
    proposal = set_roles(admin, user, {Role.FINANCE, Role.SOCIAL_WORKER}, [team.id], reason="Joins the ward.")
    assert {held.role for held in user.roles} == {Role.FINANCE}
    approve(viewer_of(second), proposal)
    held = {held.role: held.team_id for held in user.roles}
    assert held == {Role.FINANCE: None, Role.SOCIAL_WORKER: team.id}, "never the whole authority instead"


@pytest.fixture
def provider(people):
    """A provider that the council's list named, with an open offer by link."""
    scheme = a_scheme(people)
    provider = a_member(scheme)
    package = a_package(scheme)
    issue = an_issue(scheme, [package], [provider])
    contact = db.session.scalars(select(ProviderContact).filter_by(provider_id=provider.id)).one()
    offer = line_of(issue, package, provider).offer
    secret = {"contact_id": contact.id, "secret_hash": sha256(b"a-link").hexdigest()}
    db.session.add(OfferLink(authority_id=people.council.id, offer_id=offer.id, **secret))
    user = coordinator_of(provider)
    bring_users(people.council.id, {(user.organisation_id, user.email)})
    db.session.commit()
    return provider


def decided(client, people, second, organisation_id, act):
    client.sign_out()
    client.sign_in(people["admin"])
    answer = client.submit(f"/organisations/{organisation_id}/{act}", {"because": "A stolen laptop."})
    assert answer.status_code == 302, answer.text
    client.sign_out()
    client.sign_in(second)
    base = f"/organisation-proposals/{newest(OrganisationProposal).id}"
    assert client.submit(base, {}, to=f"{base}/do").status_code == 302
    client.sign_out()
    db.session.expire_all()


def test_an_organisation_is_shut_out_whole_by_two_people_and_let_in_again(client, people, second, provider):
    user = coordinator_of(provider)
    organisation_id = user.organisation_id
    headers = client.bearer(user)
    invite(
        viewer_of(a_user(user.organisation, "boss@own.example", Role.PROVIDER_ADMINISTRATOR)),
        "new@own.example",
        [Role.PROVIDER_COORDINATOR],
    )
    db.session.commit()
    client.sign_in(user)
    assert client.get("/offers").status_code == 200
    assert client.get("/api/v1/offers", headers=headers).status_code == 200
    decided(client, people, second, organisation_id, "shut-out")
    people_of = select(User.id).where(User.organisation_id == organisation_id)
    for table in (UserSession, ApiToken):
        ended = db.session.scalars(select(table.ended_at).where(table.user_id.in_(people_of))).all()
        assert ended
        assert all(ended), table
    assert db.session.scalars(select(Invitation)).one().withdrawn_at
    assert client.get("/api/v1/offers", headers=headers).status_code == 401
    assert client.get("/offer-links/a-link").status_code in {404, 410}
    assert try_to_sign_in(client, user.email, PASSWORD).status_code != 302
    decided(client, people, second, organisation_id, "let-in")
    assert db.session.get_one(Organisation, organisation_id).suspended_at is None
    assert client.get("/api/v1/offers", headers=headers).status_code == 401, "what ended stays ended"
    assert client.get("/offer-links/a-link").status_code == 200
    assert try_to_sign_in(client, user.email, PASSWORD).status_code == 302


def test_one_council_shuts_nobody_out_whom_another_works_with(client, people, second, provider):
    others = people.elsewhere()
    a_member(a_scheme(others), provider)
    db.session.commit()
    client.sign_in(people["admin"])
    page = f"/organisations/{provider.organisation_id}/shut-out"
    answer = client.submit(page, {"because": "A stolen laptop."})
    assert answer.status_code == 409
    assert "Another council works with this organisation too" in answer.text
    client.sign_out()
    client.sign_in(others["admin"])
    assert client.get(page).status_code == 404, "no list of theirs named it"
    client.sign_out()
    client.sign_in(people["auditor"])
    assert client.get("/organisations").status_code == 200
    assert client.get(page).status_code == 403


def test_a_refusal_says_why_and_nothing_is_done(client, people, second, provider):
    client.sign_in(people["admin"])
    client.submit(f"/organisations/{provider.organisation_id}/shut-out", {"because": "A stolen laptop."})
    base = f"/organisation-proposals/{newest(OrganisationProposal).id}"
    client.sign_out()
    client.sign_in(second)
    assert client.submit(f"{base}/refuse", {"because": " "}).status_code == 422
    assert client.submit(f"{base}/refuse", {"because": "It was found."}).status_code == 302
    assert client.submit(base, {}, to=f"{base}/do").status_code == 409
    assert db.session.get_one(Organisation, provider.organisation_id).suspended_at is None
