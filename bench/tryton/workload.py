"""What both sides do: 200 requests to 20 to 77 of 300 suppliers each, of whom 60 % say yes with a price and 25 % no.

Pure and from one seed. It runs in both environments, so it needs nothing but the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SUPPLIERS, REQUESTS = 300, 200
FEWEST, MOST = 20, 77
YES, NO = 0.60, 0.85
SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Reply:
    """What one supplier answers: yes at a price in pence, no (no price), or nothing at all."""

    supplier: int
    is_sent: bool
    price_pence: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """One request for offers, and what becomes of it."""

    number: int
    hours: float
    replies: tuple[Reply, ...]


def workload(requests: int = REQUESTS) -> list[Request]:
    """The first so many requests."""
    chance = Random(SEED)
    return [_request(chance, number) for number in range(requests)]


def _request(chance: Random, number: int) -> Request:
    asked = chance.sample(range(SUPPLIERS), chance.randint(FEWEST, MOST))
    replies = tuple(_reply(chance, supplier) for supplier in asked)
    return Request(number, round(min(112, max(2, chance.lognormvariate(2.45, 0.6))), 2), replies)


def _reply(chance: Random, supplier: int) -> Reply:
    level = chance.random()
    price = round(100 * chance.uniform(18, 28)) if level < YES else None
    return Reply(supplier, level < NO, price)
