"""Putting together what a ranking is made from: a constant number of queries for all rounds of an issue.

What is the same for many answers is made once and shared: a provider's facts, a package's mix, the policy. So rankings
can be worked out and written without looking at each answer's facts again (see `together` and `replay.Writer`).

What was frozen by a round's first ranking stays: a later one takes an answer's facts, hours and capacity from there,
so that only who takes part can change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from sqlalchemy import Select, select

from app.database import db
from app.errors import Conflict
from brokerage.ranking.facts import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.meant import OfferMeant, RoundMeant, Yes, offers_meant, rounds_meant, yeses_to
from brokerage.ranking.models import Ranking
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.replay import Reader
from brokerage.ranking.sources import MemberSources, sources_of
from marketplace.answers.rules import ResponseDraft, is_firm
from marketplace.invitations.queries import stops_in_zones
from marketplace.invitations.rules import ReasonCode
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue
from marketplace.rounds.queries import sealed_sentence
from marketplace.rounds.rules import ResponseKind
from marketplace.vocabulary import LotUnit

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
    """One round, the inputs of its ranking, and the yeses that were left out."""

    round: RoundMeant
    inputs: RankingInputs
    left_out: tuple[LeftOut, ...]


def refuse_while_sealed(issue: Issue) -> None:
    """Raises Conflict until the issue is closed, and for ever where it was taken back: nobody sees an answer."""
    if issue.is_sealed:
        raise Conflict(sealed_sentence(issue))


def cut_off_of(issue: Issue) -> datetime:
    """The instant at which facts are frozen: the deadline, or the moment of an early closing."""
    return min(issue.deadline, issue.ended_at or issue.deadline)


def assemble(issue: Issue, which: Select[UUID]) -> list[Assembled]:
    """The inputs of these rounds of one issue, by the id of the round. Raises Conflict while the issue is sealed."""
    refuse_while_sealed(issue)
    rounds = rounds_meant(which)
    answers: defaultdict[Hashable, list[Yes]] = defaultdict(list)
    for yes in yeses_to(which):
        answers[yes.round_key].append(yes)
    offers = offers_meant(issue)
    accepted = {yes.offer_key for found in answers.values() for yes in found}
    said_yes = {offers[key].provider_id for key in accepted}
    gathered = _Gathered(issue, rounds, offers, said_yes)
    frozen = _first_inputs(which)
    return [gathered.round(one, answers[one.key], frozen.get(one.id)) for one in rounds]


def _first_inputs(which: Select[UUID]) -> dict[UUID, RankingInputs]:
    query = select(Ranking.round_id, Ranking.inputs).where(Ranking.round_id.in_(which), Ranking.number == 1)
    reader = Reader()
    return {key: reader.inputs_of(text) for key, text in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class _Known:
    """A provider that said yes."""

    id: UUID
    key: str
    name: str
    sources: MemberSources


class _Gathered:
    """What all rounds of an issue share."""

    def __init__(
        self,
        issue: Issue,
        rounds: Sequence[RoundMeant],
        offers: Mapping[Hashable, OfferMeant],
        said_yes: Collection[UUID],
    ) -> None:
        providers = db.session.scalars(select(Provider).where(Provider.id.in_(said_yes))).all()
        self._seed, self._terms, self._hourly = issue.seed, _terms(issue), issue.lot.unit is LotUnit.HOUR
        sources = sources_of(issue, providers, cut_off_of(issue))
        known = {one.id: _Known(one.id, str(one.id), one.name, sources[one.id]) for one in providers}
        self._asked = {
            key: (one.ticket, known[one.provider_id]) for key, one in offers.items() if one.provider_id in known
        }
        places = {(one.lot_id, one.zone_id) for one in rounds}
        self._stops = stops_in_zones(issue.scheme_id, said_yes, places, LEAVES_OUT) if said_yes else {}
        self._mixes: dict[tuple[int, int, int], tuple[MixLine, ...]] = {}
        self._prices: dict[int, tuple[tuple[str, int], ...]] = {}
        self._firm: dict[tuple[date, str, date], bool] = {}

    def round(self, one: RoundMeant, yeses: Sequence[Yes], frozen: RankingInputs | None) -> Assembled:
        kept = {entry.member: entry for entry in frozen.entries} if frozen else {}
        stops = self._stops.get((one.lot_id, one.zone_id), {})
        entries: list[RankingEntry] = []
        left_out: list[LeftOut] = []
        for (ticket, known), yes in sorted([(self._asked[yes.offer_key], yes) for yes in yeses], key=_ticket_of):
            if reasons := stops.get(known.key):
                left_out.append(LeftOut(known.id, known.name, tuple(reason.sentence for reason in reasons)))
            else:
                entries.append(kept.get(known.key) or self._entry(known, ticket, yes, one.planned_start))
        terms, mix = (frozen.terms, frozen.mix) if frozen else (self._terms, self._mix(one))
        return Assembled(one, RankingInputs(one.reference, self._seed, terms, mix, tuple(entries)), tuple(left_out))

    def _entry(self, known: _Known, ticket: str, yes: Yes, wanted: date) -> RankingEntry:
        if yes.price_pence not in self._prices:
            self._prices[yes.price_pence] = ((ANY_HOUR, yes.price_pence),)
        key, sources = (yes.earliest_start, yes.alternative_times, wanted), known.sources
        if key not in self._firm:
            said = ResponseDraft(
                ResponseKind.ACCEPT, earliest_start=yes.earliest_start, alternative_times=yes.alternative_times
            )
            self._firm[key] = is_firm(said, wanted)
        return RankingEntry(
            member=known.key,
            name=known.name,
            ticket=ticket,
            firm=self._firm[key],
            prices=self._prices[yes.price_pence],
            components=sources.components,
            awarded_minutes=sources.awarded_minutes,
            capacity_minutes=sources.capacity_minutes,
        )

    def _mix(self, one: RoundMeant) -> tuple[MixLine, ...]:
        """A package has one price per unit, judged against the limits frozen with its round."""
        key = (one.weekly_minutes, one.floor_pence, one.ceiling_pence)
        if key not in self._mixes:
            hours = Fraction(one.weekly_minutes, 60) if self._hourly else Fraction(1)
            self._mixes[key] = (MixLine(ANY_HOUR, hours or Fraction(1), one.floor_pence, one.ceiling_pence),)
        return self._mixes[key]


def _ticket_of(answer: tuple[tuple[str, _Known], Yes]) -> str:
    return answer[0][0]


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
