"""Taking in CQC data: judged as one run, applied or held, and later released or refused by a second person.

The CQC's own data, loaded by whoever runs the machine, is shared. What a council loads counts for it alone until
another one accepts it. What follows for members is decided in `membership`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor, ActorKind
from app.audit.moves import move, set_state
from app.audit.services import RowSubject, record_told
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.errors import Conflict, Invalid, NotAllowed
from app.hooks import Hook
from app.values.words import counted
from marketplace.providers.cqc_changes import Changes, Gate, changes_by, left_out_of, register_for
from marketplace.providers.cqc_values import KEPT, CqcFile, StatedLocation, StatedRating
from marketplace.providers.known import Known, RatingKey, follow_shared, known_to, of_owner, write_known
from marketplace.providers.models import CqcAcceptance, CqcImport, CqcImportState, CqcRating, Provider
from marketplace.providers.ratings import HELD_ABOVE_PERCENT, QUESTION_COLUMNS
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_in_force
from marketplace.vocabulary import UnratedPolicy

SOURCE = "CQC file"


NONE_OF_OURS = "None of the locations in this register is in the file. The last known ratings are kept; check the file."
NOT_ALONE = "You took this file in. A second person has to look at it and release it; you can refuse it."
DECIDED = "Your authority has decided on these ratings already."

ratings_taken_in: Hook[[Sequence[str], UUID | None]] = Hook(
    "ratings.taken_in",
    "CQC data of these locations counts now, for one authority or for all. Members below the gate get no new offers.",
)


def take_in(file: CqcFile, filename: str, *, authority_id: UUID, by: Actor, shared: bool = False) -> CqcImport:
    """Judges a file as one run and applies it, or holds it when over 10 % of known ratings fall.

    Ratings that rise above a gate wait for a second person in a run of their own, which holds up nothing else. The
    run's `state` says what became of it. A held run changes nothing until `release_run`.
    """
    register = register_for(None if shared else authority_id)
    ours = [location for location in file.locations if location.location_id in register.providers]
    missing, excerpt = left_out_of(file, register)
    changes = changes_by(ours, register, missing)
    verdict = changes.judged()
    whose = {"authority_id": authority_id, "shared": shared, "filename": filename[:300] or "unnamed file"}
    whose |= {"loaded_by": by.id if by.kind is ActorKind.USER else None}
    sentence = _sentence(file, verdict.sentence if ours else NONE_OF_OURS, excerpt)
    if file.states_ratings and (verdict.held or not ours):
        return _keep(CqcImportState.HELD, sentence, changes, whose, by)
    if rising := changes.rising(_gates(register.authority_id)):
        up = [location for location in ours if location.location_id in rising]
        told = f"{counted(len(up), 'rating')} in this file would rise above the gate. A second person looks first."
        held = _keep(CqcImportState.HELD, told, changes_by(up, register, ()), whose, by)
        if len(up) == len(ours) and not missing:
            return held
        others = [location for location in ours if location.location_id not in rising]
        changes, sentence = changes_by(others, register, missing), f"{sentence[: 600 - len(told) - 1]} {told}"
    run = _keep(CqcImportState.APPLIED, sentence, changes, whose, by)
    _apply(run, changes, by=by)
    return run


def release_run(run: CqcImport, *, by: Actor) -> None:
    """Applies a held run after a second person has looked at it. Raises NotAllowed, and Conflict when not held."""
    if run.loaded_by is not None and run.loaded_by == by.id:
        raise NotAllowed(NOT_ALONE)
    set_state([run], CqcImportState.APPLIED, values=_decided(by))
    register = register_for(None if run.shared else run.authority_id)
    stated = [KEPT.validate_python(row) for row in run.rows]
    changes = changes_by([location for location in stated if location.location_id in register.providers], register, ())
    counts = changes.counts
    run.changed, run.fallen, run.vanished = counts["changed"], counts["fallen"], counts["vanished"]
    audit.record("cqc:released", run, by=by, changed=run.changed)
    _apply(run, changes, by=by)


def accept_run(run: CqcImport, authority_id: UUID, provider_ids: Collection[UUID], *, by: Actor) -> CqcAcceptance:
    """The ratings that another authority took in of these providers count for this one too. Raises Conflict."""
    query = select(CqcRating).where(CqcRating.run_id == run.id, CqcRating.authority_id == run.authority_id)
    stated: dict[UUID, tuple[StatedRating, ...]] = {}
    for row in db.session.scalars(query.where(CqcRating.provider_id.in_(provider_ids))):
        questions = {name: getattr(row, name) for name in QUESTION_COLUMNS}
        rating = StatedRating(row.overall, row.published_on, row.style, questions)
        stated[row.provider_id] = (*stated.get(row.provider_id, ()), rating)
    register = register_for(authority_id)
    of_ids = {provider.id: location_id for location_id, provider in register.providers.items()}
    locations = [StatedLocation(of_ids[provider_id], ratings) for provider_id, ratings in stated.items()]
    changes = changes_by(locations, register, ())
    decision = _decide(run, authority_id, None, by)
    audit.record("cqc:accepted", decision, by=by, changed=len(changes.changed), fallen=len(changes.fallen))
    _apply(run, changes, by=by)
    return decision


def rate_by_hand(authority_id: UUID, rated: Sequence[tuple[Provider, StatedRating]], source: str, *, by: Actor) -> None:
    """Ratings that a council wrote into a file of its own count for it, where it knows none yet: nothing rises so."""
    known = known_to(authority_id, [provider for provider, _ in rated])
    new = [(provider, rating) for provider, rating in rated if known[provider.id].published_on is None]
    whose = {"authority_id": authority_id, "source": source}
    insert_rows(CqcRating, [{**whose, "provider_id": one.id, **columns_of(rating)} for one, rating in new])
    counts = {
        one.id: replace(known[one.id], rating=rating.overall, published_on=rating.published_on) for one, rating in new
    }
    write_known(authority_id, [provider for provider, _ in new], counts)
    told = (
        (
            RowSubject(one.id, one.__tablename__, authority_id),
            {"was": known[one.id].rating.value, "now": rating.overall.value},
        )
        for one, rating in new
        if rating.overall is not known[one.id].rating
    )
    record_told("provider:rating_changed", told, by=by)


def columns_of(rating: StatedRating) -> dict[str, Any]:
    """A stated rating as its table has it."""
    return {"published_on": rating.published_on, "style": rating.style, "overall": rating.overall, **rating.questions}


def decline_run(run: CqcImport, authority_id: UUID, because: str, *, by: Actor) -> CqcAcceptance:
    """They do not count for this authority. Raises Invalid without a reason, Conflict when it was decided."""
    if not because.strip():
        raise Invalid({"because": "Say why these ratings do not count for your authority."})
    decision = _decide(run, authority_id, because.strip(), by)
    audit.record("cqc:declined", decision, by=by, reason=because.strip())
    return decision


def _decide(run: CqcImport, authority_id: UUID, because: str | None, by: Actor) -> CqcAcceptance:
    decision = CqcAcceptance(
        authority_id=authority_id,
        run_id=run.id,
        accepted=because is None,
        because=because,
        decided_by_label=by.label,
    )
    try:
        with db.session.begin_nested():
            db.session.add(decision)
    except IntegrityError as failure:
        raise Conflict(DECIDED) from failure
    return decision


def refuse_run(run: CqcImport, because: str, *, by: Actor) -> None:
    """Refuses a held run: nothing of it is taken in. Raises Invalid without a reason, Conflict when not held."""
    if not because.strip():
        raise Invalid({"because": "Say why the run is refused."})
    move([run], CqcImportState.REFUSED, "cqc:refused", by=by, reason=because.strip(), values=_decided(by))


def _keep(state: CqcImportState, sentence: str, changes: Changes, whose: Mapping[str, Any], by: Actor) -> CqcImport:
    """Writes a run down as it stands. Of shared data every authority with a scheme reads in its own audit."""
    rows = [KEPT.dump_python(location, mode="json") for location in changes.locations]
    run = CqcImport(id=new_id(), state=state, sentence=sentence, rows=rows, **whose, **changes.counts)
    db.session.add(run)
    db.session.flush()
    tag = "cqc:held" if state is CqcImportState.HELD else "cqc:applied"
    facts = changes.counts
    record_told(tag, ((RowSubject(run.id, run.__tablename__, owner), facts) for owner in _readers(run)), by=by)
    return run


def _readers(run: CqcImport) -> list[UUID]:
    if not run.shared:
        return [run.authority_id]
    return list(db.session.scalars(select(Scheme.authority_id).distinct().order_by(Scheme.authority_id)))


def _gates(authority_id: UUID | None) -> set[Gate]:
    """What the authority's schemes ask for today, or all schemes: the minimum, and whether no rating is too little."""
    query = select(Scheme.id) if authority_id is None else select(Scheme.id).where(Scheme.authority_id == authority_id)
    policies = [policy_in_force(scheme_id, clock.today()) for scheme_id in db.session.scalars(query)]
    return {(one.min_cqc_rating, one.unrated_policy is UnratedPolicy.REJECT) for one in policies if one}


def _decided(by: Actor) -> dict[str, object]:
    return {"decided_at": clock.now(), "decided_by_label": by.label}


def _sentence(file: CqcFile, judged: str, excerpt: bool) -> str:
    told = judged if file.states_ratings else "The weekly directory has no ratings; it says which locations there are."
    if excerpt:
        told += (
            f" More than {HELD_ABOVE_PERCENT} % of the register is not in the file, so it is taken for an excerpt and"
            " no location is marked as gone."
        )
    return told[:600]


def _apply(run: CqcImport, changes: Changes, *, by: Actor) -> None:
    """What is stated counts from now on for those on whose behalf the changes were worked out."""
    owner = changes.register.authority_id
    _write_ratings(run, changes)
    readers = _readers(run) if owner is None else [owner]
    told = [
        (
            "provider:rating_changed",
            one,
            {"was": changes.register.known[one.id].rating, "now": changes.effective[one.id].rating},
        )
        for one in changes.changed
    ]
    told += [("provider:vanished", one, {}) for one in changes.vanished]
    told += [("provider:reappeared", one, {}) for one in changes.back]
    for tag in dict.fromkeys(tag for tag, _, _ in told):
        of_tag = [(provider, facts) for named, provider, facts in told if named == tag]
        subjects = (
            (RowSubject(one.id, one.__tablename__, reader), facts) for one, facts in of_tag for reader in readers
        )
        record_told(tag, subjects, by=by)
    _write_known(changes)
    ratings_taken_in([location.location_id for location in changes.locations], owner)


def _write_ratings(run: CqcImport, changes: Changes) -> None:
    """New ratings are added, and a rating of the same day and style is corrected.

    A file without the key questions leaves those that are known.
    """
    owner, stated = changes.register.authority_id, changes.stated
    kept = {
        (row.provider_id, row.published_on, row.style): row.id
        for row in db.session.scalars(select(CqcRating).where(CqcRating.provider_id.in_(stated), of_owner(owner)))
    }
    rows: dict[RatingKey, dict[str, Any]] = {}
    said = {"source": SOURCE, "recorded_at": clock.now(), "run_id": run.id}
    for provider_id, ratings in stated.items():
        for rating in ratings:
            own = {"overall": rating.overall, **said, **rating.questions}
            rows[provider_id, rating.published_on, rating.style] = own
    names = ("provider_id", "published_on", "style")
    new = [dict(zip(names, key, strict=True)) | row for key, row in rows.items() if key not in kept]
    insert_rows(CqcRating, [{"authority_id": owner, **row} for row in new])
    for known in rows.keys() & kept.keys():
        db.session.execute(update(CqcRating).where(CqcRating.id == kept[known]).values(**rows[known]))


def _write_known(changes: Changes) -> None:
    now, gone, back = clock.now(), set(changes.vanished), set(changes.back)
    after: dict[UUID, Known] = {}
    for provider in {*changes.seen, *gone}:
        before = changes.register.known[provider.id]
        rating = changes.effective.get(provider.id)
        after[provider.id] = Known(
            rating=rating.rating if rating else before.rating,
            published_on=rating.published_on if rating else before.published_on,
            checked_at=now if provider in changes.seen else before.checked_at,
            vanished_at=now if provider in gone else None if provider in back else before.vanished_at,
        )
    providers = [provider for provider in changes.register.providers.values() if provider.id in after]
    write_known(changes.register.authority_id, providers, after)
    if changes.register.authority_id is None:
        follow_shared(providers)
