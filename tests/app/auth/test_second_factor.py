"""The second factor: set up at the first sign-in, asked for at each, good once; half a sign-in opens nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.auth.keys import closed, opened
from app.auth.models import FailedTry, RecoveryCode, SecondFactor, UserSession
from app.auth.second_factor import step_of
from app.auth.second_factor_services import forget_second_factor, set_up
from app.database import db
from app.parties.roles import OrganisationKind, Role
from app.parties.services import register_organisation
from tests.app.accounts.post import letters_to
from tests.app.auth.makers import SECRET, code_at, cookie_of, give_second_factor, try_to_sign_in
from tests.careful import CarefulClient
from tests.people import a_user

STEP = timedelta(seconds=30)


@pytest.fixture
def required(settings):
    settings(second_factor="required")


@pytest.fixture
def still():
    """The clock stands, so that no step begins in the middle of a test."""
    with clock.moved_to(clock.now()):
        yield


def type_code(client, code):
    return client.submit("/sign-in/code", {"code": code})


def is_in(client):
    return client.get("/account").status_code == 200


def half_signed_in(client, people):
    give_second_factor(people["broker"])
    answer = try_to_sign_in(client, people["broker"].email)
    assert (answer.status_code, answer.location) == (302, "/sign-in/code")
    return client


# ------------------------------------------------------------------------------------------------------- signing in


def test_the_code_that_the_telephone_shows_lets_in_under_a_new_cookie(client, people, still):
    half_signed_in(client, people)
    before = cookie_of(client)
    answer = type_code(client, code_at())
    assert (answer.status_code, answer.location) == (302, "/")
    assert is_in(client)
    client.set_cookie("homeward", before)
    assert not is_in(client)


def test_a_code_is_good_once_and_no_earlier_one_after_it(house, client, people, still):
    half_signed_in(client, people)
    assert type_code(client, code_at()).status_code == 302
    other = house.test_client()
    try_to_sign_in(other, people["broker"].email)
    assert type_code(other, code_at()).status_code == 422
    assert type_code(other, code_at(-1)).status_code == 422
    assert not is_in(other)
    with clock.moved_to(clock.now() + STEP):
        assert type_code(other, code_at()).status_code == 302


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_telephone_whose_clock_is_half_a_minute_off_still_gets_in(client, people, still, offset):
    half_signed_in(client, people)
    assert type_code(client, code_at(offset)).status_code == 302


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "' OR 1=1", "x" * 41, ""])
def test_anything_else_does_not(client, people, still, code):
    half_signed_in(client, people)
    assert type_code(client, code).status_code == 422
    assert not is_in(client)


def test_five_wrong_codes_in_five_minutes_are_the_most(client, people, still):
    half_signed_in(client, people)
    assert [type_code(client, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    refused = type_code(client, code_at())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "301")
    with clock.moved_to(clock.now() + timedelta(minutes=5, seconds=1)):
        assert type_code(client, code_at()).status_code == 302


def test_twenty_wrong_codes_in_an_hour_are_the_most_though_one_signs_in_anew_each_time(house, people):
    give_second_factor(people["broker"])
    start, taken = clock.now(), 0
    for minutes in range(0, 36, 6):
        with clock.moved_to(start + timedelta(minutes=minutes)):
            client = house.test_client()
            try_to_sign_in(client, people["broker"].email)
            taken += [type_code(client, "000000").status_code for _ in range(5)].count(422)
    assert taken == 20


def test_a_half_signed_in_session_lasts_ten_minutes(client, people):
    half_signed_in(client, people)
    with clock.moved_to(clock.now() + timedelta(minutes=10, seconds=1)):
        assert client.get("/sign-in/code").location.startswith("/sign-in?next=")


# -------------------------------------------------------------------------------------------- half a sign-in opens nothing


def test_half_a_sign_in_reaches_nothing_but_its_own_pages(house, client, people):
    half_signed_in(client, people)
    reached, asked = set(), 0
    for rule in house.url_map.iter_rules():
        path = re.sub(r"<uuid:[^>]+>", "7c9e6679-7425-40de-944b-e07fc1f90ae7", rule.rule)
        if "GET" not in (rule.methods or ()) or "<" in path or rule.endpoint == "static":
            continue
        answer = client.get(path)
        asked += 1
        if answer.status_code == 302:
            assert answer.location in {"/sign-in/code", "/sign-in?next=/sign-in/set-up"}, path
        elif answer.status_code not in {401, 404, 405}:
            reached.add(rule.endpoint)
    assert asked > 60
    with house.app_context():
        opened_to_all = {
            name for name, view in house.view_functions.items() if getattr(view, "permission", "") == "anyone"
        }
    assert reached <= opened_to_all
    assert "second_factor.code" in reached


def test_half_a_sign_in_is_nobody_to_the_api_and_to_what_changes_something(house, client, people):
    half_signed_in(client, people)
    assert client.get("/api/v1/packages").status_code == 401
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in/code").text)[1]
    for path in ("/users/invite", "/account/password", "/session/stay", "/account/second-factor"):
        answer = client.post(path, data={"csrf_token": token})
        assert (answer.status_code, answer.location) == (302, "/sign-in/code"), path
    assert client.get("/session").json == {"left": 0}


def test_whoever_has_a_second_factor_cannot_set_up_another_with_half_a_sign_in(client, people, required):
    half_signed_in(client, people)
    assert client.get("/sign-in/set-up").location == "/sign-in/code"
    answer = client.submit("/sign-in/code", {"code": code_at()}, to="/sign-in/set-up")
    assert answer.location == "/sign-in/code"
    assert not is_in(client)


def test_half_a_sign_in_can_be_ended(client, people, still):
    half_signed_in(client, people)
    cookie = cookie_of(client)
    assert client.submit("/sign-in/code", {}, to="/sign-out").location == "/sign-in"
    client.set_cookie("homeward", cookie)
    assert client.get("/sign-in/code").status_code == 302
    assert db.session.scalars(select(UserSession)).one().ended_at is not None


def test_a_disabled_user_gets_no_further_than_the_password(client, people, still):
    half_signed_in(client, people)
    people["broker"].disabled_at = clock.now()
    db.session.commit()
    token_page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', token_page)[1]
    assert client.post("/sign-in/code", data={"csrf_token": token, "code": code_at()}).status_code == 302
    assert not is_in(client)


# -------------------------------------------------------------------------------------------------------- setting up


def key_on(page):
    return re.sub(r"\s", "", re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1])


def test_who_must_have_one_sets_it_up_at_the_first_sign_in(house, people, required, still):
    house.test_client_class = CarefulClient
    client = house.test_client()
    assert try_to_sign_in(client, people["broker"].email).location == "/sign-in/set-up"
    assert client.get("/").location == "/sign-in/set-up"
    page = client.get("/sign-in/set-up").text
    key = key_on(page)
    assert "data:image/svg+xml" in page
    assert client.submit("/sign-in/set-up", {"code": "000000"}).status_code == 422
    assert key_on(client.get("/sign-in/set-up").text) == key, "the key stays while it is tried again"
    answer = client.submit("/sign-in/set-up", {"code": code_at(secret=key)})
    assert answer.location == "/account/recovery-codes"
    shown = client.get("/account/recovery-codes").text
    assert len(set(re.findall(r"<code>(\w{4}-\w{4}-\w{4})</code>", shown))) == 10
    assert not re.findall(r"<code>\w{4}-", client.get("/account/recovery-codes").text), "shown once"
    assert client.get("/").status_code == 200
    client.sign_out()
    try_to_sign_in(client, people["broker"].email)
    assert client.submit("/sign-in/code", {"code": code_at(secret=key)}).status_code == 422, "the code that set it up"


def test_where_it_is_offered_one_signs_in_without_and_sets_it_up_on_the_page_of_the_account(client, people, still):
    client.sign_in(people["broker"])
    key = key_on(client.get("/account/second-factor").text)
    assert client.submit("/account/second-factor", {"code": code_at(secret=key)}).status_code == 302
    assert client.get("/account/recovery-codes").text.count("<li><code>") == 10
    client.sign_out()
    assert try_to_sign_in(client, people["broker"].email).location == "/sign-in/code"


def test_somebody_who_speaks_for_a_person_may_go_without(people, client, required):
    advocates = register_organisation(OrganisationKind.ADVOCACY, "Testshire Advocacy", by=SYSTEM)
    a_user(advocates, "advocate@advocacy.example", Role.ADVOCATE)
    assert try_to_sign_in(client, "advocate@advocacy.example").location == "/"


def test_the_secret_is_encrypted_at_rest_and_the_codes_are_digests(session, people):
    codes = give_second_factor(people["broker"])
    stored = db.session.scalars(select(SecondFactor)).one().secret
    assert SECRET not in stored
    assert opened("second factor", stored) == SECRET
    assert not {row.code_hash for row in db.session.scalars(select(RecoveryCode))} & set(codes)


def test_after_a_change_of_the_key_the_one_before_still_opens_until_it_is_taken_away(house, session, people, settings):
    box = closed("second factor", SECRET)
    before = house.config["SECRET_KEY"]
    house.config["SECRET_KEY"] = "another key"
    try:
        assert opened("second factor", box) is None
        settings(secret_key_before=before)
        assert opened("second factor", box) == SECRET
    finally:
        house.config["SECRET_KEY"] = before


def test_a_box_of_one_purpose_does_not_open_for_another(session):
    assert opened("kept form", closed("second factor", SECRET)) is None


def test_the_codes_are_those_of_the_standard():
    """RFC 6238, appendix B, cut to six figures."""
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = clock.now().fromtimestamp(seconds, tz=clock.LONDON)
        assert step_of(seed, code, at) == seconds // 30


# ---------------------------------------------------------------------------------------------------- recovery codes


def test_a_recovery_code_lets_in_once(house, people, still, client):
    code, another, *_ = give_second_factor(people["broker"])
    try_to_sign_in(client, people["broker"].email)
    assert type_code(client, f" {code.upper().replace('-', ' ')} ").status_code == 302
    client.sign_out()
    try_to_sign_in(client, people["broker"].email)
    assert type_code(client, code).status_code == 422
    assert type_code(client, another).status_code == 302
    tags = list(db.session.scalars(select(AuditEntry.tag)))
    assert tags.count("second_factor:recovered") == 2


def test_new_recovery_codes_end_the_old_ones(client, people, still):
    old = give_second_factor(people["broker"])
    try_to_sign_in(client, people["broker"].email)
    type_code(client, code_at())
    client.submit("/account", {}, to="/account/recovery-codes")
    new = re.findall(r"<code>(\w{4}-\w{4}-\w{4})</code>", client.get("/account/recovery-codes").text)
    assert len(new) == 10
    client.sign_out()
    try_to_sign_in(client, people["broker"].email)
    assert type_code(client, old[0]).status_code == 422
    assert type_code(client, new[0]).status_code == 302


def test_whoever_sets_up_another_telephone_is_told_and_whoever_sets_up_the_first_is_not(people, still):
    broker = people["broker"]
    for told in ([], ["Your second factor was changed"]):
        set_up(broker, SECRET, code_at(), by=SYSTEM)
        db.session.commit()
        assert letters_to(broker.email) == told


def test_a_code_of_somebody_else_is_nothing(client, people, still):
    theirs = give_second_factor(people["finance"])
    half_signed_in(client, people)
    assert type_code(client, theirs[0]).status_code == 422


def test_a_second_factor_that_was_lost_is_taken_away_and_set_up_anew(client, people, required, still):
    half_signed_in(client, people)
    type_code(client, code_at())
    forget_second_factor(people["broker"], by=SYSTEM)
    db.session.commit()
    assert not is_in(client)
    assert letters_to(people["broker"].email) == ["Your second factor was taken away"]
    assert db.session.scalars(select(RecoveryCode)).first() is None
    client.sign_out()
    assert try_to_sign_in(client, people["broker"].email).location == "/sign-in/set-up"


def test_a_right_code_is_not_counted_as_a_failure(client, people, still):
    half_signed_in(client, people)
    type_code(client, code_at())
    assert db.session.scalars(select(FailedTry)).all() == []
