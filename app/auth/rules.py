"""The rules of sign-in: what is counted and how far, how long a session rests, who needs a second factor."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

SESSION_LASTS = timedelta(hours=12)
HALF_SESSION_LASTS = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=1)
KEEP_TYPED = timedelta(hours=1)
KEEP_ANSWERS = timedelta(days=7)
"""How long the same request gets the first answer again. A telephone that slept over a weekend still does."""


class TryKind(StrEnum):
    """What was tried."""

    PASSWORD = "password"
    CODE = "code"


class Counted(StrEnum):
    """Over what a limit counts."""

    ACCOUNT = "account"
    ADDRESS = "address"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within so long; then no more tries until the oldest of them has aged."""

    kind: TryKind
    over: Counted
    most: int
    within: timedelta


FIVE_MINUTES = timedelta(minutes=5)
LIMITS = (
    Limit(TryKind.PASSWORD, Counted.ACCOUNT, 10, FIVE_MINUTES),
    Limit(TryKind.PASSWORD, Counted.ADDRESS, 60, FIVE_MINUTES),
    Limit(TryKind.PASSWORD, Counted.ALL, 1000, FIVE_MINUTES),
    Limit(TryKind.CODE, Counted.ACCOUNT, 5, FIVE_MINUTES),
    Limit(TryKind.CODE, Counted.ACCOUNT, 20, timedelta(hours=1)),
)
KEEP_FAILURES = max(limit.within for limit in LIMITS)


def limits_on(kind: TryKind, *, known_browser: bool) -> tuple[Limit, ...]:
    """The limits of one try. A browser in which the account was signed in before has a budget of its own, so that
    nobody at the same address, and no stranger who types the account's name, can shut its owner out.

    Those of the account come last: where a wider one is full, the answer is the same for every account.
    """
    own = sorted((limit for limit in LIMITS if limit.kind is kind), key=lambda limit: limit.over is Counted.ACCOUNT)
    return tuple(limit for limit in own if limit.over is Counted.ACCOUNT or not known_browser)


def seconds_to_wait(limit: Limit, oldest_that_counts: datetime, now: datetime) -> int:
    """Whole seconds, at least 1, until the oldest of the failures that fill the limit has aged."""
    left = (oldest_that_counts + limit.within - now).total_seconds()
    return max(1, int(left) + 1)


def address_group(address: str | None) -> str:
    """What counts as one address: an IPv4 address, or the /64 network that one IPv6 connection gets."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or f"{IPv6Address(int(found) >> 64 << 64)}/64")
    return str(found)


@dataclass(frozen=True, slots=True)
class Resting:
    """How long a session may rest before it ends: of people at work, and of people who are cared for."""

    at_work: timedelta = timedelta(minutes=15)
    people: timedelta = timedelta(minutes=30)

    def of(self, roles: Collection[str]) -> timedelta:
        """The longer time only where no role is one of staff or of a provider."""
        return self.people if roles and set(roles) <= PEOPLE else self.at_work


PEOPLE = frozenset({"service_user", "advocate"})
WITH_SECOND_FACTOR = frozenset({"council", "icb", "provider"})


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What decides whether a session lives; `closed` is the account, or the organisation of its user."""

    expires_at: datetime
    last_seen_at: datetime
    ended: bool
    roles_at_start: frozenset[str]
    roles_now: frozenset[str]
    closed: bool


def lives(facts: SessionFacts, now: datetime, resting: Resting) -> bool:
    """Whether the session still opens anything: not ended, not old, not idle, and its user as good as at its start."""
    if facts.ended or facts.closed or not facts.roles_at_start <= facts.roles_now:
        return False
    return now < ends_at(facts, resting)


def ends_at(facts: SessionFacts, resting: Resting) -> datetime:
    """When the session ends if nothing more is asked of it."""
    return min(facts.expires_at, facts.last_seen_at + resting.of(facts.roles_now))


def is_touch_due(last_seen_at: datetime, now: datetime) -> bool:
    """Whether the time of the last request is worth a write: once a minute is enough."""
    return now - last_seen_at >= TOUCH_EVERY


def must_have_second_factor(organisation_kind: str, *, required: bool) -> bool:
    """Councils, ICBs and providers must; others may."""
    return required and organisation_kind in WITH_SECOND_FACTOR


BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Version/[\d.]+ .*Safari/", "Safari"),
)
MACHINES = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "a Chromebook"),
    (r"Macintosh|Mac OS X", "a Mac"),
    (r"Linux|X11", "Linux"),
)


def browser_family(user_agent: str) -> str:
    """The browser in plain words, such as Chrome on Windows; never the whole text that it sends."""
    browser = _first(BROWSERS, user_agent) or "Another browser"
    machine = _first(MACHINES, user_agent)
    return f"{browser} on {machine}" if machine else browser


def _first(table: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((name for pattern, name in table if re.search(pattern, text[:500])), None)
