"""Putting together what a ranking is made from: a constant number of queries for all rounds of an issue.

What was frozen by a round's first ranking stays: a later one takes an answer's facts, hours and capacity from there,
so that only who takes part can change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from app.errors import Conflict
from brokerage.ranking.facts import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.models import Ranking
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.replay import ranking_inputs_from_json
from brokerage.ranking.sources import MemberSources, sources_of
from marketplace.offers.eligibility import Reason, ReasonCode
from marketplace.offers.models import Issue, Offer, OfferLine, Response, Round
from marketplace.offers.queries_council import COUNTED_YES, reasons_by_line
from marketplace.offers.response_rules import ResponseDraft, ResponseKind, is_firm
from marketplace.providers.models import Provider
from marketplace.schemes.rules import LotUnit

LEAVES_OUT = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED})
"""Suspended or removed since: the yes is not ranked. Anything else is shown, and the award asks about it."""

ANY_HOUR = "any hour"
"""The one band of a package that is priced at one rate."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A yes that does not take part, and why."""

    provider_id: UUID
    name: str
    reasons: tuple[str, ...]

    @property
    def written(self) -> dict[str, object]:
        """As it is kept with the ranking."""
        return {"provider": str(self.provider_id), "name": self.name, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Assembled:
    """The inputs of one round's ranking, and the yeses that were left out."""

    inputs: RankingInputs
    left_out: tuple[LeftOut, ...]


def refuse_while_sealed(issue: Issue) -> None:
    """Raises Conflict until the issue is closed: before that nobody sees an answer."""
    if issue.is_sealed:
        raise Conflict(sealed_sentence(issue))


def sealed_sentence(issue: Issue) -> str:
    """Why nothing can be seen yet, with the deadline in words."""
    if clock.now() < issue.deadline:
        return f"The answers are sealed until {local_text(issue.deadline)}. Nobody can see them before."
    return f"The deadline was {local_text(issue.deadline)}. The answers are being gathered; try again in a minute."


def cut_off_of(issue: Issue) -> datetime:
    """The instant at which facts are frozen: the deadline, or the moment of an early closing."""
    return min(issue.deadline, issue.ended_at or issue.deadline)


def assemble(issue: Issue, rounds: Sequence[Round]) -> dict[UUID, Assembled]:
    """The inputs of these rounds of one issue, by round. Raises Conflict while the issue is sealed."""
    refuse_while_sealed(issue)
    yeses = _yeses(rounds)
    lines = [line for found in yeses.values() for line in found]
    providers = {line.offer.provider_id: line.offer.provider for line in lines}
    sources = sources_of(issue, list(providers.values()), cut_off_of(issue))
    reasons, frozen = reasons_by_line(lines), _first_inputs(rounds)
    return {one.id: _round(one, yeses[one.id], sources, reasons, frozen.get(one.id)) for one in rounds}


def _yeses(rounds: Sequence[Round]) -> dict[UUID, list[OfferLine]]:
    query = (
        select(OfferLine)
        .join(Response, Response.line_id == OfferLine.id)
        .where(
            OfferLine.round_id.in_([one.id for one in rounds]),
            Response.kind == ResponseKind.ACCEPT,
            Response.state.in_(COUNTED_YES),
        )
        .options(
            joinedload(OfferLine.offer).joinedload(Offer.provider).joinedload(Provider.organisation),
            joinedload(OfferLine.response),
            joinedload(OfferLine.round).joinedload(Round.package),
        )
        .execution_options(populate_existing=True)
    )
    found: defaultdict[UUID, list[OfferLine]] = defaultdict(list)
    for line in db.session.scalars(query).unique():
        found[line.round_id].append(line)
    return found


def _first_inputs(rounds: Sequence[Round]) -> dict[UUID, RankingInputs]:
    query = select(Ranking.round_id, Ranking.inputs).where(
        Ranking.round_id.in_([one.id for one in rounds]), Ranking.number == 1
    )
    return {key: ranking_inputs_from_json(text) for key, text in db.session.execute(query)}


def _round(
    round_: Round,
    lines: Sequence[OfferLine],
    sources: dict[UUID, MemberSources],
    reasons: dict[UUID, tuple[Reason, ...]],
    frozen: RankingInputs | None,
) -> Assembled:
    kept = {entry.member: entry for entry in frozen.entries} if frozen else {}
    entries: list[RankingEntry] = []
    left_out: list[LeftOut] = []
    for line in sorted(lines, key=lambda line: line.offer.ticket):
        provider = line.offer.provider
        if stopped := tuple(one.sentence for one in reasons[line.id] if one.code in LEAVES_OUT):
            left_out.append(LeftOut(provider.id, provider.name, stopped))
        else:
            entries.append(kept.get(str(provider.id)) or _entry(line, sources[provider.id]))
    terms, mix = (frozen.terms, frozen.mix) if frozen else (_terms(round_.issue), (_mix_line(round_),))
    return Assembled(
        RankingInputs(round_.package.reference, round_.issue.seed, terms, mix, tuple(entries)), tuple(left_out)
    )


def _entry(line: OfferLine, sources: MemberSources) -> RankingEntry:
    response = line.response
    assert response is not None
    assert response.price_pence is not None  # the table's CHECK: a yes has a price
    said = ResponseDraft(
        response.kind, earliest_start=response.earliest_start, alternative_times=response.alternative_times
    )
    return RankingEntry(
        member=str(line.offer.provider_id),
        name=line.offer.provider.name,
        ticket=line.offer.ticket,
        firm=is_firm(said, line.round.package.planned_start),
        prices=((ANY_HOUR, response.price_pence),),
        components=sources.components,
        awarded_minutes=sources.awarded_minutes,
        capacity_minutes=sources.capacity_minutes,
    )


def _terms(issue: Issue) -> RankingTerms:
    """The policy frozen with the issue. The yardstick is a cost per hour, so it judges prices per hour only."""
    return RankingTerms(
        quality_weight=issue.quality_weight,
        price_weight=issue.price_weight,
        price_scoring=PriceScoring(issue.price_scoring.value),
        quality_minimum=Fraction(issue.quality_minimum),
        deadline=cut_off_of(issue),
        unit=issue.lot.unit.value,
        yardstick_pence=issue.yardstick_pence if issue.lot.unit is LotUnit.HOUR else None,
    )


def _mix_line(round_: Round) -> MixLine:
    """A package has one price per unit, judged against the limits frozen with its round."""
    hours = Fraction(round_.package.weekly_minutes, 60) if round_.issue.lot.unit is LotUnit.HOUR else Fraction(1)
    return MixLine(ANY_HOUR, hours or Fraction(1), round_.floor_pence, round_.ceiling_pence)
