"""What is to be done at a visit: typed behind a colon, kept through edits, checked, and read by those asked."""

from __future__ import annotations

import pytest

from app.database import db
from marketplace.packages.models import Package
from marketplace.packages.queries import need_of
from marketplace.rounds.issuing import issue_package
from marketplace.rounds.models import Offer
from tests.marketplace.makers import a_member, a_package, a_scheme, coordinator_of
from tests.marketplace.packages.makers import a_team
from tests.marketplace.packages.test_steps import edited, typed

WASH = "Mon-Sun 07:00-10:00 45x1: wash and dress"


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def test_tasks_typed_in_are_on_the_page_and_at_an_identity_are_refused_at_the_visits(client, people, scheme):
    client.sign_in(people["navigator"])
    values = typed(scheme, a_team(people), visits="Mon-Fri 07:30-09:30 45x1: ring 01772 555 123")
    refused = client.submit("/packages/new", values)
    assert refused.status_code == 422
    assert "Take out the telephone number" in refused.text
    done = client.submit("/packages/new", typed(scheme, a_team(people), visits=WASH))
    assert done.status_code == 302
    page = client.get(done.location).text
    assert "wash and dress" in page
    assert "Tasks" in page


def test_an_edit_types_the_tasks_back_and_changes_only_what_was_touched(client, people, scheme):
    package = a_package(scheme, referring_team_id=a_team(people).id)
    for visit in package.visits:
        visit.tasks, visit.time_critical = "Wash;\ndress", visit.weekday == 3
    db.session.flush()
    client.sign_in(people["navigator"])
    path = f"/packages/{package.id}/edit"
    back = "Mon-Sun 07:00-10:00 45x1: Wash, dress"
    assert back in client.get(path).text
    before = need_of(package).visits
    sent = edited(package, visits=back, time_critical="y", language="Urdu")
    assert client.submit(path, sent).status_code == 302
    db.session.refresh(package)
    assert need_of(package).visits == before
    sent = edited(package, visits=WASH, time_critical="y", version=str(package.version))
    assert client.submit(path, sent).status_code == 302
    db.session.refresh(package)
    after = need_of(package).visits
    assert {visit.tasks for visit in after} == {"wash and dress"}
    assert [visit.weekday for visit in after if visit.time_critical] == [3]


def test_the_persons_name_in_the_tasks_is_a_question_and_keeps_the_package_a_draft(client, people, scheme):
    client.sign_in(people["navigator"])
    visits = "Mon-Fri 07:30-09:30 45x1: give ZZAda her breakfast"
    done = client.submit("/packages/new", typed(scheme, a_team(people), visits=visits))
    assert done.status_code == 302
    assert db.session.query(Package).one().status == "draft"
    assert "ZZAda” the person’s name?" in client.get(done.location).text


def test_providers_read_the_tasks_on_their_offer(client, people, scheme):
    provider, package = a_member(scheme), a_package(scheme)
    package.visits[0].tasks = "Hoist into the chair"
    issue_package(package, by=people.viewer("navigator").actor)
    db.session.commit()
    client.sign_in(coordinator_of(provider))
    page = client.get(f"/offers/{db.session.query(Offer).one().id}").text
    assert page.count("Hoist into the chair") >= 2
