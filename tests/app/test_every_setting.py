"""What each setting changes: here, or in the test that the table at the end names. What changes nothing, goes."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
from dataclasses import fields
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, update

import wsgi
from app import clock
from app.database import db
from app.demo_mode import MARKER
from app.logs import logging_settings
from app.messages.mail import mail_of
from app.parties.models import InstallationFact
from app.tasks.models import Lease
from config import BadSetting, Config
from tests.abuse.served import served
from tests.people import KEY
from tests.waiting import wait_until

FARAWAY = {"REMOTE_ADDR": "203.0.113.7"}


def built(**settings):
    return wsgi.build(Config(**{"database_url": "sqlite://", "secret_key": KEY, "testing": True, **settings}))


def a_page(**settings):
    return built(**settings).test_client().get("/keyboard").text


def test_the_header_shows_the_products_and_the_councils_name():
    shown = a_page(site_name="Care in Rutland", authority_name="Rutland County Council")
    assert "Care in Rutland" in shown
    assert "Rutland County Council" in shown


def test_the_header_has_the_councils_colour_and_a_pale_one_stops_the_start():
    answer = built(brand_colour="#7a1f5c").test_client().get("/brand.css")
    assert "#7a1f5c" in answer.text
    with pytest.raises(ValueError, match="too pale"):
        built(brand_colour="#ffffee")


def test_mail_leaves_by_the_server_that_is_named_and_otherwise_waits():
    assert built(mail_url="smtp://mail.example:2525").extensions["mail_channel"]._port == 2525
    assert built().extensions["mail_channel"] is None
    with pytest.raises(BadSetting, match="MAIL_URL"):
        built(mail_url="http://mail.example")


def test_encryption_of_mail_is_required_where_that_is_set():
    assert built(mail_url="smtp://mail.example", mail_tls="required").extensions["mail_channel"]._tls_required
    assert not built(mail_url="smtp://mail.example").extensions["mail_channel"]._tls_required
    with pytest.raises(BadSetting, match="MAIL_TLS"):
        Config(secret_key=KEY, mail_tls="maybe")


def test_mail_names_its_sender_and_links_to_the_address_people_use():
    message = SimpleNamespace(
        subject="An offer", created_at=clock.now(), kind="offer", body="Please answer.", path="/x"
    )
    delivery = SimpleNamespace(id=uuid4(), email="someone@care.example", message=message, path=None)
    config = Config(secret_key=KEY, mail_from="care@council.example", base_url="https://care.council.example")
    mail = mail_of(delivery, config)
    assert mail["From"] == "care@council.example"
    assert mail["Message-ID"].endswith("@council.example>")
    assert "https://care.council.example/x" in mail.get_content()


@pytest.mark.parametrize(
    ("reply_to", "said"),
    [("care@council.example", "A reply to this email goes to care@council.example"), ("", "Nobody reads replies")],
)
def test_mail_says_where_replies_go(reply_to, said):
    message = SimpleNamespace(
        subject="An offer", created_at=clock.now(), kind="offer", body="Please answer.", path="/x"
    )
    delivery = SimpleNamespace(id=uuid4(), email="someone@care.example", message=message, path=None)
    mail = mail_of(delivery, Config(secret_key=KEY, reply_to=reply_to))
    assert mail["Reply-To"] == (reply_to or None)
    assert said in mail.get_content()


@pytest.mark.parametrize(("style", "reads"), [("json", json.loads), ("plain", str)])
def test_a_line_of_the_log_is_of_the_style_that_is_set(style, reads):
    record = logging.LogRecord("app", logging.WARNING, __file__, 1, "something happened", None, None)
    written = logging_settings(style, "INFO")["formatters"]["homeward"]["()"](style).format(record)
    assert "something happened" in str(reads(written))
    assert (written.startswith("{")) is (style == "json")


def test_less_is_logged_where_less_is_asked_for():
    assert logging_settings("plain", "ERROR")["root"]["level"] == "ERROR"
    with pytest.raises(BadSetting, match="LOG_LEVEL"):
        Config(secret_key=KEY, log_level="LOUD")


@pytest.fixture
def demo_marker(session):
    db.session.add(InstallationFact(key=MARKER, value="yes"))
    db.session.commit()


@pytest.mark.parametrize(("public", "status"), [(False, 403), (True, 200)])
def test_the_demo_is_for_its_own_machine_unless_it_is_made_public(database_url, demo_marker, public, status):
    shown = built(database_url=database_url, demo=True, demo_public=public, trusted_hosts="*")
    assert shown.test_client().get("/sign-in", environ_overrides=FARAWAY).status_code == status
    assert db.session.get(InstallationFact, MARKER) is not None
    with shown.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("setting", ["yes", "no"])
def test_a_web_process_runs_the_timetable_where_that_is_set(session, database_url, tmp_path, setting):
    db.session.execute(update(Lease).values(expires_at=clock.machine_time(), owner="gone"))
    db.session.commit()
    with served("gunicorn", database_url, tmp_path / "log", SCHEDULER=setting):
        if setting == "yes":
            wait_until(lambda: leader(database_url) not in {None, "gone"}, "No web process has taken the lease.")
        else:
            assert leader(database_url) in {None, "gone"}


def leader(database_url):
    """Who held the lease last, asked on a connection of its own."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        owner = connection.exec_driver_sql("SELECT owner FROM lease WHERE name = 'scheduler'").scalar()
    engine.dispose()
    return owner


HERE = "tests.app.test_every_setting"
SHOWN_BY = {
    "database_url": f"{HERE}:test_a_web_process_runs_the_timetable_where_that_is_set",
    "secret_key": "tests.app.auth.test_settings:test_nothing_is_served_under_a_key_that_could_be_guessed",
    "secret_key_before": "tests.app.auth.test_second_factor:test_after_a_change_of_the_key_the_one_before_still_opens_until_it_is_taken_away",
    "base_url": f"{HERE}:test_mail_names_its_sender_and_links_to_the_address_people_use",
    "mail_url": f"{HERE}:test_mail_leaves_by_the_server_that_is_named_and_otherwise_waits",
    "mail_tls": "tests.app.messages.test_channel:test_where_encryption_is_required_nothing_leaves_without_and_the_start_says_so",
    "mail_from": f"{HERE}:test_mail_names_its_sender_and_links_to_the_address_people_use",
    "reply_to": f"{HERE}:test_mail_says_where_replies_go",
    "bounce_domain": "tests.app.messages.test_return_path:test_bounces_can_come_to_a_domain_of_their_own",
    "bounce_mailbox_url": "tests.app.messages.test_mailbox:test_new_bounces_are_read_once_and_everything_else_is_passed_over",
    "site_name": f"{HERE}:test_the_header_shows_the_products_and_the_councils_name",
    "authority_name": f"{HERE}:test_the_header_shows_the_products_and_the_councils_name",
    "help_contact": "tests.app.pages.test_about:test_whom_to_ask_stands_at_the_foot_of_every_page_and_in_the_statement",
    "brand_colour": f"{HERE}:test_the_header_has_the_councils_colour_and_a_pale_one_stops_the_start",
    "demo": f"{HERE}:test_the_demo_is_for_its_own_machine_unless_it_is_made_public",
    "demo_public": f"{HERE}:test_the_demo_is_for_its_own_machine_unless_it_is_made_public",
    "scheduler": f"{HERE}:test_a_web_process_runs_the_timetable_where_that_is_set",
    "secure_cookies": "tests.app.auth.test_sessions:test_cookies_are_bound_to_the_host_and_to_https_where_that_is_set",
    "second_factor": "tests.app.auth.test_settings:test_a_second_factor_is_required_but_for_demo_and_tests",
    "idle_minutes": "tests.app.auth.test_sessions:test_staff_are_signed_out_after_15_minutes_and_not_before",
    "idle_minutes_people": "tests.app.auth.test_sessions:test_people_who_are_cared_for_are_signed_out_after_30_minutes",
    "proxy_count": "tests.abuse.test_edge:test_the_id_of_a_request_comes_from_a_trusted_proxy_only",
    "writes_per_minute": "tests.app.auth.test_pace:test_a_script_gets_429_and_when_to_come_back_and_somebody_else_gets_their_page",
    "requests_per_minute": "tests.app.auth.test_pace:test_a_script_gets_429_and_when_to_come_back_and_somebody_else_gets_their_page",
    "trusted_hosts": "tests.abuse.test_edge:test_a_request_for_another_name_is_refused_and_a_health_check_is_not",
    "log_format": f"{HERE}:test_a_line_of_the_log_is_of_the_style_that_is_set",
    "log_level": f"{HERE}:test_less_is_logged_where_less_is_asked_for",
    "metrics_token": "tests.abuse.test_edge:test_without_a_token_there_are_no_metrics_and_with_it_no_names",
    "body_seconds": "tests.abuse.test_uploads:test_who_sends_byte_by_byte_is_cut_and_others_are_served_meanwhile",
    "file_quota_mb": "tests.abuse.test_imports:test_an_organisation_that_has_used_its_room_is_refused_with_413_and_others_are_not",
    "scan_command": "tests.abuse.test_imports:test_a_scanner_looks_at_a_file_before_anything_reads_it",
    "scan_seconds": "tests.abuse.test_imports:test_a_scanner_looks_at_a_file_before_anything_reads_it",
    "testing": "tests.app.auth.test_settings:test_a_second_factor_is_required_but_for_demo_and_tests",
}


@pytest.mark.parametrize("name", [setting.name for setting in fields(Config)])
def test_every_setting_has_a_test_that_shows_what_it_changes(name):
    module, _, function = SHOWN_BY[name].partition(":")
    assert inspect.isfunction(getattr(importlib.import_module(module), function))


def test_the_table_names_no_setting_that_is_gone():
    assert set(SHOWN_BY) == {setting.name for setting in fields(Config)}
