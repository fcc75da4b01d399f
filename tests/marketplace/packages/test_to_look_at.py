"""What cannot be offered yet stands in a list with what it lacks, and many late starts are mended at once."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.database import db
from marketplace.packages.models import Package
from marketplace.packages.panels import IN_QUESTION
from marketplace.packages.rules import PackageStatus
from tests.marketplace.makers import a_package, a_person, a_scheme
from tests.marketplace.packages.makers import a_team
from tests.marketplace.rounds.makers import counted

PAGE, API = "/packages/to-look-at", "/api/v1/packages/to-look-at"
LATE = "The planned start is in the past: enter a new one."


def drafts(people, late=2):
    """Some that only start too late, one that also lacks its pen picture, and one that lacks that alone."""
    scheme, team = a_scheme(people), a_team(people)
    past = {"planned_start": clock.today() - timedelta(days=3), "status": PackageStatus.DRAFT}
    values = {"referring_team_id": team.id}
    for number in range(late):
        a_package(scheme, **past, **values, council_reference=f"LAS-{number}")
    a_package(scheme, **past, **values, pen_picture="")
    a_package(scheme, status=PackageStatus.DRAFT, **values, pen_picture="")
    db.session.commit()
    return scheme


def day(ahead=10):
    start = clock.today() + timedelta(days=ahead)
    return {"start": [str(start.day), str(start.month), str(start.year)]}


def states(scheme):
    db.session.expire_all()
    return sorted(package.status.value for package in db.session.query(Package).filter_by(scheme_id=scheme.id))


def test_the_page_names_each_with_what_it_lacks_and_mends_all_late_starts_with_one_press(client, people):
    scheme = drafts(people)
    client.sign_in(people["navigator"])
    address = f"{PAGE}?scheme={scheme.id}"
    page = client.get(address).text
    assert page.count(LATE) == 3
    assert page.count("Describe the person&#39;s needs in the pen picture.") == 2
    assert all(words in page for words in ("LAS-0", "LAS-1", "3 of these packages have a planned start in the past"))
    refused = client.submit(address, day(-1), to=f"{PAGE}/start?scheme={scheme.id}")
    assert 'href="#start' in refused.text
    answer = client.submit(address, day(), to=f"{PAGE}/start?scheme={scheme.id}")
    assert (answer.status_code, answer.location) == (302, address)
    after = client.get(address).text
    assert "3 packages moved, 2 of them ready now." in after
    assert LATE not in after
    assert states(scheme) == ["draft", "draft", "ready", "ready"]
    moved = db.session.query(Package).filter_by(council_reference="LAS-0").one()
    assert (moved.planned_start, moved.first_wanted_start) == (
        clock.today() + timedelta(days=10),
        clock.today() - timedelta(days=3),
    )


def test_the_api_lists_and_mends_the_same(client, people):
    scheme, headers = drafts(people), client.bearer(people["navigator"])
    listed = client.get(f"{API}?scheme_id={scheme.id}", headers=headers).json["items"]
    assert [one["reasons"] for one in listed].count([LATE]) == 2
    sent = {"scheme_id": str(scheme.id), "start": (clock.today() + timedelta(days=9)).isoformat()}
    past = client.post(
        f"{API}/start", json={**sent, "start": clock.today().replace(year=2020).isoformat()}, headers=headers
    )
    assert (past.status_code, past.json["errors"][0]["field"]) == (422, "start")
    assert client.post(f"{API}/start", json=sent, headers=headers).json == {"moved": 3, "ready": 2}
    assert client.post(f"{API}/start", json=sent, headers=headers).json == {"moved": 0, "ready": 0}


def test_another_council_neither_sees_nor_moves_any_and_a_role_without_the_function_is_refused(client, people):
    scheme, headers = drafts(people), client.bearer(people["stranger"])
    assert client.get(API, headers=headers).json["items"] == []
    sent = {"start": (clock.today() + timedelta(days=9)).isoformat()}
    assert client.post(f"{API}/start", json=sent, headers=headers).json == {"moved": 0, "ready": 0}
    assert states(scheme) == ["draft"] * 4
    assert client.get(API, headers=client.bearer(people["contracts"])).status_code == 403


def test_a_word_of_the_persons_record_is_not_in_the_list(client, people):
    scheme = drafts(people, late=0)
    person = a_person(scheme, name="ZZMabel ZZSmith")
    a_package(scheme, person=person, status=PackageStatus.DRAFT, pen_picture="ZZMabel likes tea.")
    db.session.commit()
    client.sign_in(people["navigator"])
    page = client.get(PAGE).text
    assert IN_QUESTION in page
    assert "ZZMabel" not in page


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(client, people):
    scheme = drafts(people, late=1)
    client.sign_in(people["navigator"])
    client.get(PAGE)
    with counted() as few:
        client.get(PAGE)
    for _ in range(12):
        a_package(scheme, status=PackageStatus.DRAFT, pen_picture="")
    db.session.commit()
    with counted() as many:
        client.get(PAGE)
    assert len(many) <= len(few)
