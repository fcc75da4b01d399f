"""Which passwords are refused, and why."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from app.auth.blocklist import common
from app.auth.passwords import hash_password, password_matches, reasons_against, renewed

ADA = ("ada.fell@testshire.example", "Ada Fell", "Testshire County Council")


@pytest.mark.parametrize("password", ["", "elevenchars", "a" * 11, "ﬁfteen"])
def test_eleven_characters_are_too_few(password):
    assert reasons_against(password) == ("Use at least 12 characters.",)


def test_two_hundred_characters_are_enough():
    many = "the quick brown fox jumps over the lazy dog " * 5
    assert reasons_against(many[:200]) == ()
    assert reasons_against(many[:201]) == ("Use at most 200 characters.",)


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "P@ssw0rd!2024",
        "passwordpassword",
        "letmein!letmein!",
        "dragon-dragon-dragon",
        "winter2026winter",
        "aaaaaaaaaaaa",
        "123456789012",
        "qwertyuiop12",
        "abcd1234abcd1234",
        "abcdefghijkl",
        "!!!!!!monkey!!!!!!",
    ],
)
def test_common_passwords_and_what_is_made_from_them_are_refused(password):
    (reason,) = reasons_against(password)
    assert "tried first" in reason


@pytest.mark.parametrize(
    "password",
    [
        "Homeward2026!",
        "H0m3ward-2026",
        "adafell12345678",
        "AdaFell!AdaFell!",
        "Testshire2026!!",
        "ada.fell@testshire.example",
    ],
)
def test_what_others_know_of_the_person_is_refused(password):
    (reason,) = reasons_against(password, about=ADA)
    assert "others know of you" in reason


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "a long enough password",
        "care-at-home-demo",
        "ada likes purple trains",
        "xK9#mmQ2vv!p",
        "mein Pferd frißt Äpfel",
        "  spaces  before and behind  ",
    ],
)
def test_a_good_password_needs_no_figures_signs_or_capitals(password):
    assert reasons_against(password, about=ADA) == ()


def test_every_common_password_is_refused_with_a_year_behind_it():
    taken = [word for word in sorted(common())[::97] if reasons_against(f"{word.ljust(6, '!')}2026!!") == ()]
    assert taken == []


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gets_an_answer_in_words(password, about):
    assert all(reason.endswith(".") for reason in reasons_against(password, about))


def test_a_password_is_the_same_from_another_keyboard(session):
    assert password_matches(hash_password("cafe\u0301 by the canal"), "caf\u00e9 by the canal")
    assert not password_matches(hash_password("cafe by the canal"), "caf\u00e9 by the canal")


def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(session):
    costly = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("correct horse battery staple")
    fresh = renewed(costly, "correct horse battery staple")
    assert fresh != costly
    assert password_matches(fresh, "correct horse battery staple")
    assert renewed(fresh, "correct horse battery staple") == fresh
