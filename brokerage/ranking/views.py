"""One round's ranking as a page and the API show it: the frozen row, its places, who was left out, what has changed since.

Every figure is a text, rounded half up to two decimals, with the exact fraction beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app import clock
from app.api.shell import Given
from app.errors import NotFoundForViewer
from app.values.hours import hours_text
from app.values.rounding import decimal_text, whole_half_up
from brokerage.ranking.explanations import ExplainedPlace, ScoredAnswer, explain, pounds_text
from brokerage.ranking.inputs import RankingInputs
from brokerage.ranking.models import Ranking
from brokerage.ranking.queries import rankings_of, replayed
from brokerage.ranking.rules import PlaceList, TieBreak, seed_matches
from brokerage.ranking.scoring import COMPONENT_NAMES, mixed_limits
from marketplace.answers.views import SaidOut, answers_to
from marketplace.membership.queries import overrides_on
from marketplace.membership.services import CapacityInHand
from marketplace.rounds.models import Round
from marketplace.rounds.queries import accepting_lines, reasons_by_line
from marketplace.rounds.rules import ResponseKind, RoundState
from marketplace.vocabulary import PriceScoring

NBSP = "\u00a0"

TIE_BREAKS: dict[TieBreak, str] = {
    TieBreak.NONE: "The score decided; nobody beside it has the same.",
    TieBreak.HOURS: "Equal scores: the fewest hours awarded in the last 28 days for its capacity came first.",
    TieBreak.DRAW: "Equal scores and equal hours: the draw decided.",
}


class ComponentOut(Given):
    """One part of quality that counted. `share` is its part of the whole after re-weighting."""

    name: str
    value: str
    weight: int
    share: str
    points: str
    source: str
    date: datetime


class AbsentComponentOut(Given):
    """One part of quality that did not count, and why."""

    name: str
    reason: str


class PlaceOut(Given):
    """One answer with all that put it where it is. Texts are rounded half up to two decimals; `..._exact` are fractions.

    `position` is null below the quality minimum. `line_id` is the answer's own id, for an award; `said` all that it says.
    """

    position: int | None
    place_list: PlaceList
    provider_id: UUID
    line_id: UUID | None
    name: str
    quality: str | None
    quality_exact: str | None
    quality_points: str
    quality_points_exact: str
    price_pence: int
    price_words: str
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
    tie_break: TieBreak
    tie_break_sentence: str
    difference: str
    would_have_changed: str
    flags: list[str]
    components: list[ComponentOut]
    absent: list[AbsentComponentOut]
    said: SaidOut | None


class LeftOutAnswerOut(Given):
    """A yes that did not take part."""

    name: str
    reasons: list[str]
    said: SaidOut | None = None


class RankingOut(Given):
    """A frozen ranking with what is needed to check it. `numbers` are those of all rankings of the round.

    `others` are those asked who said no or did not answer.
    """

    reference: str
    round_id: UUID
    round_number: int
    issue_reference: str
    number: int
    numbers: list[int]
    made_at: datetime
    because: str
    deadline: datetime
    quality_weight: int
    price_weight: int
    price_scoring: PriceScoring
    quality_minimum: str
    seed: str
    seed_hash: str
    seed_matches: bool
    digest: str
    replays: bool
    firm: list[PlaceOut]
    changed: list[PlaceOut]
    below: list[PlaceOut]
    left_out: list[LeftOutAnswerOut]
    others: list[SaidOut]

    @property
    def places(self) -> list[PlaceOut]:
        """All places: firm, changed, below the quality minimum."""
        return self.firm + self.changed + self.below


def view_of(round_: Round, number: int | None = None) -> RankingOut | None:
    """The newest ranking of a round, or the one with this number; None when it has not been ranked yet."""
    rows = rankings_of(round_)
    if not rows and number is None:
        return None
    row = next((row for row in rows if number in {None, row.number}), None)
    if row is None:
        raise NotFoundForViewer("There is no ranking with this number.")
    (replay,), answers = replayed([row]), answers_to(Round.id == round_.id).get(round_.id, [])
    said = {str(answer.provider_id): answer for answer in answers}
    inputs, terms, ranking = replay.inputs, replay.inputs.terms, explain(replay.inputs)
    firm, changed, below = (
        [_place(place, inputs, said.get(place.scored.entry.member)) for place in places]
        for places in (ranking.firm, ranking.changed, ranking.below)
    )
    return RankingOut(
        reference=inputs.reference,
        round_id=round_.id,
        round_number=round_.number,
        issue_reference=round_.issue.reference,
        number=row.number,
        numbers=[row.number for row in rows],
        made_at=row.made_at,
        because=row.because,
        deadline=terms.deadline,
        quality_weight=terms.quality_weight,
        price_weight=terms.price_weight,
        price_scoring=terms.price_scoring,
        quality_minimum=str(terms.quality_minimum),
        seed=inputs.seed,
        seed_hash=round_.issue.seed_hash,
        seed_matches=seed_matches(inputs.seed, round_.issue.seed_hash),
        digest=row.digest,
        replays=replay.holds,
        firm=firm,
        changed=changed,
        below=below,
        left_out=[LeftOutAnswerOut(**kept, said=said.get(str(provider))) for provider, kept in _left_out(row)],
        others=[answer for answer in answers if answer.answer is not ResponseKind.ACCEPT],
    )


def capacity_now(round_: Round, places: Sequence[PlaceOut]) -> dict[UUID, int]:
    """What each of these providers can still take in the package's zone, as an award will judge it. While undecided."""
    if round_.state is not RoundState.CLOSED:
        return {}
    members = {place.provider_id for place in places}
    capacity = CapacityInHand(round_.issue.scheme_id, members)
    return {provider_id: max(0, capacity.left(provider_id, round_.package.zone_id)) for provider_id in members}


def stops_now(round_: Round) -> Mapping[UUID, list[str]]:
    """What holds today about a provider that said yes, by its id: why an award would be refused, or that a contract
    manager overrides the CQC gate for it. While undecided.
    """
    if round_.state is not RoundState.CLOSED:
        return {}
    lines = accepting_lines(round_)
    reasons = reasons_by_line(lines)
    stops = {line.offer.provider_id: [reason.sentence for reason in reasons[line.id]] for line in lines}
    for provider_id, override in overrides_on(round_.issue.scheme_id, clock.today(), stops).items():
        stops[provider_id].append(override.sentence)
    return {provider_id: sentences for provider_id, sentences in stops.items() if sentences}


def _left_out(row: Ranking) -> list[tuple[object, dict[str, Any]]]:
    """The yeses that did not take part: each one's provider, and what was frozen of it."""
    return [
        (left_out.get("provider"), {"name": left_out["name"], "reasons": left_out["reasons"]})
        for left_out in row.left_out
    ]


def _place(place: ExplainedPlace, inputs: RankingInputs, said: SaidOut | None) -> PlaceOut:
    scored, entry = place.scored, place.scored.entry
    quality = scored.quality.value
    return PlaceOut(
        position=place.position,
        place_list=place.place_list,
        provider_id=UUID(entry.member),
        line_id=said and said.line_id,
        name=entry.name,
        quality=None if quality is None else decimal_text(quality),
        quality_exact=None if quality is None else str(quality),
        quality_points=decimal_text(scored.quality_points),
        quality_points_exact=str(scored.quality_points),
        price_pence=whole_half_up(scored.price),
        price_words=f"{pounds_text(scored.price)} per {inputs.terms.unit}",
        price_score=decimal_text(scored.price_score),
        price_score_exact=str(scored.price_score),
        price_formula=_price_formula(scored, inputs),
        price_points=decimal_text(scored.price_points),
        price_points_exact=str(scored.price_points),
        total=decimal_text(scored.score),
        total_exact=str(scored.score),
        hours=_hours_sentence(scored),
        ticket=entry.ticket,
        draw=scored.draw,
        tie_break=place.tie_break,
        tie_break_sentence=TIE_BREAKS[place.tie_break],
        difference=place.difference,
        would_have_changed=place.would_have_changed,
        flags=list(place.flags),
        components=_components(scored),
        absent=[
            AbsentComponentOut(name=COMPONENT_NAMES[part.kind], reason=part.reason) for part in scored.quality.absent
        ],
        said=said,
    )


def _price_formula(scored: ScoredAnswer, inputs: RankingInputs) -> str:
    """How the price became points, in words with the figures."""
    limits, price = mixed_limits(inputs.mix), pounds_text(scored.price)
    if inputs.terms.price_scoring is PriceScoring.RELATIVE:
        lowest = pounds_text(scored.price * scored.price_score / 100)
        return f"100 × lowest price {lowest} ÷ price {price} = {decimal_text(scored.price_score)}"
    if limits.floor == limits.ceiling:
        return "Floor and ceiling are the same, so the price has 100 points."
    floor, ceiling = pounds_text(limits.floor), pounds_text(limits.ceiling)
    below = f"(ceiling {ceiling} − price {price})"
    return f"100 × {below} ÷ (ceiling {ceiling} − floor {floor}) = {decimal_text(scored.price_score)}"


def _hours_sentence(scored: ScoredAnswer) -> str:
    """What the first tie-break looks at."""
    awarded, capacity = scored.entry.awarded_minutes, scored.entry.capacity_minutes
    if scored.hours_share is None or capacity is None:
        return f"{hours_text(awarded)} awarded; no capacity declared, so last among equals"
    percent = decimal_text(scored.hours_share * 100)
    return f"{hours_text(awarded)} awarded for {hours_text(capacity)} declared a week: {percent}{NBSP}%"


def _components(scored: ScoredAnswer) -> list[ComponentOut]:
    return [
        ComponentOut(
            name=COMPONENT_NAMES[part.component.kind],
            value=decimal_text(part.component.value),
            weight=part.component.weight,
            share=f"{decimal_text(part.share * 100)}{NBSP}%",
            points=decimal_text(part.points),
            source=part.component.source,
            date=part.component.date,
        )
        for part in scored.quality.counted
    ]
