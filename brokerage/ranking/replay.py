"""Freezing a ranking's inputs as JSON and reading them back, to the last digit.

Fractions are written "n/d" and instants in ISO form. Entries are sorted by ticket and keys by name, so that equal
inputs give equal text and the digest proves them.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from brokerage.ranking.facts import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.quality import Component, ComponentKind

Prices = tuple[tuple[str, int], ...]

FORMAT = 1
"""Version of the written form; a reader refuses one it does not know."""


def ranking_inputs_to_json(inputs: RankingInputs) -> str:
    """The inputs as canonical JSON."""
    return _canonical(_inputs_out(inputs))


class Writer:
    """Writes many inputs exactly as `ranking_inputs_to_json` does, each part that several share only once.

    Parts are known by their identity, so what is written must be kept until all is written.
    """

    def __init__(self) -> None:
        self._frames: dict[tuple[int, int, str], tuple[str, str, str]] = {}
        self._members: dict[tuple[object, ...], tuple[str, str, str]] = {}
        self._prices: dict[Prices, str] = {}

    def text_of(self, inputs: RankingInputs) -> str:
        """The inputs as canonical JSON."""
        key = (id(inputs.terms), id(inputs.mix), inputs.seed)
        if key not in self._frames:
            empty = replace(inputs, reference="", entries=())
            self._frames[key] = _apart(_canonical(_inputs_out(empty)), '"entries":[]', '"reference":""')
        start, middle, end = self._frames[key]
        entries = ",".join([self._entry(entry) for entry in sorted(inputs.entries, key=_ticket)])
        return f'{start}"entries":[{entries}]{middle}"reference":{_canonical(inputs.reference)}{end}'

    def _entry(self, entry: RankingEntry) -> str:
        capacity = entry.capacity_minutes
        key = (entry.ticket, entry.member, entry.name, entry.awarded_minutes, capacity, id(entry.components))
        if key not in self._members:
            empty = replace(entry, firm=True, prices=())
            self._members[key] = _apart(_canonical(_entry_out(empty)), '"firm":true', '"prices":[]')
        start, middle, end = self._members[key]
        if entry.prices not in self._prices:
            self._prices[entry.prices] = _canonical(_prices_out(entry.prices))
        firm = "true" if entry.firm else "false"
        return f'{start}"firm":{firm}{middle}"prices":{self._prices[entry.prices]}{end}'


def _apart(text: str, one: str, other: str) -> tuple[str, str, str]:
    """A text without two of its parts, each of which stands in it once: quotes inside values are written otherwise."""
    start, rest = text.split(one)
    middle, end = rest.split(other)
    return start, middle, end


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _inputs_out(inputs: RankingInputs) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "reference": inputs.reference,
        "seed": inputs.seed,
        "terms": _terms_out(inputs.terms),
        "mix": [_mix_out(line) for line in sorted(inputs.mix, key=lambda line: line.band)],
        "entries": [_entry_out(entry) for entry in sorted(inputs.entries, key=_ticket)],
    }


def _ticket(entry: RankingEntry) -> str:
    return entry.ticket


def ranking_inputs_from_json(text: str) -> RankingInputs:
    """The inputs that were written. Raises ValueError when the text has another format."""
    return Reader().inputs_of(text)


class Reader:
    """Reads many written inputs; a part that several share becomes one value, which `together.order_all` scores once."""

    def __init__(self) -> None:
        self._parts: dict[object, tuple[Any, ...]] = {}

    def inputs_of(self, text: str) -> RankingInputs:
        """The inputs that were written. Raises ValueError when the text has another format."""
        read = json.loads(text)
        if read.get("format") != FORMAT:
            raise ValueError("This ranking was written in a format that cannot be read here.")
        (terms,) = self._parts_of(_terms_in, [read["terms"]])
        return RankingInputs(
            reference=read["reference"],
            seed=read["seed"],
            terms=terms,
            mix=self._parts_of(_mix_in, read["mix"]),
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
        key = (make, tuple([tuple(one.items()) for one in read]))
        if key not in self._parts:
            self._parts[key] = tuple(make(one) for one in read)
        return self._parts[key]


def digest(inputs: RankingInputs) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return digest_of_text(ranking_inputs_to_json(inputs))


def digest_of_text(written: str) -> str:
    """SHA-256 of inputs that are written already, in hex."""
    return sha256(written.encode()).hexdigest()


def _fraction_out(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _instant_out(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _terms_out(terms: RankingTerms) -> dict[str, Any]:
    return {
        "quality_weight": terms.quality_weight,
        "price_weight": terms.price_weight,
        "price_scoring": terms.price_scoring.value,
        "quality_minimum": _fraction_out(terms.quality_minimum),
        "deadline": _instant_out(terms.deadline),
        "unit": terms.unit,
        "yardstick_pence": terms.yardstick_pence,
    }


def _terms_in(read: dict[str, Any]) -> RankingTerms:
    return RankingTerms(
        quality_weight=read["quality_weight"],
        price_weight=read["price_weight"],
        price_scoring=PriceScoring(read["price_scoring"]),
        quality_minimum=Fraction(read["quality_minimum"]),
        deadline=datetime.fromisoformat(read["deadline"]),
        unit=read["unit"],
        yardstick_pence=read["yardstick_pence"],
    )


def _mix_out(line: MixLine) -> dict[str, Any]:
    limits = {"floor_pence": line.floor_pence, "ceiling_pence": line.ceiling_pence}
    return {"band": line.band, "units": _fraction_out(line.units), **limits}


def _mix_in(read: dict[str, Any]) -> MixLine:
    return MixLine(read["band"], Fraction(read["units"]), read["floor_pence"], read["ceiling_pence"])


def _entry_out(entry: RankingEntry) -> dict[str, Any]:
    return {
        "member": entry.member,
        "name": entry.name,
        "ticket": entry.ticket,
        "firm": entry.firm,
        "prices": _prices_out(entry.prices),
        "components": [_component_out(one) for one in sorted(entry.components, key=_component_key)],
        "awarded_minutes": entry.awarded_minutes,
        "capacity_minutes": entry.capacity_minutes,
    }


def _prices_out(prices: Prices) -> list[list[Any]]:
    return sorted([band, pence] for band, pence in prices)


def _component_key(one: Component) -> tuple[str, datetime, str]:
    return one.kind.value, one.date, one.source


def _component_out(one: Component) -> dict[str, Any]:
    dated = {"source": one.source, "date": _instant_out(one.date)}
    return {"kind": one.kind.value, "value": _fraction_out(one.value), "weight": one.weight, **dated}


def _component_in(read: dict[str, Any]) -> Component:
    kind, when = ComponentKind(read["kind"]), datetime.fromisoformat(read["date"])
    return Component(kind, Fraction(read["value"]), read["weight"], read["source"], when)
