"""The pages of schemes, as each role and as a stranger."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from app import clock
from app.database import db
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from marketplace.schemes import queries
from marketplace.schemes.models import Scheme, SchemePolicy
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.rules import PriceLimits
from marketplace.schemes.slice import NEAR_THEIR_END
from tests.marketplace import makers
from tests.marketplace.schemes.makers import a_file

OFFICERS = ["navigator", "broker", "socialworker", "manager", "contracts", "finance", "auditor"]


@pytest.fixture
def scheme(people):
    made = makers.a_scheme(people)
    db.session.commit()
    return made


def day_boxes(day):
    return [str(day.day), str(day.month), str(day.year)]


def filled(page):
    """What a page's form holds, as a browser would send it back."""
    inputs = re.findall(r"<input[^>]*>", page)
    found = {}
    for tag in inputs:
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        chooses = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and value and (not chooses or re.search(r"\schecked", tag)):
            found[name[1]] = value[1]
    selects = re.findall(r'<select[^>]*name="([^"]+)".*?</select>', page, re.DOTALL)
    for name in selects:
        body = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)[0]
        chosen = re.search(r'value="([^"]*)"[^>]*selected', body)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if name not in {"csrf_token", "idempotency_key", "q"}}


@pytest.mark.parametrize("role", OFFICERS)
def test_every_officer_reads_the_list_and_the_scheme(client, people, scheme, role):
    client.sign_in(people[role])
    assert scheme.name in client.get("/schemes").text
    page = client.get(f"/schemes/{scheme.id}").text
    assert "Quality counts 60 % and price 40 %." in page
    assert "£22.00" in page
    assert "PR1\u00a08, PR1\u00a09" in page


def test_a_stranger_finds_nothing(client, people, scheme):
    client.sign_in(people["stranger"])
    assert scheme.name not in client.get("/schemes").text
    assert client.get(f"/schemes/{scheme.id}").status_code == 404


def test_a_provider_reads_how_it_decides_and_not_what_is_the_councils_own_business(client, people, scheme):
    provider = makers.a_provider()
    client.sign_in(makers.coordinator_of(provider))
    page = client.get(f"/schemes/{scheme.id}").text
    assert "Quality counts 60 %" in page
    for hidden in ("Award", "£1,500.00", "£24.10", "Referring teams", "A batch holds", "What has happened"):
        assert hidden not in page.replace("Awards", "")
    assert viewer_of(makers.coordinator_of(provider)).is_provider


@pytest.mark.parametrize("path", ["/schemes/import", "/schemes/{id}/policies/new", "/schemes/{id}/prices/new"])
def test_only_contract_managers_change_schemes_and_administrators_do_not_even_read_them(client, people, scheme, path):
    for role in ("contracts", "admin", "broker", "auditor"):
        client.sign_in(people[role])
        expected = 200 if role == "contracts" else 403
        assert client.get(path.format(id=scheme.id)).status_code == expected, role
        assert client.get(f"/schemes/{scheme.id}").status_code == (403 if role == "admin" else 200), role
        client.sign_out()


def taken(client, content):
    """The page of the work that an upload queued, once it has run."""
    answer = client.submit("/schemes/import", {"file": (io.BytesIO(content), "scheme.toml")})
    assert answer.status_code == 302
    run_queued()
    return client.get(answer.location)


def test_a_file_is_uploaded_and_uploading_it_again_changes_nothing(client, people):
    client.sign_in(people["contracts"])

    def upload():
        return taken(client, a_file()).text

    assert "The scheme Testshire care at home is set up." in upload()
    assert "Everything in this file was so already." in upload()
    assert db.session.query(Scheme).count() == 1


def test_a_bad_file_names_every_key_and_loads_nothing(client, people):
    client.sign_in(people["contracts"])
    content = a_file(("quality_weight = 60", "quality_weight = 50"), ("floor = 22.00", "floor = 0"))
    answer = taken(client, content)
    told = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    assert "price_weight The weights of quality and price must add up to 100; these add up to 90." in told
    assert "lots[1].floor Enter an amount in pounds" in told
    assert db.session.query(Scheme).count() == 0


def test_no_file_is_a_sentence_at_the_field(client, people):
    client.sign_in(people["contracts"])
    answer = client.submit("/schemes/import", {})
    assert answer.status_code == 422
    assert "Choose the scheme" in answer.text


def test_a_policy_is_entered_from_the_form_that_shows_the_one_in_force(client, people, scheme):
    client.sign_in(people["contracts"])
    path = f"/schemes/{scheme.id}/policies/new"
    start = clock.today() + timedelta(days=7)
    sent = {**filled(client.get(path).text), "valid_from": day_boxes(start), "because": "Decided by the board"}
    sent |= {"quality_weight": "70", "price_weight": "30", "yardstick_pence": "25.5", "batch_max_minutes": "150.5"}
    page = client.submit(path, sent, follow_redirects=True).text
    assert "The policy is entered." in page
    assert "To come: from" in page
    policy = queries.policy_on(scheme.id, start)
    assert (policy.quality_weight, policy.yardstick_pence, policy.batch_max_minutes) == (70, 2550, 9030)
    assert policy.award_limit_pence == 150_000
    assert queries.policy_on(scheme.id, clock.today()).quality_weight == 60


def test_a_policy_with_slips_comes_back_with_sentences_and_what_was_typed(client, people, scheme):
    client.sign_in(people["contracts"])
    path = f"/schemes/{scheme.id}/policies/new"
    sent = {**filled(client.get(path).text), "valid_from": day_boxes(clock.today()), "because": "A slip"}
    answer = client.submit(path, {**sent, "urgent_hours": "four", "yardstick_pence": "18,50"})
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 72." in answer.text
    assert "full stop, not a comma" in answer.text
    assert 'value="four"' in answer.text
    answer = client.submit(path, {**sent, "quality_weight": "61"})
    assert answer.status_code == 422
    assert "these add up to 101" in answer.text
    assert db.session.query(SchemePolicy).count() == 1


def test_a_policy_without_a_day_or_a_reason_is_sent_back(client, people, scheme):
    client.sign_in(people["contracts"])
    path = f"/schemes/{scheme.id}/policies/new"
    answer = client.submit(path, filled(client.get(path).text))
    assert answer.status_code == 422
    assert "Enter the first day." in answer.text
    assert "Say why" in answer.text


def test_a_second_policy_of_today_is_a_conflict_that_keeps_what_was_typed(client, people, scheme):
    client.sign_in(people["contracts"])
    path = f"/schemes/{scheme.id}/policies/new"
    sent = {**filled(client.get(path).text), "valid_from": day_boxes(clock.today()), "because": "Today already"}
    assert client.submit(path, {**sent, "quality_minimum": "41"}).status_code == 302
    answer = client.submit(path, {**sent, "quality_minimum": "43"})
    assert answer.status_code == 409
    assert "Choose a later day" in answer.text
    assert 'value="43"' in answer.text
    assert "Today already" in answer.text


def test_a_floor_and_ceiling_are_entered_for_a_zone_from_a_day(client, people, scheme):
    client.sign_in(people["contracts"])
    path = f"/schemes/{scheme.id}/prices/new"
    lot, zone, start = scheme.lots[0], scheme.zones[0], clock.today() + timedelta(days=1)
    sent = {"lot": str(lot.id), "zone": str(zone.id), "band": "", "floor": "24", "ceiling": "35.50"}
    sent |= {"valid_from": day_boxes(start), "because": "Rural travel"}
    page = client.submit(path, sent, follow_redirects=True).text
    assert "to come, from" in page
    assert queries.limits_for(lot.id, zone.id, start) == PriceLimits(2400, 3550)
    for floor, said in [("18.005", "no more than 2 digits"), ("-1", "less than nothing"), ("36", "below the floor")]:
        answer = client.submit(path, {**sent, "floor": floor})
        assert answer.status_code == 422
        assert said in answer.text


def test_the_end_of_an_old_purchasing_system_stays(client, people):
    scheme = makers.a_scheme(people, regime=Regime.PCR2015_DPS, ends_on=date(2028, 1, 31))
    client.sign_in(people["contracts"])
    with clock.moved_to(datetime(2026, 11, 22, 9, tzinfo=UTC)):
        client.sign_in(people["contracts"])
        answer = client.submit(f"/schemes/{scheme.id}/end", {"ends_on": ["1", "6", "2028"], "because": "Longer"})
    assert answer.status_code == 422
    assert "until 23 February 2026" in answer.text


def test_another_schemes_end_is_changed_on_its_page(client, people, scheme):
    client.sign_in(people["contracts"])
    sent = {"ends_on": ["31", "3", "2031"], "because": "Two more years"}
    assert "31 March 2031" in client.submit(f"/schemes/{scheme.id}/end", sent, follow_redirects=True).text


def test_the_end_of_the_old_law_is_announced_on_the_page_and_in_the_work_list(client, people, scheme):
    with clock.moved_to(datetime(2028, 3, 1, 9, tzinfo=UTC)):
        client.sign_in(people["contracts"])
        assert "Less than 12 months are left" in client.get(f"/schemes/{scheme.id}").text
        assert f"Plan what follows {scheme.name}" in client.get("/").text
    with clock.moved_to(datetime(2026, 3, 1, 9, tzinfo=UTC)):
        assert NEAR_THEIR_END.count(people.viewer("contracts")) == 0


def test_a_scheme_page_asks_the_same_number_of_questions_however_much_it_shows(client, people, scheme):
    path = f"/schemes/{scheme.id}"
    client.sign_in(people["contracts"])
    client.get(path)
    few = questions_of(client, path)
    for n in range(4):
        makers.a_zone(scheme, f"Zone {n}", f"LA1 {n + 1}")
        makers.a_lot(scheme, f"lot {n}")
        makers.a_policy(scheme, valid_from=date(2025, 1, n + 1))
    db.session.commit()
    assert questions_of(client, path) == few


def questions_of(client, path):
    """How many statements the page costs."""
    asked = []

    def note(*about):
        asked.append(about[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)
