"""What rankings are made from, read with a constant number of questions for all rounds of an issue.

Facts count if dated at or before the cut-off; a fact known by its day only counts from the start of that day. What is
the same for many answers is made once and shared: a provider's facts, a package's mix, the policy. So rankings are
worked out and written without looking at each answer's facts again.

What was frozen by a round's first ranking stays: a later one takes an answer's facts, hours and capacity from there,
so that only who takes part can change.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from app.clock import LONDON
from app.database import db
from app.database.many import raw
from brokerage.ranking.inputs import Mix, Prices, RankingEntry, RankingInputs, RankingTerms, read_inputs
from brokerage.ranking.models import Ranking
from brokerage.ranking.scoring import Component, MixLine, cqc_component, entry_component
from contracts.agreements.models import Agreement, AgreementVersion
from marketplace.answers.rules import ResponseDraft, is_firm
from marketplace.invitations.queries import stops_in_zones
from marketplace.invitations.rules import ReasonCode
from marketplace.membership.models import Capacity, EntryAssessment
from marketplace.packages.models import Package
from marketplace.providers.known import published_to
from marketplace.providers.models import Provider
from marketplace.providers.ratings import PublishedRating, effective_rating
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import COUNTED_YES
from marketplace.rounds.rules import ResponseKind, RoundState
from marketplace.vocabulary import LotUnit

FAIRNESS_DAYS = 28
"""Minutes awarded in so many days before the deadline count for the tie-break."""

LEAVES_OUT = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED})
"""Suspended or removed since: the yes is not ranked. Anything else is shown, and the award asks about it."""

ANY_HOUR = "any hour"
"""The one band of a package that is priced at one rate."""


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A round with what of its package decides a ranking. Audit entries can be about it."""

    __tablename__: ClassVar[str] = Round.__tablename__

    id: UUID
    authority_id: UUID
    floor_pence: int
    ceiling_pence: int
    reference: str
    lot_id: UUID
    zone_id: UUID | None
    planned_start: date
    weekly_minutes: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class GatheredRound:
    """One round, the inputs of its ranking, and the yeses that do not take part: provider, name and the reasons in words."""

    about: RoundFacts
    inputs: RankingInputs
    left_out: list[dict[str, object]]


class AcceptedAnswer(NamedTuple):
    """A yes that counts, as it was sent; the identifiers raw, for there are ten times as many of these as of rounds."""

    round_key: Hashable
    offer_key: Hashable
    price_pence: int
    earliest_start: date
    alternative_times: str
    other_visits: str


def closed_rounds(issue: Issue) -> Select[UUID]:
    """The ids of an issue's closed rounds, for use inside another question."""
    return select(Round.id).where(Round.issue_id == issue.id, Round.state == RoundState.CLOSED)


def gather(issue: Issue, which: Select[UUID]) -> list[GatheredRound]:
    """What the rankings of these rounds of one issue are made from, by the id of the round."""
    rounds = _rounds(which)
    answers: defaultdict[Hashable, list[AcceptedAnswer]] = defaultdict(list)
    for answer in _accepted(which):
        answers[answer.round_key].append(answer)
    members = _members(issue, {answer.offer_key for given in answers.values() for answer in given})
    shared = _Shared(issue, rounds, members)
    frozen = _first_inputs(which)
    return [shared.gathered(about, answers[about.key], frozen.get(about.id)) for about in rounds]


class _Shared:
    """What all rounds of an issue share."""

    def __init__(self, issue: Issue, rounds: Sequence[RoundFacts], members: Mapping[Hashable, RankingEntry]) -> None:
        places = {(about.lot_id, about.zone_id) for about in rounds}
        said_yes = [UUID(member.member) for member in members.values()]
        self._seed, self._terms, self._members = issue.seed, _terms(issue), members
        self._stops = stops_in_zones(issue.scheme_id, said_yes, places, LEAVES_OUT) if members else {}
        self._is_hourly = issue.lot.unit is LotUnit.HOUR
        self._mix, self._prices, self._is_firm = cache(self._mix_of), cache(_prices), cache(_is_firm)

    def gathered(
        self, about: RoundFacts, answers: Sequence[AcceptedAnswer], frozen: RankingInputs | None
    ) -> GatheredRound:
        kept = {entry.member: entry for entry in frozen.entries} if frozen else {}
        stops = self._stops.get((about.lot_id, about.zone_id), {})
        entries: list[RankingEntry] = []
        left_out: list[dict[str, object]] = []
        by_ticket = sorted([(self._members[answer.offer_key], answer) for answer in answers], key=_ticket)
        for member, answer in by_ticket:
            if reasons := stops.get(member.member):
                sentences = [reason.sentence for reason in reasons]
                left_out.append({"provider": member.member, "name": member.name, "reasons": sentences})
            else:
                entries.append(kept.get(member.member) or self._entry(member, answer, about.planned_start))
        mix = self._mix(about.weekly_minutes, about.floor_pence, about.ceiling_pence)
        terms, mix = (frozen.terms, frozen.mix) if frozen else (self._terms, mix)
        inputs = RankingInputs(about.reference, self._seed, terms, mix, tuple(entries))
        return GatheredRound(about, inputs, left_out)

    def _entry(self, member: RankingEntry, answer: AcceptedAnswer, wanted: date) -> RankingEntry:
        firm = self._is_firm(answer.earliest_start, answer.alternative_times, answer.other_visits, wanted)
        return replace(member, firm=firm, prices=self._prices(answer.price_pence))

    def _mix_of(self, weekly_minutes: int, floor_pence: int, ceiling_pence: int) -> Mix:
        """A package has one price per unit, judged against the limits frozen with its round."""
        hours = Fraction(weekly_minutes, 60) if self._is_hourly else Fraction(1)
        return (MixLine(ANY_HOUR, hours or Fraction(1), floor_pence, ceiling_pence),)


def _prices(pence: int) -> Prices:
    return ((ANY_HOUR, pence),)


def _is_firm(earliest_start: date, alternative_times: str, other_visits: str, wanted: date) -> bool:
    said = ResponseDraft(ResponseKind.ACCEPT, earliest_start=earliest_start, alternative_times=alternative_times)
    return is_firm(replace(said, other_visits=other_visits), wanted)


def _ticket(answer: tuple[RankingEntry, AcceptedAnswer]) -> str:
    return answer[0].ticket


def _terms(issue: Issue) -> RankingTerms:
    """The policy frozen with the issue. The yardstick is a cost per hour, so it judges prices per hour only."""
    return RankingTerms(
        quality_weight=issue.quality_weight,
        price_weight=issue.price_weight,
        price_scoring=issue.price_scoring,
        quality_minimum=Fraction(issue.quality_minimum),
        deadline=_cut_off(issue),
        unit=issue.lot.unit.value,
        yardstick_pence=issue.yardstick_pence if issue.lot.unit is LotUnit.HOUR else None,
    )


def _cut_off(issue: Issue) -> datetime:
    """The instant at which facts are frozen: the deadline, or the moment of an early closing."""
    return min(issue.deadline, issue.ended_at or issue.deadline)


# --------------------------------------------------------------------------------------------- rounds and answers


def _rounds(which: Select[UUID]) -> list[RoundFacts]:
    """The rounds, in the order of their ids."""
    of_package = (Package.reference, Package.lot_id, Package.zone_id, Package.planned_start)
    query = (
        select(Round.id, Round.authority_id, Round.floor_pence, Round.ceiling_pence, *of_package)
        .add_columns(Package.weekly_minutes, raw(Round.id, "key"))
        .join(Package, Package.id == Round.package_id)
        .where(Round.id.in_(which))
        .order_by(Round.id)
    )
    return [RoundFacts(*row) for row in db.session.execute(query)]


def _accepted(which: Select[UUID]) -> list[AcceptedAnswer]:
    """Every yes that counts to these rounds, in one reading."""
    query = (
        select(
            raw(OfferLine.round_id, "round_key"),
            raw(OfferLine.offer_id, "offer_key"),
            Response.price_pence,
            Response.earliest_start,
            Response.alternative_times,
            Response.other_visits,
        )
        .join(Response, Response.line_id == OfferLine.id)
        .where(
            OfferLine.round_id.in_(which),
            Response.kind == ResponseKind.ACCEPT,
            Response.state.in_(COUNTED_YES),
        )
    )
    return [AcceptedAnswer._make(row) for row in db.session.execute(query)]


def _first_inputs(which: Select[UUID]) -> dict[UUID, RankingInputs]:
    query = select(Ranking.round_id, Ranking.inputs).where(Ranking.round_id.in_(which), Ranking.number == 1)
    written = dict(db.session.execute(query).all())
    return dict(zip(written, read_inputs(written.values()), strict=True))


# --------------------------------------------------------------------------------------------------------- members


def _members(issue: Issue, accepted: set[Hashable]) -> dict[Hashable, RankingEntry]:
    """Who said yes, by the raw id of its offer, with one question per kind of fact however many there are.

    What it answered about a package, its price and whether its yes is firm, is still to be entered.
    """
    query = select(raw(Offer.id, "key"), Offer.provider_id, Offer.ticket).where(Offer.issue_id == issue.id)
    offers = [row for row in db.session.execute(query) if row.key in accepted]
    ids = [offer.provider_id for offer in offers]
    providers = {row.id: row for row in db.session.scalars(select(Provider).where(Provider.id.in_(ids)))}
    cut_off = _cut_off(issue)
    components = (_entry_components(issue, ids), _cqc_components(issue.authority_id, providers.values(), cut_off))
    awarded, declared = _awarded_minutes(issue, ids, cut_off), _declared_minutes(issue, ids)
    return {
        offer.key: RankingEntry(
            member=str(offer.provider_id),
            name=providers[offer.provider_id].name,
            ticket=offer.ticket,
            firm=True,
            prices=(),
            components=tuple(known[offer.provider_id] for known in components if offer.provider_id in known),
            awarded_minutes=awarded.get(offer.provider_id, 0),
            capacity_minutes=declared.get(offer.provider_id),
        )
        for offer in offers
    }


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _entry_components(issue: Issue, ids: Sequence[UUID]) -> dict[UUID, Component]:
    """An assessment of a later day is kept: the rules leave it out and say so."""
    query = select(EntryAssessment.provider_id, EntryAssessment.entry_score, EntryAssessment.entry_assessed_on).where(
        EntryAssessment.authority_id == issue.authority_id,
        EntryAssessment.scheme_id == issue.scheme_id,
        EntryAssessment.provider_id.in_(ids),
    )
    return {
        provider_id: entry_component(score, _start_of(day))
        for provider_id, score, day in db.session.execute(query)
        if score is not None and day is not None
    }


def _cqc_components(authority_id: UUID, providers: Iterable[Provider], cut_off: datetime) -> dict[UUID, Component]:
    """The rating that counted on the day of the cut-off; none for a location that was not rated."""
    last_day = cut_off.astimezone(LONDON).date()
    components: dict[UUID, Component] = {}
    for provider_id, ratings in _published_ratings(authority_id, providers).items():
        counts = effective_rating(rating for rating in ratings if rating.published_on <= last_day)
        component = counts and cqc_component(counts.rating.value, _start_of(counts.published_on))
        if component:
            components[provider_id] = component
    return components


def _published_ratings(authority_id: UUID, providers: Iterable[Provider]) -> Mapping[UUID, list[PublishedRating]]:
    """All ratings that count for the authority, and for days of which there is none the one of the provider itself."""
    of_ids = {provider.id: provider for provider in providers}
    published: dict[UUID, list[PublishedRating]] = {provider_id: [] for provider_id in of_ids}
    for (provider_id, _, _), rating in published_to(authority_id, of_ids).items():
        published[provider_id].append(rating)
    for provider_id, ratings in published.items():
        day = of_ids[provider_id].cqc_published_on
        if day and day not in {rating.published_on for rating in ratings}:
            ratings.append(PublishedRating(of_ids[provider_id].cqc_rating, day))
    return published


def _awarded_minutes(issue: Issue, ids: Sequence[UUID], cut_off: datetime) -> dict[UUID, int]:
    """Weekly minutes of the agreements that began in the 28 days up to the cut-off, in this scheme."""
    query = (
        select(Agreement.provider_id, func.sum(AgreementVersion.weekly_minutes))
        .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        .join(Package, Package.id == Agreement.package_id)
        .where(
            Agreement.authority_id == issue.authority_id,
            Package.scheme_id == issue.scheme_id,
            AgreementVersion.number == 1,
            Agreement.provider_id.in_(ids),
            Agreement.contract_from > cut_off - timedelta(days=FAIRNESS_DAYS),
            Agreement.contract_from <= cut_off,
        )
        .group_by(Agreement.provider_id)
    )
    return {provider_id: int(minutes) for provider_id, minutes in db.session.execute(query)}


def _declared_minutes(issue: Issue, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Capacity.provider_id, Capacity.declared_minutes).where(
        Capacity.authority_id == issue.authority_id,
        Capacity.scheme_id == issue.scheme_id,
        Capacity.provider_id.in_(ids),
        Capacity.zone_id.is_(None),
    )
    return {row.provider_id: row.declared_minutes for row in db.session.execute(query)}
