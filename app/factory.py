"""Builds the application: what carries every slice, then the slices in the order the composition root names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.api.shell import BEARER, PREFIX, as_it_is
from app.auth import anyone
from app.auth.door import ask_to_sign_in
from app.auth.login import prepare_login
from app.auth.permissions import routes_without_permission
from app.database import db, prepare_engine
from app.database.engine import engine_options
from app.demo_mode import prepare_demo
from app.house import House, Slice
from app.http.bodies import prepare_bodies
from app.http.edge import prepare_edge
from app.http.refusals import prepare_refusals
from app.http.transaction import prepare_transactions
from app.messages.channel import Channel, DemoChannel, SmtpChannel
from app.pages.context import prepare_templates
from config import Config

APP = Path(__file__).resolve().parent


def create_app(config: Config, slices: Sequence[Slice]) -> House:
    """The application with these slices. Stops with a sentence if a route names no permission."""
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
    for part in slices:
        house.hang(part)
    _describe_api(house)
    _refuse_open_doors(house)
    return house


def _channel(config: Config) -> Channel | None:
    if config.demo:
        return DemoChannel()
    return SmtpChannel(config.mail_url, tls_required=config.mail_tls == "required") if config.mail_url else None


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
    """Templates of areas are named with their area: `marketplace/rounds/issue.html`."""
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


def _describe_api(house: House) -> None:
    house.security_schemes = BEARER
    house.spec_processor(as_it_is)
    views: dict[str, Any] = house.view_functions
    views["openapi.spec"] = anyone(views["openapi.spec"])


def _refuse_open_doors(house: House) -> None:
    if missing := routes_without_permission(house):
        raise RuntimeError(f"These routes are not in the permission table: {', '.join(missing)}.")
