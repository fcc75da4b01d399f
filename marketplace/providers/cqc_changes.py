"""What a run of CQC data would change, for the one authority that loads it or for all who share it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.database import db
from marketplace.providers.cqc_values import CqcFile, StatedLocation, StatedRating
from marketplace.providers.known import Known, known_to, newest, published_to
from marketplace.providers.models import Provider
from marketplace.providers.ratings import (
    HELD_ABOVE_PERCENT,
    PublishedRating,
    RunAnswer,
    has_fallen,
    judge_run,
    rises_above,
)
from marketplace.vocabulary import Rating

Gate = tuple[Rating, bool]
"""What a scheme asks for: the minimum, and whether no rating is too little."""


@dataclass(frozen=True, slots=True)
class Register:
    """The locations by their id with the CQC, and what counts of each for whoever loads: one authority, or all."""

    authority_id: UUID | None
    providers: Mapping[str, Provider]
    known: Mapping[UUID, Known]


@dataclass(frozen=True, slots=True)
class Changes:
    """What applying a run would do: new ratings, and per provider seen the rating that then counts."""

    register: Register
    locations: tuple[StatedLocation, ...]
    seen: tuple[Provider, ...]
    effective: dict[UUID, PublishedRating]
    vanished: tuple[Provider, ...]
    back: tuple[Provider, ...]

    @property
    def stated(self) -> dict[UUID, tuple[StatedRating, ...]]:
        """The ratings of each provider seen."""
        return {provider.id: one.ratings for provider, one in zip(self.seen, self.locations, strict=False)}

    @property
    def changed(self) -> list[Provider]:
        """Those for which another rating counts than before."""
        return [one for one in self.seen if one.id in self.effective and self._rating(one) is not self._before(one)]

    @property
    def fallen(self) -> list[Provider]:
        """Those that become worse by it."""
        return [one for one in self.changed if has_fallen(self._before(one), self._rating(one))]

    @property
    def counts(self) -> dict[str, int]:
        """What a page says of it."""
        numbers = {"seen": self.seen, "changed": self.changed, "fallen": self.fallen, "vanished": self.vanished}
        return {name: len(providers) for name, providers in numbers.items()}

    def rising(self, minimums: Iterable[Gate]) -> set[str]:
        """The locations that rise above one of these gates, by their id with the CQC."""
        gates = list(minimums)
        return {
            one.cqc_location_id
            for one in self.changed
            if any(rises_above(self._before(one), self._rating(one), *gate) for gate in gates)
        }

    def judged(self) -> RunAnswer:
        """Whether the run may be applied, by how many known ratings fall."""
        before = {one.cqc_location_id: self._before(one) for one in self.seen}
        rated = [one for one in self.seen if self.stated[one.id] and one.id in self.effective]
        return judge_run(before, {one.cqc_location_id: self._rating(one) for one in rated})

    def _before(self, provider: Provider) -> Rating:
        return self.register.known[provider.id].rating

    def _rating(self, provider: Provider) -> Rating:
        return self.effective[provider.id].rating


def register_for(authority_id: UUID | None) -> Register:
    """The locations that the CQC knows, with what counts for the authority; those without an id there are passed by."""
    with_cqc = select(Provider).where(Provider.cqc_location_id != Provider.reference)
    providers = db.session.scalars(with_cqc.order_by(Provider.id)).all()
    known = known_to(authority_id, providers)
    return Register(authority_id, {provider.cqc_location_id: provider for provider in providers}, known)


def left_out_of(file: CqcFile, register: Register) -> tuple[tuple[Provider, ...], bool]:
    """Locations that a whole list leaves out; a file that leaves out over 10 % is taken for an excerpt."""
    if not file.lists_all:
        return (), False
    listed, providers = {location.location_id for location in file.locations}, register.providers.values()
    missing = tuple(
        provider
        for provider in providers
        if provider.cqc_location_id not in listed and register.known[provider.id].vanished_at is None
    )
    excerpt = len(missing) > 1 and len(missing) * 100 > len(providers) * HELD_ABOVE_PERCENT
    return (() if excerpt else missing), excerpt


def changes_by(ours: Sequence[StatedLocation], register: Register, missing: Sequence[Provider]) -> Changes:
    seen = tuple(register.providers[one.location_id] for one in ours)
    published = published_to(register.authority_id, [provider.id for provider in seen])
    for provider, one in zip(seen, ours, strict=True):
        published |= {(provider.id, rating.published_on, rating.style): rating.published for rating in one.ratings}
    gone = [provider for provider, one in zip(seen, ours, strict=True) if not one.registered]
    here = [provider for provider, one in zip(seen, ours, strict=True) if one.registered]
    left_out = [StatedLocation(one.cqc_location_id, registered=False) for one in missing]
    is_gone = {provider_id for provider_id, known in register.known.items() if known.vanished_at}
    return Changes(
        register=register,
        locations=(*ours, *left_out),
        seen=seen,
        effective=newest(published),
        vanished=tuple(one for one in [*gone, *missing] if one.id not in is_gone),
        back=tuple(one for one in here if one.id in is_gone),
    )
