"""The pages of packages: as each role, as a stranger, and with what should not be typed."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, func, select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AccessLog, AuditEntry
from app.database import db
from app.files.reading import read_rows
from app.parties.models import UserRole
from app.tasks.jobs import run_queued
from marketplace.packages import services
from marketplace.packages.listing import COLUMNS
from marketplace.packages.models import Funder, FundingShare, Package, PackageParty, PartyRole
from marketplace.packages.rules import PackageStatus, Source, Urgency
from tests.careful import CarefulClient
from tests.marketplace.makers import a_package, a_provider, a_scheme, coordinator_of
from tests.marketplace.packages.makers import a_file, a_row, a_team, upload
from tests.people import People

IDENTITY = ("ZZMabel", "ZZThornber", "Canal Bank", "07700 9", "PR1 8XJ")


@pytest.fixture
def scheme(people: People):
    return a_scheme(people)


def page_of(package: Package) -> str:
    return f"/packages/{package.id}"


def in_team(user, team) -> None:
    db.session.query(UserRole).filter_by(user_id=user.id).update({"team_id": team.id})


def test_roles_without_a_need_to_know_see_the_need_and_not_the_person(client, people: People, scheme):
    package = a_package(scheme, status_reason="ZZMabel is away")
    for name, allowed in (("contracts", set()), ("auditor", {"ZZMabel"})):
        client.sign_out()
        page = client.sign_in(people[name]).get(page_of(package))
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert package.reference in text
        # The reason of a state is free text: auditors read it, contract managers do not.
        assert {mark for mark in IDENTITY if mark in text} == allowed
    assert not db.session.scalar(select(func.count()).select_from(AccessLog))


def test_a_navigator_sees_the_person_and_the_read_is_logged(client, people: People, scheme):
    package = a_package(scheme)
    text = client.sign_in(people["navigator"]).get(page_of(package)).get_data(as_text=True)
    assert "ZZMabel" in text
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL)
    assert title is not None
    assert "ZZMabel" not in title[1]
    assert db.session.scalars(select(AccessLog.person_id)).all() == [package.person_id]


def test_roles_without_the_function_are_told_so(client, people: People, scheme):
    package = a_package(scheme)
    for name in ("finance", "admin"):
        client.sign_out()
        client.sign_in(people[name])
        assert client.get(page_of(package)).status_code == 403
        assert client.get("/packages").status_code == 403


def test_another_authority_a_provider_and_nobody_find_nothing(client: CarefulClient, people: People, scheme):
    package = a_package(scheme)
    client.sign_in(people["stranger"])
    for path in (page_of(package), f"{page_of(package)}/edit", f"{page_of(package)}/withdraw"):
        assert client.get(path).status_code == 404
    assert client.get(f"/search?q={package.reference}").status_code == 200
    client.sign_out()
    client.sign_in(coordinator_of(a_provider()))
    assert client.get(page_of(package)).status_code == 403
    assert client.get(f"/search?q={package.reference}").status_code == 200
    client.sign_out()
    assert client.get(page_of(package)).status_code == 302


def test_a_social_worker_sees_the_packages_of_the_own_team_only(client, people: People, scheme):
    team, other = a_team(people), a_team(people, "Another team")
    in_team(people["socialworker"], team)
    own = a_package(scheme, referring_team_id=team.id)
    foreign = a_package(scheme, referring_team_id=other.id)
    client.sign_in(people["socialworker"])
    assert "ZZMabel" in client.get(page_of(own)).get_data(as_text=True)
    assert client.get(page_of(foreign)).status_code == 404
    listed = client.get("/packages").get_data(as_text=True)
    assert own.reference in listed
    assert foreign.reference not in listed


def test_the_icb_sees_need_visits_and_share_of_its_packages_and_nothing_else(client, people: People, scheme):
    shared, council_only = a_package(scheme, cost_ceiling_pence=43_210), a_package(scheme)
    owned = {"authority_id": scheme.authority_id, "package_id": shared.id, "starts_on": clock.today()}
    db.session.add(PackageParty(**owned, organisation_id=people.icb.id, role=PartyRole.FUNDER))
    shared.funding[0].percent = 70
    db.session.add(FundingShare(**owned, funder=Funder.HEALTH, percent=30))
    services.confirm_need([shared], needed=True, with_whom="ZZ the council’s own note", by=SYSTEM)
    client.sign_in(people["healthassessor"])
    text = client.get(page_of(shared)).get_data(as_text=True)
    assert "30%" in text
    assert "Visits of the week" in text
    assert not [mark for mark in (*IDENTITY, "own note", "432.10") if mark in text]
    assert client.get(page_of(council_only)).status_code == 404
    assert client.get(f"{page_of(shared)}/edit").status_code == 403


def test_a_need_that_grew_old_is_on_the_work_list_until_it_is_confirmed(client, people: People, scheme):
    package = a_package(scheme, created_at=clock.now() - timedelta(days=20))
    a_package(scheme)
    client.sign_in(people["broker"])
    sentence = f"Ask whether {package.reference} is still needed"
    home = client.get("/").get_data(as_text=True)
    assert sentence in home
    assert home.count("is still needed</p>") == 1
    answer = client.submit(f"{page_of(package)}/confirm", {"needed": "yes", "with_whom": "The ward sister"})
    assert answer.status_code == 302
    assert sentence not in client.get("/").get_data(as_text=True)


def test_an_award_needs_a_fresh_yes_and_the_page_says_so(client, people: People, scheme):
    package = a_package(scheme, status=PackageStatus.AWAITING_AWARD)
    client.sign_in(people["broker"])
    assert "not older than 24 hours" in client.get(page_of(package)).get_data(as_text=True)
    services.confirm_need([package], needed=True, with_whom="Referrer", by=SYSTEM)
    assert "not older than 24 hours" not in client.get(page_of(package)).get_data(as_text=True)
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        client.sign_out()
        client.sign_in(people["broker"])
        assert "not older than 24 hours" in client.get(page_of(package)).get_data(as_text=True)


def test_the_list_is_filtered_and_a_nonsense_filter_is_passed_over(client, people: People, scheme):
    one = a_package(scheme, source=Source.REALLOCATION)
    other = a_package(scheme, status=PackageStatus.DRAFT)
    client.sign_in(people["navigator"])
    text = client.get("/packages?source=reallocation").get_data(as_text=True)
    assert one.reference in text
    assert other.reference not in text
    text = client.get("/packages?status=nonsense&zone=x&page=99999999999").get_data(as_text=True)
    assert other.reference in text
    assert client.get(f"/packages?q={other.reference.lower()}").get_data(as_text=True).count("/packages/") >= 1


def test_a_list_asks_as_many_queries_for_forty_packages_as_for_two(client, people: People, scheme):
    client.sign_in(people["navigator"])
    counts = []
    for more in (2, 38):
        for _ in range(more):
            a_package(scheme, status=PackageStatus.UNSOURCED, status_reason="Nobody accepted")
        counts.append([queries_of(client, path) for path in ("/packages", "/packages/unsourced", "/")])
    assert counts[0] == counts[1]


def queries_of(client: CarefulClient, path: str) -> int:
    db.session.commit()
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len([one for one in statements if one.startswith(("SELECT", "WITH"))])


def test_the_unsourced_list_says_since_when_and_why(client, people: People, scheme):
    a_package(
        scheme,
        status=PackageStatus.UNSOURCED,
        status_reason="Nobody accepted",
        status_since=clock.now() - timedelta(days=3),
    )
    client.sign_in(people["navigator"])
    text = client.get("/packages/unsourced").get_data(as_text=True)
    assert "3 days" in text
    assert "Nobody accepted" in text


def test_an_export_leaves_identity_out_defuses_formulas_and_reads_back_the_same(client, people: People, scheme):
    package = a_package(scheme, pen_picture="=HYPERLINK(1)", cost_ceiling_pence=40_050, skills=["-hoist", "@home"])
    client.sign_in(people["navigator"])
    answer = client.submit("/packages", {"status": "ready"}, to="/packages/export")
    assert answer.status_code == 200
    text = answer.get_data().decode("utf-8-sig")
    assert not [mark for mark in IDENTITY if mark in text]
    assert "'=HYPERLINK(1)" in text
    row = next(iter(read_rows(answer.get_data(), "packages.csv", COLUMNS))).cells
    assert (row["pen_picture"], row["skills"]) == ("=HYPERLINK(1)", "-hoist|@home")
    assert (row["reference"], row["cost_ceiling_weekly"], row["health_percent"]) == (package.reference, "400.50", "0")
    assert db.session.scalars(select(AuditEntry.tag).where(AuditEntry.tag == "packages:exported")).all()


def test_a_file_goes_from_upload_to_packages_and_a_second_time_is_told_so(client, people: People, scheme):
    a_team(people)
    client.sign_in(people["navigator"])
    content = a_file(a_row(1), a_row(2))
    answer = client.submit("/packages/import", upload(content, scheme=str(scheme.id)))
    assert answer.status_code == 302
    db.session.commit()
    run_queued()
    task = client.get(urlsplit(answer.headers["Location"]).path)
    assert "Ready" in task.get_data(as_text=True)
    again = client.submit("/packages/import", upload(content, scheme=str(scheme.id)))
    assert again.status_code == 409
    assert "already imported on" in again.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(Package)) == 2


def test_an_upload_without_a_file_and_a_role_without_the_function_are_refused(client, people: People, scheme):
    client.sign_in(people["navigator"])
    answer = client.submit("/packages/import", {"scheme": str(scheme.id)})
    assert answer.status_code == 422
    assert "Choose a CSV or Excel file" in answer.get_data(as_text=True)
    client.sign_out()
    client.sign_in(people["contracts"])
    assert client.get("/packages/import").status_code == 403


def test_a_reference_leads_to_its_package_for_those_who_may_see_it(client, people: People, scheme):
    package = a_package(scheme, reference="PKG-7K3M9")
    client.sign_in(people["navigator"])
    answer = client.get("/search?q=pkg 7k3m9")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(str(package.id))


def test_the_list_begins_with_whoever_waits_and_the_urgent_among_them(client, people: People, scheme):
    def made(status, urgency, days, **known):
        starts = clock.today() + timedelta(days=days)
        return a_package(scheme, status=status, urgency=urgency, planned_start=starts, **known).reference

    runs = made(PackageStatus.RUNNING, Urgency.URGENT, 1)
    late = made(PackageStatus.READY, Urgency.STANDARD, 9)
    soon = made(PackageStatus.UNSOURCED, Urgency.STANDARD, 2, status_reason="Nobody accepted")
    urgent = made(PackageStatus.DRAFT, Urgency.URGENT, 12)
    gone = made(PackageStatus.WITHDRAWN, Urgency.URGENT, 3, status_reason="No longer needed")
    client.sign_in(people["navigator"])
    assert listed(client, "/packages") == [urgent, soon, late]
    assert listed(client, "/packages?urgency=standard") == [soon, late]
    assert listed(client, "/packages?status=all") == [runs, gone, urgent, soon, late]
    assert listed(client, "/packages?status=running") == [runs]
    assert listed(client, f"/packages?q={runs}") == [runs]


def listed(client, path):
    """The references of a list, in its order."""
    return re.findall(r">(PKG-[^<]+)</a>", client.get(path).get_data(as_text=True))
