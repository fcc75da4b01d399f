"""The settings of sign-in, and the commands that make users and tokens."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.auth.tokens import token_with
from app.database import db
from app.parties.models import User
from config import BadSetting, Config
from tests.app.auth.makers import try_to_sign_in

CREATE = ["create-user", "ada.fell@testshire.example", "--name", "Ada Fell", "--role", "broker"]


@pytest.mark.parametrize(
    ("environment", "required"),
    [
        ({"SECRET_KEY": "x"}, True),
        ({"SECRET_KEY": "x", "SECOND_FACTOR": "offered"}, False),
        ({"DEMO": "yes"}, False),
        ({"HOMEWARD_TESTING": "yes"}, False),
        ({"DEMO": "yes", "SECOND_FACTOR": "required"}, True),
    ],
)
def test_a_second_factor_is_required_but_for_demo_and_tests(environment, required):
    assert Config.from_environment(environment).second_factor_required is required


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECOND_FACTOR", "sometimes"), ("IDLE_MINUTES", "1"), ("IDLE_MINUTES", "-5"), ("PROXY_COUNT", "one")],
)
def test_a_setting_that_cannot_be_understood_stops_the_start(name, value):
    with pytest.raises(BadSetting, match=name):
        Config.from_environment({"SECRET_KEY": "x", name: value})


@pytest.mark.parametrize("password", ["short", "password1234", "AdaFell12345!", "Lancashire2026"])
def test_the_command_refuses_a_password_that_the_pages_would_refuse(house, people, password):
    answer = house.test_cli_runner().invoke(args=[*CREATE, "--organisation", "Lancashire", "--password", password])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert db.session.scalars(select(User).where(User.name == "Ada Fell")).first() is None


def test_the_commands_make_a_user_who_signs_in_and_a_token_that_works(house, people, client):
    good = "purple trains leave at noon"
    made = house.test_cli_runner().invoke(args=[*CREATE, "--organisation", "Lancashire", "--password", good])
    assert made.output == "Added ada.fell@testshire.example.\n", made.exception
    assert try_to_sign_in(client, "ada.fell@testshire.example", good).status_code == 302
    token = house.test_cli_runner().invoke(args=["create-token", "ada.fell@testshire.example"]).output.strip()
    db.session.rollback()
    assert token_with(token).user.name == "Ada Fell"
