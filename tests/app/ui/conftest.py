"""The smallest application that can draw the components, so that they are tried without the rest of the house."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from app.pages.context import day_text, facts_in_words, moment_text
from app.ui.absent import Absent
from app.ui.fields import error_list
from app.ui.tables import table_rows

SITE = {
    "name": "Homeward",
    "authority_name": "Lancashire County Council",
    "help_contact": "help@lancashire.example",
    "colour": "#0b5d66",
    "demo": True,
    "stylesheet": "/brand.css",
}


@pytest.fixture
def page():
    """An application within a request."""
    app = Flask("app")
    app.jinja_options = {"undefined": Absent, "trim_blocks": True, "lstrip_blocks": True}
    shared = {name: PackageLoader(name) for name in ("govuk_frontend_jinja", "govuk_frontend_wtf")}
    app.jinja_env.loader = ChoiceLoader([PackageLoader("app", "templates"), PrefixLoader(shared)])
    app.jinja_env.filters.update(day=day_text, moment=moment_text, facts_in_words=facts_in_words)
    app.jinja_env.globals.update(
        table_rows=table_rows,
        site=SITE,
        cannot_save=lambda: False,
        csp_nonce=lambda: "nonce",
        csrf_token=lambda: "token",
        error_list=error_list,
        get_flashed_messages=lambda **_: [("success", "Batch B7 was sealed."), ("notice", "Two files wait.")],
        navigation=lambda: [
            {"text": "Home", "href": "/", "current": True},
            {"text": "Batches", "href": "/b", "current": False},
        ],
        mail_notice=lambda: None,
        new_key=lambda: "key",
        now=lambda: datetime(2026, 12, 1, 12, tzinfo=UTC),
        page_url=lambda number: f"?page={number}",
        session_left=lambda: 900,
        viewer=lambda: {"name": "Nadia <Navigator>", "organisation_name": "Lancashire County Council"},
    )
    for path, endpoint in (
        ("/search", "pages.search"),
        ("/sign-out", "auth.end_session"),
        ("/inbox", "inbox.show"),
        ("/mailbox", "inbox.mailbox"),
        ("/account", "account.show"),
        ("/sign-in", "auth.sign_in"),
        ("/session", "auth.left"),
        ("/session/stay", "auth.stay"),
        ("/keyboard", "about.keyboard"),
    ):
        app.add_url_rule(path, endpoint, str)
    with app.test_request_context():
        yield app
