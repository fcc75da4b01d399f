"""How many sign-ins may fail, through the page and on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import func, insert, select

from app import clock
from app.audit.models import AuditEntry
from app.auth import limits, passwords, services
from app.auth.arrival import Arrival
from app.auth.jobs import forget_failures
from app.auth.models import FailedTry
from app.auth.rules import Counted, TryKind
from app.database import db, new_id
from tests.app.auth.makers import cookie_of, try_to_sign_in, without_nonces
from tests.people import PASSWORD

HERE = Arrival("192.0.2.1", "Chrome on Windows")


def fail(client, email, times=1, **kwargs):
    return [try_to_sign_in(client, email, "wrong", **kwargs).status_code for _ in range(times)]


def failures():
    return db.session.scalar(select(func.count()).select_from(FailedTry))


def failures_of(email):
    one = limits.password_try(email, HERE)
    return db.session.scalar(select(func.count()).where(FailedTry.account == one.account))


def failed_before(count, email="", address="127.0.0.1"):
    """So many failures on one account, or each on an account of its own."""
    tries = [limits.password_try(email or f"nobody{number}@x.example", Arrival(address, "")) for number in range(count)]
    rows = [
        {"id": new_id(), "kind": TryKind.PASSWORD, "account": one.account, "address": one.address, "at": clock.now()}
        for one in tries
    ]
    db.session.execute(insert(FailedTry), rows)
    db.session.commit()


def test_the_eleventh_try_in_five_minutes_is_refused_whatever_the_password(client, people):
    email = people["broker"].email
    failed_before(8, email, "192.0.2.99")
    assert fail(client, email, 2) == [422] * 2
    refused = try_to_sign_in(client, email)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 301
    assert "There were too many tries that failed." in refused.text
    assert failures_of(email) == 10, "a refused try is not its account's, or going on would keep the account shut"


def test_an_account_opens_again_by_itself_after_as_long_as_was_said(client, people):
    email = people["broker"].email
    start = clock.now()
    with clock.moved_to(start):
        failed_before(10, email)
        wait = int(try_to_sign_in(client, email).headers["Retry-After"])
    with clock.moved_to(start + timedelta(seconds=wait)):
        assert try_to_sign_in(client, email).status_code == 302


def test_going_on_after_an_account_is_shut_keeps_nobody_out_of_it(client, people):
    email, start = people["broker"].email, clock.now()
    with clock.moved_to(start):
        failed_before(10, email)
        wait = int(try_to_sign_in(client, email).headers["Retry-After"])
    with clock.moved_to(start + timedelta(seconds=wait - 5)):
        assert fail(client, email, 20) == [429] * 20
    with clock.moved_to(start + timedelta(seconds=wait)):
        assert try_to_sign_in(client, email).status_code == 302
        assert failures() == 0, "who gets in is forgiven these too"


def refusal_of(email, arrival=HERE):
    with pytest.raises(limits.TooManyTries) as refusal:
        limits.begin(limits.password_try(email, arrival))
    return refusal.value


def test_going_on_against_one_account_uses_up_the_address_and_then_costs_no_hash(client, people):
    """Each refusal over the account takes a hash: of these an address gets no more than of other failures."""
    email = people["broker"].email
    with clock.moved_to(clock.now()):
        failed_before(10, email, "192.0.2.99")
        first = [refusal_of(email) for _ in range(60)]
        assert {(one.over, one.takes_as_long) for one in first} == {(Counted.ACCOUNT, True)}
        others = (email, people["finance"].email, "nobody@testshire.example")
        after = [refusal_of(other) for other in others]
        assert {(one.over, one.takes_as_long) for one in after} == {(Counted.ADDRESS, False)}
        assert failures() == 70, "a quick refusal is not counted, so the address opens again"
        told = {(one.retry_after, str(one)) for one in after}
        assert len(told) == 1
        elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.98"}}
        assert try_to_sign_in(client, people["finance"].email, **elsewhere).status_code == 302


def test_going_on_from_many_addresses_ends_at_a_thousand_hashes(session, people):
    email = people["broker"].email
    failed_before(10, email, "192.0.2.99")
    one = limits.password_try(email, HERE)
    row = {"kind": TryKind.PASSWORD, "account": one.of_no_account, "address": "0" * 64, "at": clock.now()}
    db.session.execute(insert(FailedTry), [{"id": new_id(), **row} for _ in range(989)])
    db.session.commit()
    assert refusal_of(email).takes_as_long
    assert (refusal_of(email).over, refusal_of("nobody@testshire.example").over) == (Counted.ALL, Counted.ALL)


def test_a_known_browser_over_its_own_budget_is_told_quickly_and_uses_up_nobodys_address(client, people):
    """Its owner has been in: that there is such an account is no secret to them, and nothing is left to burn."""
    email = people["broker"].email
    client.sign_in(email)
    cookie = client.get_cookie("homeward-browser").value
    known = Arrival(HERE.address, HERE.browser, cookie)
    for _ in range(10):
        limits.begin(limits.password_try(email, known))
    refused = [refusal_of(email, known) for _ in range(3)]
    assert {(one.over, one.takes_as_long) for one in refused} == {(Counted.ACCOUNT, False)}
    assert failures() == 10


def test_a_script_at_the_same_address_shuts_out_no_known_browser(house, client, people):
    client.sign_in(people["broker"])
    client.delete_cookie("homeward")
    failed_before(10, people["finance"].email)
    for _ in range(50):
        refusal_of(people["finance"].email, Arrival("127.0.0.1", ""))
    assert refusal_of(people["finance"].email, Arrival("127.0.0.1", "")).over is Counted.ADDRESS
    assert fail(house.test_client(), people["manager"].email) == [429]
    assert try_to_sign_in(client, people["broker"].email).status_code == 302


def test_a_stranger_cannot_shut_out_somebody_whose_browser_is_known(house, client, people):
    email = people["broker"].email
    client.sign_in(email)
    client.delete_cookie("homeward")
    stranger = house.test_client()
    failed_before(10, email)
    assert fail(stranger, email) == [429]
    assert try_to_sign_in(client, email).status_code == 302
    assert fail(client, email, 10) == [422] * 10
    assert fail(client, email) == [429], "a known browser has a budget too"


def test_a_known_browser_is_known_for_its_own_account_alone(client, people):
    client.sign_in(people["broker"])
    client.delete_cookie("homeward")
    failed_before(10, people["finance"].email)
    assert fail(client, people["finance"].email) == [429]
    assert fail(client, people["broker"].email) == [422]


def test_a_made_up_cookie_is_no_known_browser(client, people):
    client.set_cookie("homeward-browser", "1.é")
    failed_before(10, people["broker"].email)
    assert fail(client, people["broker"].email) == [429]
    client.set_cookie("homeward-browser", "1." + "0" * 64)
    assert fail(client, people["broker"].email) == [429]


def test_the_sixty_first_failure_from_one_address_is_refused_and_other_addresses_are_not(client, people):
    failed_before(58)
    statuses = [fail(client, f"another{number}@testshire.example")[0] for number in range(3)]
    assert statuses == [422, 422, 429]
    elsewhere = try_to_sign_in(client, people["broker"].email, environ_overrides={"REMOTE_ADDR": "192.0.2.99"})
    assert elsewhere.status_code == 302


def test_honest_people_behind_one_address_all_get_in_though_each_of_them_slips(client, people):
    """Who gets in is not counted, and slips before it are forgotten: 300 people do not use their address up."""
    failed_before(57)
    for user in people.users.values():
        assert fail(client, user.email) == [422]
        assert try_to_sign_in(client, user.email).status_code == 302
        client.sign_out()
    assert failures() == 57


def test_a_spray_from_the_same_address_shuts_nobody_out_whose_browser_is_known(house, client, people):
    client.sign_in(people["broker"])
    client.delete_cookie("homeward")
    sprayer = house.test_client()
    failed_before(60)
    assert fail(sprayer, people["finance"].email) == [429]
    assert try_to_sign_in(client, people["broker"].email).status_code == 302


def test_an_address_that_anybody_writes_into_a_header_is_not_believed(client, people):
    failed_before(60)
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP"):
        assert fail(client, "another@testshire.example", headers={header: "203.0.113.1"}) == [429]


def test_a_thousand_failures_anywhere_close_sign_in_to_strangers_and_sound_the_alarm_once(house, client, people):
    client.sign_in(people["broker"])
    client.delete_cookie("homeward")
    failed_before(999, address="192.0.2.99")
    assert fail(house.test_client(), "another@testshire.example") == [422]
    stranger = house.test_client()
    for _ in range(3):
        answer = try_to_sign_in(stranger, people["finance"].email)
        assert (answer.status_code, answer.headers["Retry-After"] > "0") == (429, True)
    alarms = select(func.count()).select_from(AuditEntry).where(AuditEntry.tag == "sign_in:alarm")
    assert db.session.scalar(alarms) == 1
    assert try_to_sign_in(client, people["broker"].email).status_code == 302


def test_the_counter_keeps_no_address_and_no_name(client, people):
    fail(client, people["broker"].email)
    row = db.session.scalars(select(FailedTry)).one()
    assert len(row.account) == len(row.address) == 64
    assert people["broker"].email not in row.account


def test_twenty_tries_at_once_are_never_more_than_ten(house, people):
    db.session.commit()

    def one(_number):
        with house.app_context():
            try:
                limits.begin(limits.password_try("broker@testshire.example", HERE))
            except limits.TooManyTries:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(one, range(20)))
    assert sum(begun) <= 10
    assert failures_of("broker@testshire.example") == sum(begun)
    assert failures() == 20, "each was checked or took as long, and counts against the address"


def test_what_no_limit_counts_any_more_is_forgotten(session, people):
    failed_before(3)
    assert failures() == 3
    with clock.moved_to(clock.now() + timedelta(minutes=59)):
        assert forget_failures() == 0
    with clock.moved_to(clock.now() + timedelta(minutes=61)):
        assert forget_failures() == 3


def test_a_success_forgives_only_the_persons_own_slips(client, people):
    fail(client, people["broker"].email, 3)
    fail(client, people["finance"].email, 2)
    fail(client, people["broker"].email, 1, environ_overrides={"REMOTE_ADDR": "192.0.2.99"})
    client.sign_in(people["broker"])
    assert failures() == 3


# ------------------------------------------------------------------------------------------ nobody can be looked up


def test_unknown_wrong_and_closed_accounts_get_the_same_answer(client, people):
    people["auditor"].disabled_at = clock.now()
    people.other_council.suspended_at = clock.now()
    answers = [
        try_to_sign_in(client, "nobody@testshire.example"),
        try_to_sign_in(client, people["broker"].email, "wrong"),
        try_to_sign_in(client, people["auditor"].email),
        try_to_sign_in(client, people["stranger"].email),
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_nonces(answer.text) for answer in answers}) == 1


def test_after_too_many_tries_an_unknown_account_answers_as_a_known_one(client, people):
    with clock.moved_to(clock.now()):
        pages = set()
        for email in ("nobody@testshire.example", people["broker"].email):
            failed_before(10, email)
            answer = try_to_sign_in(client, email)
            pages.add((answer.status_code, answer.headers["Retry-After"], without_nonces(answer.text)))
    assert len(pages) == 1


@pytest.mark.parametrize("email", ["BROKER@testshire.example", "  broker@testshire.example "])
def test_an_account_is_one_account_however_it_is_written(client, people, email):
    failed_before(9, "broker@testshire.example")
    assert fail(client, email, 2) == [422, 429]


def test_signing_in_leaves_a_new_cookie_each_time(client, people):
    client.get("/sign-in")
    before = cookie_of(client)
    client.sign_in(people["broker"])
    first = cookie_of(client)
    client.sign_in(people["broker"])
    assert len({before, first, cookie_of(client)}) == 3
    assert PASSWORD not in first


@pytest.fixture
def hashes(house, monkeypatch):
    """The hashes that passwords were compared with, one for each time. That is what a refusal costs; `bench` measures it."""
    compared = []

    class Noting(PasswordHasher):
        def verify(self, stored, password):
            compared.append(stored)
            return super().verify(stored, password)

    monkeypatch.setattr(passwords, "hasher", lambda: Noting(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.delitem(house.extensions, "stand_in_hash", raising=False)
    return compared


def test_unknown_wrong_closed_and_locked_accounts_cost_one_hash_alike(client, people, hashes):
    people["auditor"].disabled_at = people.other_council.suspended_at = clock.now()
    failed_before(10, people["manager"].email, "192.0.2.99")
    tried = {
        "nobody@testshire.example": 422,
        people["finance"].email: 422,
        people["auditor"].email: 422,
        people["stranger"].email: 422,
        people["manager"].email: 429,
    }
    for number, (email, status) in enumerate(tried.items(), start=1):
        assert try_to_sign_in(client, email, "wrong").status_code == status, email
        assert len(hashes) == number, email
    costs = [extract_parameters(stored) for stored in hashes]
    assert costs == costs[:1] * len(tried)


def test_where_an_address_is_full_no_account_costs_a_hash(house, people, hashes):
    failed_before(10, people["manager"].email, "192.0.2.99")
    failed_before(60, address=HERE.address)
    for email in (people["manager"].email, people["finance"].email, "nobody@testshire.example"):
        with pytest.raises(limits.TooManyTries):
            services.sign_in(email, "wrong", HERE)
    assert hashes == []
