"""The council's colour as a style sheet: the pages allow no style of their own, so it is served as a file."""

import re

from flask import Flask, Response

from app.auth.permissions import anyone

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
