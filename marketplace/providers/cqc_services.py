"""Taking in CQC data: judged as one run, applied or held, and later released or refused by a contract manager.

The register is shared, so a run of any authority serves all. What follows for members is decided in `membership`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move, set_state
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.errors import Invalid
from app.hooks import Hook
from marketplace.providers.cqc_values import KEPT, CqcFile, StatedLocation, StatedRating
from marketplace.providers.models import CqcImport, CqcImportState, CqcRating, Provider
from marketplace.providers.ratings import (
    HELD_ABOVE_PERCENT,
    AssessmentStyle,
    PublishedRating,
    effective_rating,
    has_fallen,
    judge_run,
)

SOURCE = "CQC file"


NONE_OF_OURS = "None of the locations in this register is in the file. The last known ratings are kept; check the file."

ratings_taken_in: Hook[[Sequence[str]]] = Hook(
    "ratings.taken_in", "CQC data of these locations was taken in. Members below the gate get no new offers."
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What applying a run would do: new ratings, and per provider seen the rating that then counts."""

    seen: tuple[Provider, ...]
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
    registered = _register()
    ours = [location for location in file.locations if location.location_id in registered]
    missing, excerpt = _missing(file, list(registered.values()))
    changes = _changes(ours, registered, missing)
    before = {one.cqc_location_id: one.cqc_rating for one in changes.seen}
    rated = [one for one in changes.seen if changes.stated[one.id] and one.id in changes.effective]
    verdict = judge_run(before, {one.cqc_location_id: changes.effective[one.id].rating for one in rated})
    held = file.states_ratings and (verdict.held or not ours)
    gone = [StatedLocation(one.cqc_location_id, registered=False) for one in missing]
    counts: dict[str, Any] = {"seen": len(ours), "changed": len(changes.changed)}
    counts |= {"fallen": len(changes.fallen), "vanished": len(changes.vanished)}
    run = CqcImport(
        id=new_id(),
        authority_id=authority_id,
        state=CqcImportState.HELD if held else CqcImportState.APPLIED,
        filename=filename[:300] or "unnamed file",
        sentence=_sentence(file, verdict.sentence if ours else NONE_OF_OURS, excerpt),
        rows=[KEPT.dump_python(location, mode="json") for location in [*ours, *gone]],
        **counts,
    )
    db.session.add(run)
    db.session.flush()
    audit.record("cqc:held" if held else "cqc:applied", run, by=by, **counts)
    if not held:
        _apply(run, changes, by=by)
    return run


def release_run(run: CqcImport, *, by: Actor) -> None:
    """Applies a held run after a person has looked at it; raises Conflict when it is no longer held."""
    set_state([run], CqcImportState.APPLIED, values=_decided(by))
    registered = _register()
    stated = [KEPT.validate_python(row) for row in run.rows]
    changes = _changes([location for location in stated if location.location_id in registered], registered, ())
    run.changed, run.fallen, run.vanished = len(changes.changed), len(changes.fallen), len(changes.vanished)
    audit.record("cqc:released", run, by=by, changed=run.changed)
    _apply(run, changes, by=by)


def refuse_run(run: CqcImport, because: str, *, by: Actor) -> None:
    """Refuses a held run: nothing of it is taken in. Raises Invalid without a reason, Conflict when not held."""
    if not because.strip():
        raise Invalid({"because": "Say why the run is refused."})
    move([run], CqcImportState.REFUSED, "cqc:refused", by=by, reason=because.strip(), values=_decided(by))


def _register() -> dict[str, Provider]:
    return {row.cqc_location_id: row for row in db.session.scalars(select(Provider).order_by(Provider.id))}


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


def _changes(ours: Sequence[StatedLocation], known: Mapping[str, Provider], missing: Sequence[Provider]) -> Changes:
    providers = [known[one.location_id] for one in ours]
    stated = {provider.id: one.ratings for provider, one in zip(providers, ours, strict=True)}
    effective = _effective(stated)
    gone = [known[one.location_id] for one in ours if not one.registered]
    here = [known[one.location_id] for one in ours if one.registered]
    changed = [one for one in providers if one.id in effective and effective[one.id].rating is not one.cqc_rating]
    return Changes(
        seen=tuple(providers),
        stated=stated,
        effective=effective,
        vanished=tuple(one for one in [*gone, *missing] if one.vanished_at is None),
        back=tuple(one for one in here if one.vanished_at is not None),
        changed=tuple(changed),
        fallen=tuple(one for one in changed if has_fallen(one.cqc_rating, effective[one.id].rating)),
    )


def _effective(stated: Mapping[UUID, Sequence[StatedRating]]) -> dict[UUID, PublishedRating]:
    """The rating of each provider that counts, of those published so far and those stated now."""
    published = {key: PublishedRating(row.overall, row.published_on, row.style) for key, row in _kept(stated).items()}
    for provider_id, ratings in stated.items():
        published |= {(provider_id, rating.published_on, rating.style): rating.published for rating in ratings}
    of_provider: defaultdict[UUID, list[PublishedRating]] = defaultdict(list)
    for (provider_id, _, _), rating in published.items():
        of_provider[provider_id].append(rating)
    newest = {provider_id: effective_rating(ratings) for provider_id, ratings in of_provider.items()}
    return {provider_id: rating for provider_id, rating in newest.items() if rating}


def _kept(provider_ids: Iterable[UUID]) -> dict[tuple[UUID, date, AssessmentStyle], CqcRating]:
    """The published ratings that are known; a location has one of each day and style."""
    rows = db.session.scalars(select(CqcRating).where(CqcRating.provider_id.in_(list(provider_ids))))
    return {(row.provider_id, row.published_on, row.style): row for row in rows}


def _sentence(file: CqcFile, judged: str, excerpt: bool) -> str:
    told = judged if file.states_ratings else "The weekly directory has no ratings; it says which locations there are."
    if excerpt:
        told += (
            f" More than {HELD_ABOVE_PERCENT} % of the register is not in the file, so it is taken for an excerpt and"
            " no location is marked as gone."
        )
    return told[:600]


def _apply(run: CqcImport, changes: Changes, *, by: Actor) -> None:
    _write_ratings(changes.stated)
    for provider in changes.changed:
        now = changes.effective[provider.id].rating
        audit.record("provider:rating_changed", provider, by=by, was=provider.cqc_rating.value, now=now.value)
    for tag, providers in (("provider:vanished", changes.vanished), ("provider:reappeared", changes.back)):
        for provider in providers:
            audit.record(tag, provider, by=by)
    _write_providers(changes)
    ratings_taken_in([str(row["location_id"]) for row in run.rows])


def _write_ratings(stated: Mapping[UUID, Sequence[StatedRating]]) -> None:
    """New ratings are added, and a rating of the same day and style is corrected.

    A file without the key questions leaves those that are known.
    """
    kept = _kept(stated)
    rows: dict[tuple[UUID, date, AssessmentStyle], dict[str, Any]] = {}
    for provider_id, ratings in stated.items():
        for rating in ratings:
            said = {"overall": rating.overall, "source": SOURCE, "recorded_at": clock.now(), **rating.questions}
            rows[provider_id, rating.published_on, rating.style] = said
    names = ("provider_id", "published_on", "style")
    insert_rows(CqcRating, [dict(zip(names, key, strict=True)) | row for key, row in rows.items() if key not in kept])
    for known in rows.keys() & kept.keys():
        db.session.execute(update(CqcRating).where(CqcRating.id == kept[known].id).values(**rows[known]))


def _write_providers(changes: Changes) -> None:
    now = clock.now()
    for provider in changes.seen:
        provider.cqc_checked_at = now
        if effective := changes.effective.get(provider.id):
            provider.cqc_rating, provider.cqc_published_on = effective.rating, effective.published_on
    for provider in changes.vanished:
        provider.vanished_at = now
    for provider in changes.back:
        provider.vanished_at = None
    db.session.flush()
