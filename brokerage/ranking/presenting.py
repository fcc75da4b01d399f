"""A ranking as a page and the API show it: every figure as text, rounded half up, with the exact fraction beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from app.values.hours import hours_text
from app.values.rounding import decimal_text
from brokerage.ranking.facts import Place, RankingInputs, Scored, TieBreak
from brokerage.ranking.price import PriceScoring, mixed_limits
from brokerage.ranking.quality import COMPONENT_NAMES

NBSP = "\u00a0"

TIE_BREAKS: dict[TieBreak, str] = {
    TieBreak.NONE: "The score decided; nobody beside it has the same.",
    TieBreak.HOURS: "Equal scores: the fewest hours awarded in the last 28 days for its capacity came first.",
    TieBreak.DRAW: "Equal scores and equal hours: the draw decided.",
}


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One part of quality that counted. `share` is its part of the whole after re-weighting."""

    name: str
    value: str
    weight: int
    share: str
    points: str
    source: str
    date: datetime


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """One part of quality that did not count, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One answer with all that put it where it is. `line_id` is the answer's own id, for an award."""

    position: int | None
    place_list: str
    provider_id: str
    line_id: UUID | None
    name: str
    quality: str | None
    quality_exact: str | None
    quality_points: str
    quality_points_exact: str
    price: str
    price_score: str
    price_score_exact: str
    price_formula: str
    price_points: str
    price_points_exact: str
    total: str
    total_exact: str
    hours: str
    ticket: str
    draw: str
    tie_break: str
    tie_break_sentence: str
    difference: str
    would_have_changed: str
    flags: tuple[str, ...]
    components: tuple[ComponentRow, ...]
    absent: tuple[AbsentRow, ...]


def place_row(place: Place, inputs: RankingInputs, lines: Mapping[str, UUID]) -> PlaceRow:
    """A place as text; `lines` maps a member to its offer line."""
    scored, entry = place.scored, place.scored.entry
    quality = scored.quality.value
    return PlaceRow(
        position=place.position,
        place_list=place.place_list.value,
        provider_id=entry.member,
        line_id=lines.get(entry.member),
        name=entry.name,
        quality=None if quality is None else decimal_text(quality),
        quality_exact=None if quality is None else str(quality),
        quality_points=decimal_text(scored.quality_points),
        quality_points_exact=str(scored.quality_points),
        price=f"{_pounds(scored.price)} per {inputs.terms.unit}",
        price_score=decimal_text(scored.price_score),
        price_score_exact=str(scored.price_score),
        price_formula=price_formula(scored, inputs),
        price_points=decimal_text(scored.price_points),
        price_points_exact=str(scored.price_points),
        total=decimal_text(scored.score),
        total_exact=str(scored.score),
        hours=hours_sentence(scored),
        ticket=entry.ticket,
        draw=scored.draw,
        tie_break=place.tie_break.value,
        tie_break_sentence=TIE_BREAKS[place.tie_break],
        difference=place.difference,
        would_have_changed=place.would_have_changed,
        flags=place.flags,
        components=_components(scored),
        absent=tuple(AbsentRow(COMPONENT_NAMES[one.kind], one.reason) for one in scored.quality.absent),
    )


def price_formula(scored: Scored, inputs: RankingInputs) -> str:
    """How the price became points, in words with the figures."""
    limits, price = mixed_limits(inputs.mix), _pounds(scored.price)
    if inputs.terms.price_scoring is PriceScoring.RELATIVE:
        lowest = _pounds(scored.price * scored.price_score / 100)
        return f"100 × lowest price {lowest} ÷ price {price} = {decimal_text(scored.price_score)}"
    if limits.floor == limits.ceiling:
        return "Floor and ceiling are the same, so the price has 100 points."
    floor, ceiling = _pounds(limits.floor), _pounds(limits.ceiling)
    below = f"(ceiling {ceiling} − price {price})"
    return f"100 × {below} ÷ (ceiling {ceiling} − floor {floor}) = {decimal_text(scored.price_score)}"


def hours_sentence(scored: Scored) -> str:
    """What the first tie-break looks at."""
    awarded, capacity = scored.entry.awarded_minutes, scored.entry.capacity_minutes
    if scored.hours_share is None or capacity is None:
        return f"{hours_text(awarded)} awarded; no capacity declared, so last among equals"
    percent = decimal_text(scored.hours_share * 100)
    return f"{hours_text(awarded)} awarded for {hours_text(capacity)} declared a week: {percent}{NBSP}%"


def _components(scored: Scored) -> tuple[ComponentRow, ...]:
    return tuple(
        ComponentRow(
            name=COMPONENT_NAMES[one.component.kind],
            value=decimal_text(one.component.value),
            weight=one.component.weight,
            share=f"{decimal_text(one.share * 100)}{NBSP}%",
            points=decimal_text(one.points),
            source=one.component.source,
            date=one.component.date,
        )
        for one in scored.quality.counted
    )


def _pounds(pence: Fraction) -> str:
    return f"£{decimal_text(pence / 100)}"
