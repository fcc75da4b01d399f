"""Builds the application: the shell first, then the areas in the order the composition root names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.accounts import register as accounts
from app.api import audit as api_audit
from app.api import routes as api_routes
from app.api.description import as_it_is
from app.api.shell import BEARER, PREFIX
from app.audit.jobs import seal_entries
from app.auth import account_routes, anyone, second_factor_routes
from app.auth import routes as auth_routes
from app.auth.door import ask_to_sign_in
from app.auth.jobs import forget_answers, forget_failures, forget_kept_forms
from app.auth.login import prepare_login
from app.auth.permissions import routes_without_permission
from app.cli import add_commands
from app.database import db, prepare_engine
from app.database.engine import engine_options
from app.demo_mode import prepare_demo
from app.house import House, NavigationItem, TimedJob
from app.http.bodies import prepare_bodies
from app.http.edge import prepare_edge
from app.http.refusals import prepare_refusals
from app.http.transaction import prepare_transactions
from app.messages.bounce_jobs import read_mailbox
from app.messages.channel import Channel, DemoChannel, SmtpChannel
from app.messages.commands import MAIL_COMMANDS
from app.messages.jobs import send_queued
from app.messages.summary_jobs import send_summaries
from app.metrics import prepare_metrics
from app.pages import about, health, home, inbox, oversight, work
from app.pages.audit_exports import bp as audit_exports_bp
from app.pages.audit_head import tell_the_head
from app.pages.context import prepare_templates
from app.pages.mail import bp as mail_bp
from app.pages.permissions import add_permissions
from app.tasks.jobs import forget_old_files, run_queued
from config import Config

APP = Path(__file__).resolve().parent
PAGES = (
    home.bp,
    inbox.bp,
    work.bp,
    health.bp,
    about.bp,
    oversight.bp,
    audit_exports_bp,
    auth_routes.bp,
    second_factor_routes.bp,
    account_routes.bp,
)


def create_app(config: Config, areas: Sequence[Callable[[House], None]] = ()) -> House:
    """The application with these areas. Stops with a sentence if a route names no permission."""
    house = House(
        "app",
        title="Homeward",
        version="1",
        spec_path=f"{PREFIX}/openapi.json",
        docs_path=None,
        json_errors=False,
        root_path=str(APP),
        instance_path=str(APP.parent / "instance"),
    )
    house.config.from_mapping(config.flask_settings)
    house.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    house.extensions["config"] = config
    house.extensions["mail_channel"] = _channel(config)
    house.furnish()
    _prepare_database(house)
    _prepare_web(house, config)
    _open_the_shell(house)
    for register in areas:
        register(house)
    _refuse_open_doors(house)
    return house


def _channel(config: Config) -> Channel | None:
    if config.demo:
        return DemoChannel()
    return SmtpChannel(config.mail_url) if config.mail_url else None


def _prepare_database(house: House) -> None:
    db.init_app(house)
    Migrate(house, db, directory=str(APP.parent / "migrations"), render_as_batch=True)
    with house.app_context():
        prepare_engine(db.engine)


def _prepare_web(house: House, config: Config) -> None:
    prepare_edge(house, config)
    prepare_demo(house, config)
    csrf = CSRFProtect(house)
    house.extensions["csrf_protect"] = csrf
    prepare_login(house)
    prepare_transactions(house)
    prepare_refusals(house, ask_to_sign_in)
    _prepare_jinja(house)
    prepare_templates(house, config)
    WTFormsHelpers(house)
    prepare_bodies(house, config.body_seconds)
    house.wsgi_app = _static_files(house)  # type: ignore[method-assign]
    if proxies := config.proxy_count:
        house.wsgi_app = ProxyFix(house.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]


def _static_files(house: House) -> WhiteNoise:
    """Our own files, straight from the disk, for our own pages only."""
    place = str(APP / "static")
    headers = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}

    def add_headers(given: Any, _path: str, _url: str) -> None:
        for name, value in headers.items():
            given[name] = value

    return WhiteNoise(
        house.wsgi_app, place, "static/", max_age=3600, allow_all_origins=False, add_headers_function=add_headers
    )


def _prepare_jinja(house: House) -> None:
    """Templates of areas are named with their area: `marketplace/offers/show.html`."""
    areas = {area: PackageLoader(area, "templates") for area in ("marketplace", "contracts", "brokerage")}
    house.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    house.jinja_env.loader = ChoiceLoader(
        [
            PackageLoader("app", "templates"),
            PrefixLoader(areas),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            PrefixLoader({"govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf")}),
        ]
    )


def _open_the_shell(house: House) -> None:
    add_permissions(house.permissions)
    accounts.register(house)
    for blueprint in (*PAGES, mail_bp):
        house.register_blueprint(blueprint)
    prepare_metrics(house)
    for api in (api_routes.bp, api_audit.bp):
        house.register_blueprint(api)
        house.extensions["csrf_protect"].exempt(api)
    house.security_schemes = BEARER
    house.spec_processor(as_it_is)
    views: dict[str, Any] = house.view_functions
    views["openapi.spec"] = anyone(views["openapi.spec"])
    house.navigation.append(NavigationItem("Audit", "oversight.audit_list", "audit:read"))
    house.navigation.append(NavigationItem("Audit", "audit_exports.own", "audit:own"))
    house.timetable.extend(
        [
            TimedJob("run queued work", "Imports and other long work that people wait for.", run_queued, every=1),
            TimedJob("send emails", "Sends what is in the outbox.", send_queued, every=5),
            TimedJob("send daily summaries", "Sends what people want once a day.", send_summaries, daily_at="07:30"),
            TimedJob("read bounces", "Reads which emails came back.", read_mailbox, every=60),
            TimedJob("seal the audit", "Links new audit entries into a block.", seal_entries, every=60),
            TimedJob("tell the audit's head", "Tells the auditors the last block.", tell_the_head, daily_at="02:50"),
            TimedJob("forget failed sign-ins", "Deletes what no limit counts any more.", forget_failures, every=600),
            TimedJob("forget kept forms", "Deletes what waited an hour for its owner.", forget_kept_forms, every=600),
            TimedJob("forget kept answers", "Deletes first answers a week after.", forget_answers, every=3600),
            TimedJob("forget files", "Deletes uploaded files after 7 days.", forget_old_files, daily_at="02:40"),
        ]
    )
    for command in MAIL_COMMANDS:
        house.cli.add_command(command)
    add_commands(house)


def _refuse_open_doors(house: House) -> None:
    if missing := routes_without_permission(house):
        raise RuntimeError(f"These routes are not in the permission table: {', '.join(missing)}.")
