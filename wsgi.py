"""The composition root: builds the app from the shell and the three areas."""

from __future__ import annotations

import brokerage.register
import contracts.register
import marketplace.register
from app.factory import create_app
from app.house import House
from config import Config

AREAS = (marketplace.register.register, contracts.register.register, brokerage.register.register)


def build(config: Config | None = None) -> House:
    """The whole application."""
    return create_app(config or Config.from_environment(), AREAS)


def __getattr__(name: str) -> House:
    """Servers ask for `wsgi:app`; importing this module builds nothing."""
    if name == "app":
        return build()
    raise AttributeError(name)
