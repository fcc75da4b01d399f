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
SHORTEST_KEY = 32
KEY_NEEDED = (
    f"Set it to {SHORTEST_KEY} random characters or more, such as python3 -c 'import secrets; print(secrets.token_urlsafe())' "
    "prints, and keep it the same between starts."
)
LOG_FORMATS = frozenset({"json", "plain"})
LOG_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR"})


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
    secret_key_before: str = _setting(
        "",
        env="SECRET_KEY_BEFORE",
        doc="The SECRET_KEY before the last change: still opens second factors and recovery codes. Leave it for a month.",
        secret=True,
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000", env="BASE_URL", doc="The address people use; links in emails start with it."
    )
    mail_url: str = _setting(
        "",
        env="MAIL_URL",
        doc="smtp://user:password@host:port, or smtps://… Empty: messages wait in the outbox.",
        secret=True,
    )
    mail_tls: str = _setting(
        "offered",
        env="MAIL_TLS",
        doc="required: no email leaves without encryption, and a server that offers none stops the start. "
        "offered: it is used wherever the server offers it.",
    )
    mail_from: str = _setting("homeward@localhost", env="MAIL_FROM", doc="The sender's address of all emails.")
    reply_to: str = _setting(
        "",
        env="REPLY_TO",
        doc="Where replies to emails go: an address that people read. Empty: each says that nobody does.",
    )
    bounce_domain: str = _setting(
        "",
        env="BOUNCE_DOMAIN",
        doc="Where emails that cannot be delivered come back to. Empty: the domain of MAIL_FROM.",
    )
    bounce_mailbox_url: str = _setting(
        "",
        env="BOUNCE_MAILBOX_URL",
        doc="imaps://user:password@host/folder: the mailbox that is read for bounces. Empty: none is.",
        secret=True,
    )
    site_name: str = _setting("Homeward", env="SITE_NAME", doc="The product name shown in the header.")
    authority_name: str = _setting("", env="AUTHORITY_NAME", doc="The council's name shown in the header.")
    help_contact: str = _setting(
        "", env="HELP_CONTACT", doc="How people reach whoever runs it, in words: an email address, a telephone number."
    )
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
        doc="yes: each web process also runs the timetable; one of them leads. no: flask run-scheduler does.",
    )
    secure_cookies: bool = _setting(
        False,
        env="SECURE_COOKIES",
        doc="yes: cookies travel over https only. Unset: yes where BASE_URL begins with https.",
    )
    second_factor: str = _setting(
        "",
        env="SECOND_FACTOR",
        doc="required: people of councils, ICBs and providers sign in with a code too. offered: whoever wants to. "
        "Empty: required, but in demo mode and tests offered.",
    )
    idle_minutes: int = _setting(
        15, env="IDLE_MINUTES", doc="How long the session of somebody at work may rest before it ends."
    )
    idle_minutes_people: int = _setting(
        30, env="IDLE_MINUTES_PEOPLE", doc="The same for people who are cared for and those who speak for them."
    )
    proxy_count: int = _setting(
        0,
        env="PROXY_COUNT",
        doc="How many proxies of your own stand before Homeward. 0: nobody's X-Forwarded-For is believed.",
    )
    writes_per_minute: int = _setting(
        600, env="WRITES_PER_MINUTE", doc="How many changes one user may ask of one process in a minute; 0: no limit."
    )
    requests_per_minute: int = _setting(
        1800, env="REQUESTS_PER_MINUTE", doc="How many pages and calls of the API, likewise; 0: no limit."
    )
    trusted_hosts: str = _setting(
        "",
        env="TRUSTED_HOSTS",
        doc="Names besides the one in BASE_URL under which Homeward answers, with commas between; *: any.",
    )
    log_format: str = _setting("json", env="LOG_FORMAT", doc="json or plain: how each line of the log looks.")
    log_level: str = _setting("INFO", env="LOG_LEVEL", doc="DEBUG, INFO, WARNING or ERROR: what is logged at least.")
    metrics_token: str = _setting(
        "",
        env="METRICS_TOKEN",
        doc="The bearer token that may read /metrics. Empty: there is no /metrics.",
        secret=True,
    )
    body_seconds: int = _setting(
        28, env="BODY_SECONDS", doc="How long a request may take to come in; then its connection is cut."
    )
    file_quota_mb: int = _setting(
        500, env="FILE_QUOTA_MB", doc="How many megabytes of uploaded files one organisation may have stored at once."
    )
    scan_command: str = _setting(
        "",
        env="SCAN_COMMAND",
        doc="A command that reads an uploaded file from its standard input and ends with 1 when it is infected, "
        "such as clamdscan --no-summary -. Empty: files are not scanned.",
    )
    scan_seconds: int = _setting(30, env="SCAN_SECONDS", doc="How long the scan of one file may take.")
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
        if str(values.get("base_url", "")).lower().startswith("https:"):
            values.setdefault("secure_cookies", True)
        config = cls(**values)
        if not config.secret_key and not (config.demo or config.testing):
            raise BadSetting(f"SECRET_KEY is not set. {KEY_NEEDED}")
        return config

    def refuse_weak_key(self) -> None:
        """Raises BadSetting where what signs cookies and links could be guessed; demo and tests may have any key."""
        if len(self.secret_key) < SHORTEST_KEY and not (self.demo or self.testing):
            raise BadSetting(f"SECRET_KEY has only {len(self.secret_key)} characters. {KEY_NEEDED}")

    def __post_init__(self) -> None:
        """Refuses values that would be understood wrongly."""
        if self.second_factor not in {"", "required", "offered"}:
            raise BadSetting(f"SECOND_FACTOR is “{self.second_factor}”. Write required or offered.")
        if self.mail_tls not in {"required", "offered"}:
            raise BadSetting(f"MAIL_TLS is “{self.mail_tls}”. Write required or offered.")
        for name in ("idle_minutes", "idle_minutes_people"):
            if not 3 <= getattr(self, name) <= 720:
                raise BadSetting(f"{name.upper()} must be from 3 to 720.")
        if self.log_format not in LOG_FORMATS or self.log_level not in LOG_LEVELS:
            raise BadSetting("LOG_FORMAT is json or plain; LOG_LEVEL is DEBUG, INFO, WARNING or ERROR.")

    @property
    def second_factor_required(self) -> bool:
        """Whether councils, ICBs and providers must use a second factor."""
        if self.second_factor:
            return self.second_factor == "required"
        return not (self.demo or self.testing)

    @property
    def flask_settings(self) -> dict[str, object]:
        """The same settings under the names Flask and its extensions read."""
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SECRET_KEY": self.secret_key or "demo-and-tests-only",
            "SECRET_KEY_FALLBACKS": [self.secret_key_before] if self.secret_key_before else [],
            "TESTING": self.testing,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_NAME": "__Host-homeward" if self.secure_cookies else "homeward",
            "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
            "WTF_CSRF_TIME_LIMIT": None,
        }


def _read(kind: object, name: str, text: str) -> object:
    if kind == "int":
        if text.isascii() and text.isdecimal() and len(text) <= 9:
            return int(text)
        raise BadSetting(f"{name} is “{text}”. Write a whole number.")
    if kind != "bool":
        return text
    if text.lower() in {"yes", "true", "1", "on"}:
        return True
    if text.lower() in {"no", "false", "0", "off"}:
        return False
    raise BadSetting(f"{name} is “{text}”. Write yes or no.")
