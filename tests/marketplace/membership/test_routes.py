"""Pages of memberships, through the careful client, as each role and as a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.parties.viewer import viewer_of
from marketplace.membership.models import Capacity, Membership, Pause, Removal, Suspension
from marketplace.membership.removals import answer_removal, propose_removal
from marketplace.membership.rules import MembershipState
from marketplace.membership.suspensions import SuspensionDraft, suspend
from tests.marketplace.applications.makers import all_checks_passed, an_application
from tests.marketplace.makers import a_member, a_provider, a_scheme, coordinator_of


def membership_of(provider):
    return db.session.scalars(select(Membership).where(Membership.provider_id == provider.id)).one()


def a_suspension(scheme, provider, **changes):
    today = clock.today()
    values = {"reason": "Too few carers", "starts_on": today, "review_on": today, "ends_on": today + timedelta(30)}
    return suspend(scheme, provider, SuspensionDraft(**{**values, **changes}), by=SYSTEM)


def day(name, value):
    return {name: [str(value.day), str(value.month), str(value.year)]}


def test_a_provider_never_sees_another_providers_things(client, people):
    scheme = a_scheme(people)
    theirs = a_member(scheme)
    application = an_application(scheme)
    removal = propose_removal(
        membership_of(theirs), "It gives no care.", clock.today() + timedelta(9), by=people.viewer("contracts").actor
    )
    stranger = a_member(scheme)
    client.sign_in(coordinator_of(stranger))
    membership = membership_of(theirs)
    for page in (
        f"/our-applications/{application.id}",
        f"/our-memberships/{membership.id}/areas",
        f"/our-memberships/{membership.id}/standing-price",
        f"/our-memberships/{membership.id}/leave",
        f"/our-memberships/{scheme.id}/{theirs.id}/capacity",
        f"/our-memberships/{scheme.id}/{theirs.id}/pause",
        f"/our-locations/{theirs.id}/carers",
        f"/our-locations/{theirs.id}/contacts",
        f"/our-removals/{removal.id}",
        f"/our-removals/{removal.id}/answer",
        f"/apply/{scheme.id}/{theirs.id}",
    ):
        assert client.get(page).status_code == 404, page
    assert theirs.name not in client.get("/our-memberships").text


def test_another_council_finds_nothing_here(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    application = an_application(scheme)
    suspension = a_suspension(scheme, provider)
    client.sign_in(people["stranger"])
    for page in (
        f"/applications/{application.id}",
        f"/memberships/{membership_of(provider).id}",
        f"/suspensions/{suspension.id}",
    ):
        assert client.get(page).status_code == 404, page


@pytest.mark.parametrize("page", ["/applications", "/memberships", "/providers", "/cqc"])
def test_a_provider_has_no_page_of_the_councils(client, people, page):
    client.sign_in(coordinator_of(a_member(a_scheme(people))))
    assert client.get(page).status_code == 403


def test_only_a_contract_manager_decides_or_suspends(client, people):
    scheme = a_scheme(people)
    provider, application = a_member(scheme), an_application(scheme)
    client.sign_in(people["broker"])
    assert client.get(f"/applications/{application.id}").status_code == 200
    assert client.get(f"/applications/{application.id}/decision").status_code == 403
    assert client.get(f"/schemes/{scheme.id}/providers/{provider.id}/suspend").status_code == 403
    assert client.get("/cqc").status_code == 403


def test_a_member_changes_areas_capacity_price_pause_and_carers(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    membership = membership_of(provider)
    client.sign_in(coordinator_of(provider))
    assert client.get("/our-memberships").status_code == 200
    page = f"/our-memberships/{membership.id}/areas"
    assert "PR1" in client.get(page).text
    assert client.submit(page, {"included": "PR1\nPR2", "excluded": "PR1 8"}).status_code == 302
    assert client.submit(page, {"included": "PR1 8XJ", "excluded": ""}).status_code == 422
    page = f"/our-memberships/{membership.id}/standing-price"
    assert client.submit(page, {"price": "99"}).status_code == 422
    assert client.submit(page, {"price": "25.50"}).status_code == 302
    base = f"/our-memberships/{scheme.id}/{provider.id}"
    assert client.submit(f"{base}/capacity", {"zone": "", "hours": "40"}).status_code == 302
    zone = str(scheme.zones[0].id)
    assert client.submit(f"{base}/capacity", {"zone": zone, "hours": "NaN"}).status_code == 422
    assert client.submit(f"{base}/capacity", {"zone": zone, "hours": "10.5"}).status_code == 302
    assert client.submit(f"{base}/pause", {"zone": zone}).status_code == 302
    assert client.submit(f"{base}/pause", {"zone": zone}).status_code == 409
    carers = {"carers_female": "7", "carers_male": "1", "skills": "hoist\nHoist\nPEG feeding", "languages": "Welsh"}
    page = f"/our-locations/{provider.id}/carers"
    assert client.submit(page, carers).status_code == 302
    assert client.submit(page, {**carers, "carers_male": "-1"}).status_code == 422
    shown = client.get("/our-memberships").text
    for text in ("not PR1 8", "£25.50", "40 hours", "10.5 hours", "7 women", "Paused in Preston", "Welsh"):
        assert text in shown, text
    pause = db.session.scalars(select(Pause)).one()
    assert client.submit("/our-memberships", {}, to=f"/our-pauses/{pause.id}/end").status_code == 302
    assert "Paused in" not in client.get("/our-memberships").text


def test_the_last_contact_cannot_be_taken_off(client, people):
    provider = a_member(a_scheme(people))
    client.sign_in(coordinator_of(provider))
    [contact] = provider.contacts
    off = f"/our-locations/{provider.id}/contacts/{contact.id}/take-off"
    assert client.submit("/our-memberships", {}, to=off).status_code == 409
    new = {"name": "Second", "email": "Second@Provider.example"}
    assert client.submit(f"/our-locations/{provider.id}/contacts", new).status_code == 302
    assert client.submit("/our-memberships", {}, to=off).status_code == 302
    assert "second@provider.example" in client.get("/our-memberships").text


def test_a_contract_manager_suspends_keeps_and_lifts(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    client.sign_in(people["contracts"])
    today = clock.today()
    form = {
        "lot": "",
        "zone": "",
        "new_offers_only": "y",
        "reason": "Too many missed visits",
        **day("starts_on", today),
    }
    page = f"/schemes/{scheme.id}/providers/{provider.id}/suspend"
    wrong = client.submit(page, {**form, **day("review_on", today), **day("ends_on", today - timedelta(1))})
    assert wrong.status_code == 422
    assert "Too many missed visits" in wrong.text
    later = today + timedelta(20)
    assert client.submit(page, {**form, **day("review_on", today), **day("ends_on", later)}).status_code == 302
    suspension = db.session.scalars(select(Suspension)).one()
    base = f"/suspensions/{suspension.id}"
    assert "Holds" in client.get(base).text
    assert "Look at the suspension" in client.get("/").text
    kept = {"because": "Not better yet.", **day("review_on", later), **day("ends_on", later)}
    assert client.submit(f"{base}/review", kept).status_code == 302
    assert client.submit(f"{base}/lift", {"because": "Enough carers now."}).status_code == 302
    assert client.submit(f"{base}/lift", {"because": "Again."}).status_code == 409
    assert "Over" in client.get(base).text
    assert client.get(f"/memberships/{membership_of(provider).id}").status_code == 200


def test_a_removal_is_told_answered_and_approved_by_a_second_person(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    membership = membership_of(provider)
    client.sign_in(people["contracts"])
    page = f"/memberships/{membership.id}/removal"
    form = {"reasons": "No carers any more.", **day("representations_until", clock.today() + timedelta(14))}
    assert client.submit(page, form).status_code == 302
    removal = db.session.scalars(select(Removal)).one()
    refused = client.submit(f"/removals/{removal.id}/approve", {"considered": "Read it."})
    assert refused.status_code == 403
    client.sign_out()
    client.sign_in(coordinator_of(provider))
    assert "No carers any more." in client.get(f"/our-removals/{removal.id}").text
    assert client.submit(f"/our-removals/{removal.id}/answer", {"answer": "We have hired 5."}).status_code == 302
    client.sign_out()
    client.sign_in(people["manager"])
    assert "Decide on the removal" in client.get("/").text
    assert client.submit(f"/removals/{removal.id}/approve", {"considered": ""}).status_code == 422
    assert client.submit(f"/removals/{removal.id}/approve", {"considered": "They have left."}).status_code == 302
    assert "The membership has ended" in client.get(f"/removals/{removal.id}").text
    db.session.refresh(membership)
    assert membership.state is MembershipState.REMOVED


def test_a_removal_can_be_dropped(client, people):
    provider = a_member(a_scheme(people))
    membership = membership_of(provider)
    until = clock.today() + timedelta(9)
    removal = propose_removal(membership, "No carers.", until, by=people.viewer("contracts").actor)
    answer_removal(removal, "We have.", by=viewer_of(coordinator_of(provider)).actor)
    client.sign_in(people["manager"])
    assert client.submit(f"/removals/{removal.id}/drop", {"because": "They have carers."}).status_code == 302
    db.session.refresh(membership)
    assert membership.state is MembershipState.ACTIVE


def test_anybody_reads_the_public_list_and_its_file_is_safe_in_a_spreadsheet(client, people):
    scheme = a_scheme(people)
    a_member(scheme, a_provider("=HYPERLINK(1)"))
    assert "HYPERLINK" in client.get(f"/schemes/{scheme.id}/members").text
    content = client.get(f"/schemes/{scheme.id}/members.csv").get_data(as_text=True)
    assert "'=HYPERLINK(1)" in content
    assert client.get("/schemes/00000000-0000-0000-0000-000000000000/members").status_code == 404


def test_pages_ask_the_same_number_of_queries_however_many_rows_there_are(client, people, session):
    scheme = a_scheme(people)
    client.sign_in(people["contracts"])
    pages = ("/memberships", "/applications", "/providers", f"/schemes/{scheme.id}/members", "/")
    few = _queries_of(client, scheme, pages, 2)
    assert _queries_of(client, scheme, pages, 8) == few


def _queries_of(client, scheme, pages, more):
    for _ in range(more):
        a_suspension(scheme, a_member(scheme))
        all_checks_passed(an_application(scheme))
    return [_count(client, page) for page in pages]


def _count(client, page):
    from sqlalchemy import event

    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(page).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return page, len(statements)


def test_a_declaration_after_an_award_starts_from_the_new_figure(client, people):
    scheme = a_scheme(people)
    provider = a_member(scheme, capacity_hours=10)
    row = db.session.scalars(select(Capacity)).one()
    row.committed_minutes = 600
    client.sign_in(coordinator_of(provider))
    page = f"/our-memberships/{scheme.id}/{provider.id}/capacity"
    assert client.submit(page, {"zone": "", "hours": "5"}).status_code == 302
    db.session.refresh(row)
    assert (row.declared_minutes, row.committed_minutes) == (300, 0)
