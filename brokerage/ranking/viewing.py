"""One round's ranking as a whole: the frozen row, its places, who was left out, what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app import clock
from app.errors import NotFoundForViewer
from brokerage.ranking.draw import seed_matches
from brokerage.ranking.facts import Ranking as Ranked
from brokerage.ranking.facts import RankingInputs
from brokerage.ranking.models import Ranking
from brokerage.ranking.presenting import PlaceRow, place_row
from brokerage.ranking.queries import lines_by_member, rankings_of
from brokerage.ranking.replay import ranking_inputs_from_json
from brokerage.ranking.rules import rank
from brokerage.ranking.services import replays
from marketplace.membership.queries import overrides_on
from marketplace.rounds.models import Round
from marketplace.rounds.queries import accepting_lines, reasons_by_line
from marketplace.rounds.rules import RoundState


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A yes that did not take part."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingView:
    """Everything a page or the API shows of one ranking."""

    reference: str
    round_id: UUID
    round_number: int
    issue_reference: str
    number: int
    made_at: datetime
    because: str
    deadline: datetime
    quality_weight: int
    price_weight: int
    price_scoring: str
    quality_minimum: str
    seed: str
    seed_hash: str
    seed_matches: bool
    digest: str
    replays: bool
    firm: tuple[PlaceRow, ...]
    changed: tuple[PlaceRow, ...]
    below: tuple[PlaceRow, ...]
    left_out: tuple[LeftOutRow, ...]
    numbers: tuple[int, ...]

    @property
    def places(self) -> tuple[PlaceRow, ...]:
        """All places: firm, changed, below the quality minimum."""
        return self.firm + self.changed + self.below


def view_of(round_: Round, number: int | None = None) -> RankingView | None:
    """The newest ranking of a round, or the one with this number; None when it has not been ranked yet."""
    rows = rankings_of(round_)
    if not rows and number is None:
        return None
    row = next((row for row in rows if number in {None, row.number}), None)
    if row is None:
        raise NotFoundForViewer("There is no ranking with this number.")
    inputs = ranking_inputs_from_json(row.inputs)
    return _view(round_, row, inputs, rank(inputs), tuple(row.number for row in rows))


def stops_now(round_: Round) -> Mapping[str, tuple[str, ...]]:
    """What holds today about a provider that said yes, by its id: why an award would be refused, or that a contract
    manager overrides the CQC gate for it. While undecided.
    """
    if round_.state is not RoundState.CLOSED:
        return {}
    lines = accepting_lines(round_)
    reasons = reasons_by_line(lines)
    found = {line.offer.provider_id: tuple(one.sentence for one in reasons[line.id]) for line in lines}
    for provider_id, override in overrides_on(round_.issue.scheme_id, clock.today(), found).items():
        found[provider_id] = (*found[provider_id], override.sentence)
    return {str(key): sentences for key, sentences in found.items() if sentences}


def _view(round_: Round, row: Ranking, inputs: RankingInputs, ranked: Ranked, numbers: tuple[int, ...]) -> RankingView:
    lines, terms = lines_by_member(round_), inputs.terms
    firm, changed, below = (
        tuple(place_row(place, inputs, lines) for place in places)
        for places in (ranked.firm, ranked.changed, ranked.below)
    )
    return RankingView(
        reference=inputs.reference,
        round_id=round_.id,
        round_number=round_.number,
        issue_reference=round_.issue.reference,
        number=row.number,
        made_at=row.made_at,
        because=row.because,
        deadline=terms.deadline,
        quality_weight=terms.quality_weight,
        price_weight=terms.price_weight,
        price_scoring=terms.price_scoring.value,
        quality_minimum=str(terms.quality_minimum),
        seed=inputs.seed,
        seed_hash=round_.issue.seed_hash,
        seed_matches=seed_matches(inputs.seed, round_.issue.seed_hash),
        digest=row.digest,
        replays=replays(row),
        firm=firm,
        changed=changed,
        below=below,
        left_out=tuple(_left_out(one) for one in row.left_out),
        numbers=numbers,
    )


def _left_out(written: Mapping[str, object]) -> LeftOutRow:
    reasons = written["reasons"]
    texts = reasons if isinstance(reasons, list) else []
    return LeftOutRow(str(written["name"]), tuple(str(text) for text in texts))
