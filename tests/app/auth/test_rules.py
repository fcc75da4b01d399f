"""The rules of sign-in, without an application."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.rules import (
    Counted,
    Limit,
    Resting,
    SessionFacts,
    TryKind,
    address_group,
    browser_family,
    is_touch_due,
    limits_on,
    lives,
    must_have_second_factor,
    seconds_to_wait,
)
from app.parties.roles import Role

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESTING = Resting()


def facts(**changes):
    usual = {
        "expires_at": NOON + timedelta(hours=12),
        "last_seen_at": NOON,
        "ended": False,
        "roles_at_start": frozenset({"broker"}),
        "roles_now": frozenset({"broker"}),
        "closed": False,
    }
    return SessionFacts(**usual | changes)


def test_the_limits_are_ten_sixty_and_a_thousand_in_five_minutes_and_five_and_twenty_codes():
    told = [(limit.over, limit.most, limit.within) for limit in limits_on(TryKind.PASSWORD, known_browser=False)]
    assert told == [
        (Counted.ADDRESS, 60, timedelta(minutes=5)),
        (Counted.ALL, 1000, timedelta(minutes=5)),
        (Counted.ACCOUNT, 10, timedelta(minutes=5)),
    ]
    codes = [(limit.most, limit.within) for limit in limits_on(TryKind.CODE, known_browser=True)]
    assert codes == [(5, timedelta(minutes=5)), (20, timedelta(hours=1))]


def test_a_known_browser_answers_only_for_its_own_failures():
    assert [limit.over for limit in limits_on(TryKind.PASSWORD, known_browser=True)] == [Counted.ACCOUNT]


def test_one_waits_until_the_oldest_failure_has_aged_and_at_least_a_second():
    limit = Limit(TryKind.PASSWORD, Counted.ACCOUNT, 10, timedelta(minutes=5))
    assert seconds_to_wait(limit, NOON, NOON + timedelta(minutes=4)) == 61
    assert seconds_to_wait(limit, NOON, NOON + timedelta(minutes=6)) == 1


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "unknown"),
        (None, "unknown"),
    ],
)
def test_one_ipv6_connection_counts_as_one_address(address, group):
    assert address_group(address) == group


@pytest.mark.parametrize(
    ("role", "minutes"), [(Role.BROKER, 15), (Role.PROVIDER_COORDINATOR, 15), (Role.SERVICE_USER, 30)]
)
def test_staff_and_providers_rest_15_minutes_and_people_30(role, minutes):
    session = facts(roles_at_start=frozenset({role}), roles_now=frozenset({role}))
    just = NOON + timedelta(minutes=minutes)
    assert lives(session, just - timedelta(seconds=1), RESTING)
    assert not lives(session, just, RESTING)


def test_somebody_who_is_staff_too_rests_15_minutes():
    both = frozenset({"broker", "service_user"})
    assert Resting().of(both) == timedelta(minutes=15)
    assert Resting().of(frozenset()) == timedelta(minutes=15)


def test_no_session_outlives_twelve_hours_however_busy():
    busy = facts(last_seen_at=NOON + timedelta(hours=11, minutes=59))
    assert not lives(busy, NOON + timedelta(hours=12), RESTING)


@pytest.mark.parametrize(
    "change",
    [
        {"ended": True},
        {"closed": True},
        {"roles_now": frozenset()},
        {"roles_now": frozenset({"auditor"})},
    ],
)
def test_a_session_dies_when_its_user_is_less_than_at_its_start(change):
    assert lives(facts(), NOON, RESTING)
    assert not lives(facts(**change), NOON, RESTING)


def test_a_session_lives_on_when_a_role_is_added():
    assert lives(facts(roles_now=frozenset({"broker", "auditor"})), NOON, RESTING)


@given(st.integers(0, 200))
def test_a_session_is_touched_once_a_minute_at_most(seconds):
    assert is_touch_due(NOON, NOON + timedelta(seconds=seconds)) == (seconds >= 60)


@pytest.mark.parametrize(("kind", "must"), [("council", True), ("icb", True), ("provider", True), ("advocacy", False)])
def test_councils_icbs_and_providers_need_a_second_factor_where_it_is_required(kind, must):
    assert must_have_second_factor(kind, required=True) is must
    assert not must_have_second_factor(kind, required=False)


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML) Chrome/126.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("curl/8.8", "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_told_in_plain_words(sent, plain):
    assert browser_family(sent) == plain


@given(st.text(max_size=2000))
def test_no_browser_can_write_into_the_page_of_sessions(sent):
    assert len(browser_family(sent)) <= 40
