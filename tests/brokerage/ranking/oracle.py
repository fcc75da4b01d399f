"""The ranking a second time, slow and plain: one package, one answer after the other, in fractions.

What `rules.rank` gives for many packages at once must be exactly this, and so must what `inputs.write_inputs` writes.
"""

import json
from datetime import UTC
from fractions import Fraction

from brokerage.ranking.inputs import RankingEntry, RankingInputs
from brokerage.ranking.rules import PlaceList, TieBreak, draw_key, hours_share
from brokerage.ranking.scoring import mixed_limits, mixed_price, price_score, quality_of


def places_of(inputs: RankingInputs) -> list[tuple]:
    """Entry, list, position, quality points, price points, score, tie-break and lead over the next, in order."""
    scored = sorted((answer_of(inputs, entry) for entry in inputs.entries), key=lambda answer: answer["key"])
    lists = {place_list: [one for one in scored if one["list"] is place_list] for place_list in PlaceList}
    return [
        place_of(answers, index, place_list) for place_list, answers in lists.items() for index in range(len(answers))
    ]


def answer_of(inputs: RankingInputs, entry: RankingEntry) -> dict:
    terms, prices = inputs.terms, [mixed_price(inputs.mix, dict(entry.prices)) for entry in inputs.entries]
    quality = quality_of(entry.components, terms.deadline).value
    price = mixed_price(inputs.mix, dict(entry.prices))
    points = price_score(terms.price_scoring, price, mixed_limits(inputs.mix), min(prices)) * terms.price_weight / 100
    quality_points = (quality or Fraction(0)) * terms.quality_weight / 100
    share = hours_share(entry.awarded_minutes, entry.capacity_minutes)
    below = quality is None or quality < terms.quality_minimum
    place_list = PlaceList.BELOW if below else PlaceList.FIRM if entry.firm else PlaceList.CHANGED
    score = quality_points + points
    return {
        "entry": entry,
        "list": place_list,
        "quality": quality_points,
        "price": points,
        "score": score,
        "share": share,
        "key": (-score, share is None, share or Fraction(0), draw_key(inputs.reference, entry.ticket, inputs.seed)),
    }


def place_of(answers: list[dict], index: int, place_list: PlaceList) -> tuple:
    own, after = answers[index], answers[index + 1] if index + 1 < len(answers) else None
    before = answers[index - 1] if index else None
    used = {tie_break_between(own, other) for other in (before, after) if other is not None}
    tie_break = next((kind for kind in (TieBreak.DRAW, TieBreak.HOURS) if kind in used), TieBreak.NONE)
    position = None if place_list is PlaceList.BELOW else index + 1
    ahead = None if after is None else own["score"] - after["score"]
    return own["entry"], place_list, position, own["quality"], own["price"], own["score"], tie_break, ahead


def tie_break_between(own: dict, other: dict) -> TieBreak:
    if own["score"] != other["score"]:
        return TieBreak.NONE
    return TieBreak.DRAW if own["share"] == other["share"] else TieBreak.HOURS


def written(inputs: RankingInputs) -> str:
    """The inputs as canonical JSON, of one dictionary."""
    terms = inputs.terms
    return canonical(
        {
            "format": 1,
            "reference": inputs.reference,
            "seed": inputs.seed,
            "terms": {
                "quality_weight": terms.quality_weight,
                "price_weight": terms.price_weight,
                "price_scoring": terms.price_scoring.value,
                "quality_minimum": fraction(terms.quality_minimum),
                "deadline": terms.deadline.astimezone(UTC).isoformat(),
                "unit": terms.unit,
                "yardstick_pence": terms.yardstick_pence,
            },
            "mix": [
                {
                    "band": line.band,
                    "units": fraction(line.units),
                    "floor_pence": line.floor_pence,
                    "ceiling_pence": line.ceiling_pence,
                }
                for line in sorted(inputs.mix, key=lambda line: line.band)
            ],
            "entries": [entry_written(entry) for entry in sorted(inputs.entries, key=lambda entry: entry.ticket)],
        }
    )


def entry_written(entry: RankingEntry) -> dict:
    return {
        "member": entry.member,
        "name": entry.name,
        "ticket": entry.ticket,
        "firm": entry.firm,
        "prices": sorted([band, pence] for band, pence in entry.prices),
        "components": [
            {
                "kind": fact.kind.value,
                "value": fraction(fact.value),
                "weight": fact.weight,
                "source": fact.source,
                "date": fact.date.astimezone(UTC).isoformat(),
            }
            for fact in sorted(entry.components, key=lambda fact: (fact.kind.value, fact.date, fact.source))
        ],
        "awarded_minutes": entry.awarded_minutes,
        "capacity_minutes": entry.capacity_minutes,
    }


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
