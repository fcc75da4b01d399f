"""Everything that decides a ranking, and its written form, to the last digit: with it the ranking can be made again.

The written form is canonical JSON: keys sorted by name, entries by ticket, fractions as "n/d" and instants in ISO form.
So equal inputs give equal text, and the digest of the text proves them. Many are written and read at once: what several
share (a policy, a mix, a provider's facts) is written once, and read as one value that `rules.rank` scores once.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any

from brokerage.ranking.scoring import Component, ComponentKind, MixLine
from marketplace.vocabulary import PriceScoring

FORMAT = 1
"""Version of the written form; a reader refuses one it does not know."""

Prices = tuple[tuple[str, int], ...]
Mix = tuple[MixLine, ...]


@dataclass(frozen=True, slots=True)
class RankingTerms:
    """The policy frozen with the round. Weights sum to 100; yardstick in pence per unit, None when there is none."""

    quality_weight: int
    price_weight: int
    price_scoring: PriceScoring
    quality_minimum: Fraction
    deadline: datetime
    unit: str = "hour"
    yardstick_pence: int | None = None


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """One accepting answer. `member` is its key; `prices` are (band, pence per unit).

    `awarded_minutes` are those of the last 28 days and `capacity_minutes` the declared capacity a week, both frozen
    at the deadline for the whole round.
    """

    member: str
    name: str
    ticket: str
    firm: bool
    prices: Prices
    components: tuple[Component, ...]
    awarded_minutes: int
    capacity_minutes: int | None


@dataclass(frozen=True, slots=True)
class RankingInputs:
    """Everything that decides a ranking of one package."""

    reference: str
    seed: str
    terms: RankingTerms
    mix: Mix
    entries: tuple[RankingEntry, ...]


def digest(written: str) -> str:
    """SHA-256 of written inputs, in hex."""
    return sha256(written.encode()).hexdigest()


# ----------------------------------------------------------------------------------------------------- writing


def write_inputs(many: Sequence[RankingInputs]) -> list[str]:
    """Each package's inputs as canonical JSON."""
    writer = _Writer()
    return [writer.text_of(inputs) for inputs in many]


class _Writer:
    """Keeps the text of each part that was written. Terms, mixes and facts are known by their identity, which is quick
    and safe while the inputs that hold them are kept.
    """

    def __init__(self) -> None:
        self._parts: dict[int, str] = {}
        self._text = cache(_json)
        self._prices = cache(lambda prices: _json(sorted(prices)))

    def text_of(self, inputs: RankingInputs) -> str:
        entries = ",".join([self._entry(entry) for entry in sorted(inputs.entries, key=_ticket)])
        mix, terms = self._part(inputs.mix, _in_order), self._part(inputs.terms)
        return (
            f'{{"entries":[{entries}],"format":{FORMAT},"mix":{mix},'
            f'"reference":{self._text(inputs.reference)},"seed":{self._text(inputs.seed)},"terms":{terms}}}'
        )

    def _entry(self, entry: RankingEntry) -> str:
        text = self._text
        return (
            f'{{"awarded_minutes":{entry.awarded_minutes},"capacity_minutes":{text(entry.capacity_minutes)},'
            f'"components":{self._part(entry.components, _facts_in_order)},"firm":{"true" if entry.firm else "false"},'
            f'"member":{text(entry.member)},"name":{text(entry.name)},"prices":{self._prices(entry.prices)},'
            f'"ticket":{text(entry.ticket)}}}'
        )

    def _part(self, value: Any, in_order: Callable[[Any], object] | None = None) -> str:
        written = self._parts.get(id(value))
        if written is None:
            written = self._parts[id(value)] = _json(in_order(value) if in_order else value)
        return written


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> object:
    """What JSON does not know: terms, a line of a mix and a component are objects with the names of their fields."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _ticket(entry: RankingEntry) -> str:
    return entry.ticket


def _in_order(mix: Mix) -> list[MixLine]:
    return sorted(mix, key=lambda line: line.band)


def _facts_in_order(components: Iterable[Component]) -> list[Component]:
    return sorted(components, key=lambda fact: (fact.kind.value, fact.date, fact.source))


# ----------------------------------------------------------------------------------------------------- reading


def read_inputs(texts: Iterable[str]) -> list[RankingInputs]:
    """The inputs that were written. Raises ValueError when a text has another format."""
    reader = _Reader()
    return [reader.inputs_of(text) for text in texts]


class _Reader:
    """Keeps each part that was read, so that equal parts are one value."""

    def __init__(self) -> None:
        self._parts: dict[object, tuple[Any, ...]] = {}

    def inputs_of(self, text: str) -> RankingInputs:
        read = json.loads(text)
        if read.get("format") != FORMAT:
            raise ValueError("This ranking was written in a format that cannot be read here.")
        (terms,) = self._parts_of(_terms_in, [read["terms"]])
        return RankingInputs(
            reference=read["reference"],
            seed=read["seed"],
            terms=terms,
            mix=self._parts_of(_mix_line_in, read["mix"]),
            entries=tuple([self._entry(entry) for entry in read["entries"]]),
        )

    def _entry(self, read: dict[str, Any]) -> RankingEntry:
        return RankingEntry(
            member=read["member"],
            name=read["name"],
            ticket=read["ticket"],
            firm=read["firm"],
            prices=tuple([(band, pence) for band, pence in read["prices"]]),
            components=self._parts_of(_component_in, read["components"]),
            awarded_minutes=read["awarded_minutes"],
            capacity_minutes=read["capacity_minutes"],
        )

    def _parts_of(self, make: Callable[[dict[str, Any]], object], read: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
        key = (make, tuple([tuple(part.items()) for part in read]))
        if key not in self._parts:
            self._parts[key] = tuple(make(part) for part in read)
        return self._parts[key]


def _terms_in(read: dict[str, Any]) -> RankingTerms:
    changed = {
        "price_scoring": PriceScoring(read["price_scoring"]),
        "quality_minimum": Fraction(read["quality_minimum"]),
        "deadline": datetime.fromisoformat(read["deadline"]),
    }
    return RankingTerms(**read | changed)


def _mix_line_in(read: dict[str, Any]) -> MixLine:
    return MixLine(**read | {"units": Fraction(read["units"])})


def _component_in(read: dict[str, Any]) -> Component:
    kind, when = ComponentKind(read["kind"]), datetime.fromisoformat(read["date"])
    return Component(kind, Fraction(read["value"]), read["weight"], read["source"], when)
