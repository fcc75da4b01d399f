"""The page of the documentation that says who may do what."""

from __future__ import annotations

from pathlib import Path

import pytest

import wsgi
from app.auth.permissions import permissions_text
from app.house import House
from config import Config

PAGE = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"


@pytest.fixture(scope="module")
def built_house() -> House:
    return wsgi.build(Config(database_url="sqlite://", secret_key="for tests only", testing=True))


def test_the_documentation_says_who_may_do_what_as_the_table_does(built_house):
    told = "Run: flask --app wsgi permissions > docs/permissions.md"
    assert PAGE.read_text("utf-8") == permissions_text(built_house), told


def test_the_command_prints_the_page(built_house):
    with built_house.app_context():
        answer = built_house.test_cli_runner().invoke(args=["permissions"])
    assert answer.output == permissions_text(built_house), answer.exception


def test_every_function_stands_in_the_page_with_its_roles(built_house):
    rows = [line for line in permissions_text(built_house).splitlines() if line.startswith("| `")]
    assert len(rows) == len(built_house.permissions)
    awarding = next(row for row in rows if row.startswith("| `awards:make`"))
    assert awarding.endswith("| Broker |")
