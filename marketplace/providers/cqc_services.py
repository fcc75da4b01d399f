"""Taking in CQC data: judged as one run, applied or held, and later released or refused by a contract manager.

The register is shared, so a run of any authority serves all. What follows for members is decided in membership.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state
from app.database import db, new_id
from app.errors import Invalid
from marketplace.providers.cqc_values import KEPT, QUESTION_COLUMNS, CqcFile, StatedLocation, StatedRating
from marketplace.providers.models import CqcImport, CqcImportState, CqcRating, Provider
from marketplace.providers.ratings import (
    HELD_ABOVE_PERCENT,
    AssessmentStyle,
    PublishedRating,
    effective_rating,
    has_fallen,
    judge_run,
)
from marketplace.vocabulary import Rating

SOURCE = "CQC file"


@dataclass(frozen=True, slots=True)
class Changes:
    """What applying a run would do: new ratings, and per provider the rating that then counts."""

    stated: dict[UUID, tuple[StatedRating, ...]]
    effective: dict[UUID, PublishedRating]
    vanished: tuple[Provider, ...]
    back: tuple[Provider, ...]
    changed: tuple[Provider, ...]
    fallen: tuple[Provider, ...]


def take_in(file: CqcFile, filename: str, *, authority_id: UUID, by: Actor) -> CqcImport:
    """Judges a file as one run and applies it, or holds it when over 10 % of known ratings fall.

    The run's `state` says which. A held run changes nothing until `release_run`.
    """
    registered = list(db.session.scalars(select(Provider).order_by(Provider.id)))
    known = {provider.cqc_location_id: provider for provider in registered}
    ours = [location for location in file.locations if location.location_id in known]
    missing, excerpt = _missing(file, registered)
    changes = _changes(ours, known, missing)
    verdict = judge_run(*_before_and_after(ours, known, changes))
    held = file.states_ratings and (verdict.held or not ours)
    run = CqcImport(
        id=new_id(),
        authority_id=authority_id,
        state=CqcImportState.HELD if held else CqcImportState.APPLIED,
        filename=filename[:300] or "unnamed file",
        seen=len(ours),
        changed=len(changes.changed),
        fallen=len(changes.fallen),
        vanished=len(changes.vanished),
        sentence=_sentence(file, verdict.sentence if ours else NONE_OF_OURS, excerpt),
        rows=[KEPT.dump_python(location, mode="json") for location in [*ours, *(_gone(one) for one in missing)]],
    )
    db.session.add(run)
    db.session.flush()
    counts: dict[str, Any] = {"seen": run.seen, "changed": run.changed, "fallen": run.fallen, "vanished": run.vanished}
    audit.record("cqc:held" if held else "cqc:applied", run, by=by, **counts)
    if not held:
        _apply(changes, [known[location.location_id] for location in ours], by=by)
    return run


NONE_OF_OURS = "None of the locations in this register is in the file. The last known ratings are kept; check the file."


def release_run(run: CqcImport, *, by: Actor) -> None:
    """Applies a held run after a person has looked at it; raises Conflict when it is no longer held."""
    set_state([run], CqcImportState.APPLIED, values=_decided(by))
    stated = [KEPT.validate_python(row) for row in run.rows]
    registered = list(db.session.scalars(select(Provider).order_by(Provider.id)))
    known = {provider.cqc_location_id: provider for provider in registered}
    ours = [location for location in stated if location.location_id in known]
    changes = _changes(ours, known, ())
    run.changed, run.fallen, run.vanished = len(changes.changed), len(changes.fallen), len(changes.vanished)
    audit.record("cqc:released", run, by=by, changed=run.changed)
    _apply(changes, [known[location.location_id] for location in ours], by=by)


def refuse_run(run: CqcImport, because: str, *, by: Actor) -> None:
    """Refuses a held run: nothing of it is taken in. Raises Invalid without a reason, Conflict when not held."""
    if not because.strip():
        raise Invalid({"because": "Say why the run is refused."})
    move([run], CqcImportState.REFUSED, "cqc:refused", by=by, reason=because.strip(), values=_decided(by))


def _decided(by: Actor) -> dict[str, object]:
    return {"decided_at": clock.now(), "decided_by_label": by.label}


def _missing(file: CqcFile, registered: Sequence[Provider]) -> tuple[tuple[Provider, ...], bool]:
    """Locations that a whole list leaves out; a file that leaves out over 10 % is taken for an excerpt."""
    if not file.lists_all:
        return (), False
    listed = {location.location_id for location in file.locations}
    missing = tuple(
        provider for provider in registered if provider.cqc_location_id not in listed and provider.vanished_at is None
    )
    excerpt = len(missing) > 1 and len(missing) * 100 > len(registered) * HELD_ABOVE_PERCENT
    return (() if excerpt else missing), excerpt


def _gone(provider: Provider) -> StatedLocation:
    return StatedLocation(provider.cqc_location_id, registered=False)


def _changes(ours: Sequence[StatedLocation], known: dict[str, Provider], missing: Sequence[Provider]) -> Changes:
    stated = {known[one.location_id].id: one.ratings for one in ours}
    published = _published_so_far(stated)
    effective: dict[UUID, PublishedRating] = {}
    for provider_id, ratings in stated.items():
        by_place = published.get(provider_id, {}) | {(r.published_on, r.style): r.published for r in ratings}
        if newest := effective_rating(by_place.values()):
            effective[provider_id] = newest
    providers = [known[one.location_id] for one in ours]
    gone = [known[one.location_id] for one in ours if not one.registered]
    here = [known[one.location_id] for one in ours if one.registered]
    changed = [one for one in providers if one.id in effective and effective[one.id].rating is not one.cqc_rating]
    return Changes(
        stated=stated,
        effective=effective,
        vanished=tuple(one for one in [*gone, *missing] if one.vanished_at is None),
        back=tuple(one for one in here if one.vanished_at is not None),
        changed=tuple(changed),
        fallen=tuple(one for one in changed if has_fallen(one.cqc_rating, effective[one.id].rating)),
    )


def _published_so_far(provider_ids: Iterable[UUID]) -> dict[UUID, dict[tuple[date, AssessmentStyle], PublishedRating]]:
    found: dict[UUID, dict[tuple[date, AssessmentStyle], PublishedRating]] = {}
    query = select(CqcRating).where(CqcRating.provider_id.in_(list(provider_ids)))
    for row in db.session.scalars(query):
        rating = PublishedRating(row.overall, row.published_on, row.style)
        found.setdefault(row.provider_id, {})[row.published_on, row.style] = rating
    return found


def _before_and_after(
    ours: Sequence[StatedLocation], known: dict[str, Provider], changes: Changes
) -> tuple[dict[str, Rating], dict[str, Rating]]:
    before = {one.location_id: known[one.location_id].cqc_rating for one in ours}
    after = {
        one.location_id: changes.effective[known[one.location_id].id].rating
        for one in ours
        if one.ratings and known[one.location_id].id in changes.effective
    }
    return before, after


def _sentence(file: CqcFile, judged: str, excerpt: bool) -> str:
    told = judged if file.states_ratings else "The weekly directory has no ratings; it says which locations there are."
    if excerpt:
        told += (
            f" More than {HELD_ABOVE_PERCENT} % of the register is not in the file, so it is taken for an excerpt and"
            " no location is marked as gone."
        )
    return told[:600]


def _apply(changes: Changes, seen: Sequence[Provider], *, by: Actor) -> None:
    _write_ratings(changes.stated)
    for provider in changes.changed:
        now = changes.effective[provider.id].rating
        audit.record("provider:rating_changed", provider, by=by, was=provider.cqc_rating.value, now=now.value)
    for provider in changes.vanished:
        audit.record("provider:vanished", provider, by=by)
    for provider in changes.back:
        audit.record("provider:reappeared", provider, by=by)
    _write_providers(changes, seen)


def _write_ratings(stated: dict[UUID, tuple[StatedRating, ...]]) -> None:
    """New ratings are added, and a rating of the same day and style is corrected."""
    query = select(CqcRating).where(CqcRating.provider_id.in_(list(stated)))
    kept = {(row.provider_id, row.published_on, row.style): row.id for row in db.session.scalars(query)}
    rows = {
        (provider_id, rating.published_on, rating.style): _rating_row(provider_id, rating)
        for provider_id, ratings in stated.items()
        for rating in ratings
    }
    if new := [{**row, "id": new_id(), **UNSAID, **row} for key, row in rows.items() if key not in kept]:
        db.session.execute(insert(CqcRating), new)
    for key in rows.keys() & kept.keys():
        db.session.execute(update(CqcRating).where(CqcRating.id == kept[key]).values(**rows[key]))


UNSAID = dict.fromkeys(QUESTION_COLUMNS, Rating.UNRATED)


def _rating_row(provider_id: UUID, rating: StatedRating) -> dict[str, Any]:
    """A file without the key questions leaves those that are known."""
    return {
        "provider_id": provider_id,
        "published_on": rating.published_on,
        "style": rating.style,
        "overall": rating.overall,
        "source": SOURCE,
        "recorded_at": clock.now(),
        **rating.questions,
    }


def _write_providers(changes: Changes, seen: Sequence[Provider]) -> None:
    now = clock.now()
    for provider in seen:
        provider.cqc_checked_at = now
        if effective := changes.effective.get(provider.id):
            provider.cqc_rating, provider.cqc_published_on = effective.rating, effective.published_on
    for provider in changes.vanished:
        provider.vanished_at = now
    for provider in changes.back:
        provider.vanished_at = None
    db.session.flush()
