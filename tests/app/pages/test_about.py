"""What is said of the pages: the accessibility statement, and which key does what."""

from __future__ import annotations

from pathlib import Path

import wsgi
from app.pages.about import KEYS
from config import Config

ROOT = Path(__file__).resolve().parents[3]


def test_the_statement_says_what_the_law_asks_for(client):
    page = client.get("/accessibility").get_data(as_text=True)
    for needed in (
        "12 weeks",
        "Equality Advisory and Support Service",
        "WCAG) version 2.2",
        "we do not claim",
        "2018",
        "was prepared on",
    ):
        assert needed in page


def test_the_page_of_keys_can_be_read_by_everybody_and_says_what_the_docs_say(client):
    page = client.get("/keyboard").get_data(as_text=True)
    docs = (ROOT / "docs" / "keyboard.md").read_text("utf-8")
    for where, keys, what in KEYS:
        assert f"| {where} | {keys} | {what} |" in docs
        assert where in page


def test_every_page_leads_to_help_at_the_same_place(client, people):
    for signed_in in (False, True):
        if signed_in:
            client.sign_in(people["auditor"])
        for path in ("/accessibility", "/keyboard") + (("/", "/inbox") if signed_in else ("/sign-in",)):
            footer = client.get(path).get_data(as_text=True).partition("hw-footer")[2]
            assert footer.index("/accessibility") < footer.index("/keyboard"), path


def test_whom_to_ask_stands_at_the_foot_of_every_page_and_in_the_statement():
    named = wsgi.build(Config(secret_key="x" * 32, testing=True, help_contact="help@testshire.example or 01632 960000"))
    for path, times in (("/keyboard", 1), ("/accessibility", 2)):
        page = named.test_client().get(path).get_data(as_text=True)
        assert page.count("help@testshire.example or 01632 960000") == times
