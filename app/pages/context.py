"""What every template can use: the site, the viewer, navigation, dates and hours in words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

from flask import Flask, Response, current_app, request, url_for

from app import clock
from app.auth.idle import seconds_left
from app.auth.permissions import PermissionTable, anyone
from app.database import db
from app.database.saving import saving
from app.house import House
from app.http.edge import csp_nonce
from app.http.viewer import viewer_or_none
from app.messages.queries import Waiting, waiting
from app.ui.absent import Absent
from app.ui.fields import error_list
from app.ui.tables import table_rows
from app.values.days import MONTHS
from app.values.hours import hours_text
from config import Config

NO_ID = UUID(int=0)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def prepare_templates(app: House, config: Config) -> None:
    """Adds globals and filters; templates never query."""
    app.jinja_env.undefined = Absent  # the design system's macros ask for settings that are not there
    prepare_brand(app, config.brand_colour)
    app.jinja_env.globals.update(
        site={
            "name": config.site_name,
            "authority_name": config.authority_name,
            "help_contact": config.help_contact,
            "colour": config.brand_colour,
            "demo": config.demo,
            "stylesheet": "/brand.css",
            "accessibility_url": "/accessibility",
        },
        error_list=error_list,
        csp_nonce=csp_nonce,
        cannot_save=cannot_save,
        new_key=lambda: str(uuid4()),
        mail_notice=mail_notice,
        viewer=viewer_or_none,
        may=lambda permission: may(app, permission),
        navigation=lambda: navigation(app),
        now=clock.now,
        session_left=seconds_left,
        page_url=page_url,
        urls_of=urls_of,
        table_rows=table_rows,
    )
    app.jinja_env.filters.update(
        day=day_text, moment=moment_text, hours=hours_text, pounds=pounds_text, facts_in_words=facts_in_words
    )


def cannot_save() -> bool:
    """Whether writing fails just now, as far as this process has seen; asks the database nothing."""
    return saving(db.engine).trouble is not None


def may(app: House, permission: str) -> bool:
    """Whether the viewer has a function; templates use it to show a link, routes decide."""
    viewer = viewer_or_none()
    return viewer is not None and app.permissions.may(viewer.roles, permission)


def navigation(app: House) -> list[dict[str, Any]]:
    items = [(item.text, url_for(item.endpoint)) for item in app.navigation if may(app, item.permission)]
    return [
        {"text": text, "href": href, "current": request.path == href, "active": request.path.startswith(f"{href}/")}
        for text, href in items
    ]


def page_url(number: int) -> str:
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{quote(request.path)}?{urlencode([*others, ('page', number)])}"


def urls_of(endpoint: str, name: str) -> Callable[[UUID], str]:
    """The address of one thing's page for any of many: worked out once, with a place for the id that `name` stands for."""
    known: dict[str, Any] = {name: NO_ID}
    before, _, after = url_for(endpoint, **known).partition(str(NO_ID))
    return lambda identifier: f"{before}{identifier}{after}"


def day_text(value: date | datetime | None) -> str:
    """5 December 2026."""
    if value is None:
        return ""
    local = value.astimezone(clock.LONDON) if isinstance(value, datetime) else value
    return f"{local.day} {MONTHS[local.month - 1].capitalize()} {local.year}"


def moment_text(value: datetime | None) -> str:
    """5 December 2026 at 5:00pm GMT."""
    if value is None:
        return ""
    local = value.astimezone(clock.LONDON)
    hour = local.hour % 12 or 12
    return f"{day_text(local)} at {hour}:{local.minute:02}{'am' if local.hour < 12 else 'pm'} {local.tzname()}"


def facts_in_words(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """Facts of the audit as people read them: pounds, days, yes and no; what is not known is left out."""
    told = [(name, value) for name, value in facts.items() if value is not None]
    return [(name.removesuffix("_pence").replace("_", " "), _fact_in_words(name, value)) for name, value in told]


def _fact_in_words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.endswith("_pence"):
        return pounds_text(value)
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        return day_text(date.fromisoformat(value))
    return str(value)


def pounds_text(pence: int | None) -> str:
    """Pence as £1,234.50."""
    return "" if pence is None else f"£{pence // 100:,}.{pence % 100:02d}"


_HEX = re.compile(r"#[0-9a-f]{6}")
# WCAG 2.2 AA for text: white on the colour, and the colour on white.
_LEAST_CONTRAST = 4.5


def prepare_brand(app: Flask, colour: str) -> None:
    """Serves the council's colour at `/brand.css`. A colour that cannot be read stops the start: ValueError."""
    sheet = brand_stylesheet(colour)

    @anyone
    def brand() -> Response:
        return Response(sheet, content_type="text/css; charset=utf-8")

    app.add_url_rule("/brand.css", "brand", brand)


def brand_stylesheet(colour: str) -> str:
    """CSS that gives headers, links and bars the council's colour, `#rrggbb`. Unreadable colours raise ValueError."""
    wanted = colour.lower()
    if not _HEX.fullmatch(wanted):
        raise ValueError(f"The council's colour must look like #1d4f76, not {colour!r}.")
    if contrast_with_white(wanted) < _LEAST_CONTRAST:
        raise ValueError(f"The council's colour {colour} is too pale: white text on it cannot be read.")
    return f":root{{--govuk-brand-colour:{wanted};--hw-brand:{wanted}}}\n"


def contrast_with_white(colour: str) -> float:
    """The WCAG contrast ratio of white on `#rrggbb`, 1 to 21."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


KEPT_SECONDS = 30
"""One process asks once in so long; in tests at each page, so that every page asks the same number of questions."""


def mail_notice() -> Waiting | None:
    """What waits, where that must be said to this viewer; None for all others, and nearly always."""
    viewer = viewer_or_none()
    table: PermissionTable = current_app.extensions["permissions"]
    if viewer is None or not table.may(viewer.roles, "mail:watch"):
        return None
    known = _known()
    return known if known.is_long or (known.held and table.may(viewer.roles, "mail:release")) else None


def _known() -> Waiting:
    kept: tuple[float, Waiting] | None = current_app.extensions.get("mail_waiting")
    if kept is None or current_app.testing or time.monotonic() - kept[0] > KEPT_SECONDS:
        with db.session.no_autoflush:
            kept = time.monotonic(), waiting()
        current_app.extensions["mail_waiting"] = kept
    return kept[1]
