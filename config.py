"""Every setting of Homeward, read once from the environment, typed and documented.

`Config.from_environment()` is the only reader of `os.environ`; a value that cannot be
understood stops the start with a sentence that names the variable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class BadSetting(ValueError):
    """A setting in the environment cannot be understood; the message says which and what to write."""


def _setting(default: Any, *, env: str, doc: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"env": env, "doc": doc, "secret": secret})


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one installation."""

    database_url: str = _setting(
        f"sqlite:///{ROOT / 'instance' / 'homeward.sqlite'}",
        env="DATABASE_URL",
        doc="Where the data is: sqlite:////path/file.sqlite or postgresql://user:password@host/name.",
    )
    secret_key: str = _setting(
        "",
        env="SECRET_KEY",
        doc="Signs cookies and forms: 32 random characters or more. Required outside demo and tests.",
        secret=True,
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000", env="BASE_URL", doc="The address people use; links in e-mails start with it."
    )
    mail_url: str = _setting(
        "",
        env="MAIL_URL",
        doc="smtp://user:password@host:port, or smtps://… Empty: messages wait in the outbox.",
        secret=True,
    )
    mail_from: str = _setting("homeward@localhost", env="MAIL_FROM", doc="The sender's address of all e-mails.")
    site_name: str = _setting("Homeward", env="SITE_NAME", doc="The product name shown in the header.")
    authority_name: str = _setting("", env="AUTHORITY_NAME", doc="The council's name shown in the header.")
    brand_colour: str = _setting("#0b5d66", env="BRAND_COLOUR", doc="The header's colour, #rrggbb.")
    demo: bool = _setting(
        False, env="DEMO", doc="yes: demo mode. Needs a demo database; lists its accounts; sends no real mail."
    )
    demo_public: bool = _setting(
        False, env="DEMO_PUBLIC", doc="yes: lets demo mode listen on an address that is not this machine's own."
    )
    scheduler: bool = _setting(
        False,
        env="SCHEDULER",
        doc="yes: the web process also runs the timetable (one process). Several: flask run-scheduler.",
    )
    secure_cookies: bool = _setting(
        False, env="SECURE_COOKIES", doc="yes: cookies travel over https only. Set it wherever people use https."
    )
    testing: bool = _setting(False, env="HOMEWARD_TESTING", doc="yes: cheap password hashes, for tests only.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Reads every setting; raises BadSetting with a sentence naming the variable."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {
            setting.name: _read(setting.type, setting.metadata["env"], environment[setting.metadata["env"]])
            for setting in fields(cls)
            if environment.get(setting.metadata["env"])
        }
        config = cls(**values)
        if not config.secret_key and not (config.demo or config.testing):
            raise BadSetting("Set SECRET_KEY to 32 random characters or more, and keep it the same between starts.")
        return config

    @property
    def flask_settings(self) -> dict[str, object]:
        """The same settings under the names Flask and its extensions read."""
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SECRET_KEY": self.secret_key or "demo-and-tests-only",
            "TESTING": self.testing,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_NAME": "__Host-homeward" if self.secure_cookies else "homeward",
            "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": None,
        }


def _read(kind: object, name: str, text: str) -> object:
    if kind != "bool":
        return text
    if text.lower() in {"yes", "true", "1", "on"}:
        return True
    if text.lower() in {"no", "false", "0", "off"}:
        return False
    raise BadSetting(f"{name} is “{text}”. Write yes or no.")
