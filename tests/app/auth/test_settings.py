"""The settings of sign-in, and the commands that make users and tokens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

import wsgi
from app.auth.models import ApiToken
from app.auth.tokens import token_with
from app.database import db
from app.parties.models import User
from config import BadSetting, Config
from tests.app.auth.makers import try_to_sign_in

ROOT = Path(__file__).resolve().parents[3]
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


@pytest.mark.parametrize(
    ("environment", "secure"),
    [
        ({}, False),
        ({"BASE_URL": "http://care.example"}, False),
        ({"BASE_URL": "https://care.example"}, True),
        ({"BASE_URL": "HTTPS://care.example"}, True),
        ({"BASE_URL": "https://care.example", "SECURE_COOKIES": "no"}, False),
        ({"BASE_URL": "http://care.example", "SECURE_COOKIES": "yes"}, True),
    ],
)
def test_cookies_are_kept_to_https_wherever_people_use_it(environment, secure):
    assert Config.from_environment({"SECRET_KEY": "x", **environment}).secure_cookies is secure


@pytest.mark.parametrize("key", ["", "x", "x" * 31])
def test_nothing_is_served_under_a_key_that_could_be_guessed(key, monkeypatch):
    for name in ("DEMO", "HOMEWARD_TESTING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(BadSetting, match=r"SECRET_KEY.* Set it to 32 random characters or more"):
        _ = wsgi.app


def serve(*command, **environment):
    """What a process of its own says when it is started so."""
    own = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://", "SECRET_KEY": "too short", **environment}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=own, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", [("flask", "--app", "wsgi", "run"), ("flask", "--app", "wsgi", "run-scheduler")])
def test_neither_flask_s_own_server_nor_the_timetable_starts_under_a_short_key(command):
    code, said = serve(*command)
    assert code != 0
    assert "SECRET_KEY has only 9 characters. Set it to 32 random characters or more" in said


def test_a_command_that_serves_nobody_needs_no_long_key():
    code, said = serve("flask", "--app", "wsgi", "permissions")
    assert (code, "people:break-glass" in said) == (0, True)


@pytest.mark.parametrize("password", ["short", "password1234", "AdaFell12345!", "Lancashire2026"])
def test_the_command_refuses_a_password_that_the_pages_would_refuse(house, people, password):
    answer = house.test_cli_runner().invoke(
        args=[*CREATE, "--organisation", "Lancashire", "--new", "--password", password]
    )
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert db.session.scalars(select(User).where(User.name == "Ada Fell")).first() is None


def test_the_commands_make_a_user_who_signs_in_and_a_token_that_works(house, people, client):
    good = "purple trains leave at noon"
    made = house.test_cli_runner().invoke(args=[*CREATE, "--organisation", "Lancashire", "--new", "--password", good])
    assert made.output == "Added ada.fell@testshire.example.\n", made.exception
    assert try_to_sign_in(client, "ada.fell@testshire.example", good).status_code == 302
    token = house.test_cli_runner().invoke(args=["create-token", "ada.fell@testshire.example"]).output.strip()
    db.session.rollback()
    assert token_with(token).user.name == "Ada Fell"


def test_one_command_makes_a_token_for_each_address_of_a_file(house, people, tmp_path):
    file = tmp_path / "users.txt"
    broker, auditor = people.users["broker"].email, people.users["auditor"].email
    file.write_text(f"{broker.upper()}\n\n{auditor}\n{auditor}\n", "utf-8-sig")
    said = house.test_cli_runner().invoke(args=["create-tokens", str(file)]).output
    db.session.rollback()
    head, *rows = (line.split(",") for line in said.splitlines())
    assert head == ["email", "token"]
    assert [token_with(token).user.email for _, token in rows] == [broker, auditor]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("{known}\nnobody@testshire.example\n", "There is no user nobody@testshire.example."),
        ("\n", "The file names nobody"),
    ],
)
def test_a_file_with_an_unknown_address_makes_no_token_at_all(house, people, tmp_path, lines, sentence):
    file = tmp_path / "users.txt"
    file.write_text(lines.format(known=people.users["broker"].email), "utf-8")
    refused = house.test_cli_runner().invoke(args=["create-tokens", str(file)])
    assert refused.exit_code == 1
    assert sentence in refused.output
    assert db.session.scalars(select(ApiToken)).all() == []
