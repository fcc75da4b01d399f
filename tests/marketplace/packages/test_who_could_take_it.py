"""Skills are chosen from what providers declare, and a package that nobody could take is told so where it is entered."""

from __future__ import annotations

from app.database import db
from marketplace.invitations.reach import notes_of_nobody
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.vocabulary import CarerGender
from tests.marketplace.makers import a_member, a_package, a_provider, a_scheme
from tests.marketplace.packages.makers import a_team
from tests.marketplace.packages.test_api import sent
from tests.marketplace.packages.test_steps import edited, in_team, typed

API = "/api/v1/packages"


def market(people):
    """Ash covers Preston with a hoist and no man; Birch can feed by PEG but covers Lancaster alone."""
    scheme = a_scheme(people)
    a_member(scheme, a_provider("Ash", skills=["Hoist"], carers_male=0))
    a_member(scheme, a_provider("Birch", skills=["PEG feeding"]), areas=["LA1"])
    db.session.commit()
    return scheme


def test_the_form_offers_what_providers_declare_and_takes_nothing_else(client, people):
    scheme, team = market(people), a_team(people)
    in_team(people["navigator"], team)
    client.sign_in(people["navigator"])
    page = client.get("/packages/new").text
    assert all(f'value="{skill}"' in page for skill in ("Hoist", "PEG feeding"))
    refused = client.submit("/packages/new", typed(scheme, team, skills=["Juggling"]))
    assert 'href="#skills' in refused.text
    answer = client.submit("/packages/new", typed(scheme, team, skills=["Hoist"]))
    assert answer.status_code == 302
    assert [skill.skill for skill in db.session.query(Package).one().skills] == ["Hoist"]
    assert "Nobody could take" not in client.get(answer.location).text


def test_a_skill_that_a_package_has_already_stays_whoever_declares_it(client, people):
    scheme = market(people)
    package = a_package(scheme, skills=["hoist", "Juggling"])
    client.sign_in(people["navigator"])
    page = client.get(f"/packages/{package.id}/edit").text
    assert "Juggling (declared by nobody)" in page
    assert 'value="hoist"' in page
    changed = edited(package, skills=["hoist", "Juggling"], version=str(package.version), pen_picture="Lives alone.")
    assert client.submit(f"/packages/{package.id}/edit", changed).status_code == 302
    db.session.expire_all()
    assert {skill.skill for skill in package.skills} == {"hoist", "Juggling"}


def test_what_nobody_could_take_is_told_so_on_the_page_with_the_number_left_by_each_need(client, people):
    scheme, team = market(people), a_team(people)
    in_team(people["navigator"], team)
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/new", typed(scheme, team, skills=["Hoist", "PEG feeding"]))
    page = client.get(answer.location).text
    assert "Nobody could take this package as it stands. Of 2 members are left: for the lot 2" in page
    assert "that cover the area 1" in page
    assert "with Hoist declared 1, with PEG feeding declared 0." in page


def test_the_api_tells_it_too_and_a_skill_is_found_in_any_spelling(client, people):
    scheme, team, headers = market(people), a_team(people), client.bearer(people["navigator"])
    made = client.post(API, json=sent(scheme, team, skills=["hoist"]), headers=headers)
    assert (made.status_code, made.json["nobody"]) == (201, None), made.json
    male = sent(scheme, team, carer_gender="male", carer_gender_reason="Asked for.", council_reference="B")
    male["person"] = {"name": "ZZIda ZZHolt", "date_of_birth": "1941-05-06"}
    told = client.post(API, json=male, headers=headers).json
    assert told["nobody"].endswith("with a carer of the gender needed 0.")
    assert client.get(f"{API}/{told['id']}", headers=headers).json["nobody"] == told["nobody"]


def test_only_the_own_authority_is_told_and_only_before_an_offer(session, people):
    scheme = market(people)
    man = {"carer_gender": CarerGender.MALE, "carer_gender_reason": "Asked for."}
    packages = [a_package(scheme, **man, status=status, status_reason="Why") for status in PackageStatus]
    ids = [package.id for package in packages]
    told = notes_of_nobody(people.viewer("navigator"), ids)
    before = {PackageStatus.DRAFT, PackageStatus.READY, PackageStatus.IN_BATCH, PackageStatus.UNSOURCED}
    assert {package.status for package in packages if package.id in told} == before
    assert notes_of_nobody(people.viewer("stranger"), ids) == {}


def test_a_scheme_without_members_says_that(session, people):
    package = a_package(a_scheme(people))
    (told,) = notes_of_nobody(people.viewer("broker"), [package.id]).values()
    assert told == "Nobody could take this package as it stands: the scheme has no members."
