"""A session that ends in front of somebody: warned, kept with one key, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.house import House
from tests.browser.visitor import NOT_SIDEWAYS, Visitor
from tests.people import PASSWORD

TYPED = "ada@testshire.example"


@pytest.fixture
def resting(house: House) -> Iterator[None]:
    """Sessions rest 15 minutes, as in use."""
    before = house.extensions["config"]
    house.extensions["config"] = replace(before, idle_minutes=15)
    yield
    house.extensions["config"] = before


@pytest.fixture
def passes() -> Iterator[Callable[..., None]]:
    """Time passes on the server and in the page alike."""
    moved = clock.moved_to(clock.now())
    moved.__enter__()

    def on(page: Page, minutes: int) -> None:
        clock._moved[-1] += timedelta(minutes=minutes)
        page.clock.run_for(minutes * 60 * 1000)

    yield on
    moved.__exit__(None, None, None)


def typing_an_address(visitor: Visitor, email: str) -> None:
    """Somebody has begun to invite a colleague."""
    visitor.page.clock.install()
    visitor.sign_in(email)
    visitor.go("/users/invite")
    visitor.page.get_by_label("Email address").fill(TYPED)


def sign_in_again(visitor: Visitor, email: str) -> None:
    visitor.page.get_by_label("Email address").fill(email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.press("Sign in")


def test_somebody_is_warned_two_minutes_before_and_one_key_keeps_the_session(visitor, people, resting, passes):
    if not visitor.has_script:
        return
    email = people["admin"].email
    typing_an_address(visitor, email)
    dialog = visitor.page.get_by_role("dialog", name="You will be signed out soon")
    passes(visitor.page, 12)
    expect(dialog).not_to_be_visible()
    passes(visitor.page, 1)
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    visitor.seen.clear()
    visitor.look()
    passes(visitor.page, 1)
    expect(dialog.get_by_role("status")).to_contain_text("You will be signed out in")
    visitor.page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(visitor.page.get_by_label("Email address")).to_have_value(TYPED)
    passes(visitor.page, 12)
    expect(dialog).not_to_be_visible()
    visitor.choose("Broker")
    visitor.press("Send the invitation")
    visitor.sees("The invitation is on its way.")


def test_when_the_session_ends_the_page_gives_way_and_what_was_typed_comes_back(visitor, people, resting, passes):
    email = people["admin"].email
    typing_an_address(visitor, email)
    if visitor.has_script:
        passes(visitor.page, 13)
        expect(visitor.page.get_by_role("dialog")).to_be_visible()  # the server has said how long is left
        passes(visitor.page, 2)
        visitor.page.wait_for_url("**/sign-in?kept=yes")
    else:
        passes(visitor.page, 16)
        visitor.page.get_by_label("Email address").press("Enter")
        visitor.page.wait_for_url("**/sign-in?kept=yes")
    visitor.sees("What you typed is kept for an hour")
    assert TYPED not in visitor.page.content()
    sign_in_again(visitor, email)
    visitor.sees("What you typed is still here")
    visitor.press("Go on with it")
    expect(visitor.page.get_by_label("Email address")).to_have_value(TYPED)


def test_going_back_after_signing_out_shows_the_sign_in_page(visitor, people):
    visitor.sign_in(people["auditor"].email)
    visitor.go("/audit")
    visitor.press("Sign out")
    visitor.page.go_back()
    expect(visitor.page).to_have_url(re.compile(r"/sign-in\?next="))
    visitor.sees("Email address")
    assert "Check the whole audit" not in visitor.page.content()


def test_the_pages_of_the_second_factor_are_fit_for_everybody(visitor, people):
    visitor.sign_in(people["auditor"].email)
    for path in ("/account", "/account/password", "/account/sessions", "/account/second-factor"):
        visitor.go(path)
    assert not visitor.has_script or visitor.page.evaluate(NOT_SIDEWAYS)
