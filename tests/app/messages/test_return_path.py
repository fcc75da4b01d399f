"""Return paths: made, read again, and not to be forged."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.messages.mail import ReturnPaths
from config import Config

ONE = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
PATHS = ReturnPaths.of(Config(secret_key="one", mail_from="homeward@Testshire.example"))


def test_a_return_path_says_which_mail_it_was_also_in_capitals():
    address = PATHS.address(ONE)
    assert address.endswith("@testshire.example")
    assert len(address.partition("@")[0]) <= 64, "a mail server may refuse a longer local part"
    assert PATHS.deliveries_in(f"<{address.upper()}>") == [ONE]


def test_another_installation_and_another_mail_cannot_be_signed_for():
    foreign = ReturnPaths.of(Config(secret_key="two", mail_from="homeward@testshire.example"))
    assert PATHS.deliveries_in(foreign.address(ONE)) == []
    assert PATHS.deliveries_in(PATHS.address(ONE).replace("7c9e", "7c9f")) == []
    assert PATHS.deliveries_in(PATHS.address(ONE).replace("testshire", "elsewhere")) == []


def test_bounces_can_come_to_a_domain_of_their_own():
    paths = ReturnPaths.of(Config(secret_key="one", bounce_domain="bounces.testshire.example"))
    assert paths.address(ONE).endswith("@bounces.testshire.example")


@pytest.mark.parametrize("text", ["", "bounce+@testshire.example", "bounce+" + "0" * 32 + "-" + "0" * 16 + "@x"])
def test_what_is_no_return_path_of_ours_says_nothing(text):
    assert PATHS.deliveries_in(text) == []
