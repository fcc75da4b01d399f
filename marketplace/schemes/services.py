"""Setting up a scheme and bringing it up to date from its file. The same file again changes nothing.

A file adds and changes; what it does not name stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Invalid
from app.files.source import Source, stream_of
from app.imports.kinds import FileKind, Upload
from app.parties.models import Organisation
from app.parties.roles import OrganisationKind
from app.parties.services import organisation_named, team_named
from app.parties.viewer import Viewer
from app.tasks import Task
from marketplace.schemes.contents import put_lots, put_zones
from marketplace.schemes.decline_reasons import list_decline_codes
from marketplace.schemes.file_rules import SchemeTerms, read_scheme_file
from marketplace.schemes.models import Scheme
from marketplace.schemes.policies import add_policy, policy_before, terms_of
from marketplace.schemes.queries import scheme_named, teams_of
from marketplace.schemes.regime_rules import LAST_AWARD_DAY, Regime, reasons_against_new_end

FROM_FILE = "Entered from the scheme's file"


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file did: `changes` are sentences, empty when everything was so already."""

    scheme: Scheme
    created: bool
    changes: tuple[str, ...]


def import_scheme(data: bytes, *, by: Actor, authority_name: str = "", established_on: date | None = None) -> Imported:
    """Sets up or updates a scheme from its file, for the authority it names or the one given; registers it if new.

    `established_on` (today unless given) is for a file that does not say it. Raises Invalid with every problem.
    """
    terms = _terms_in(data)
    authority = organisation_named(OrganisationKind.COUNCIL, authority_name or terms.authority, by=by)
    return put_in_place(terms, authority, by=by, established_on=established_on)


def own_terms(authority: Organisation, data: bytes) -> SchemeTerms:
    """What a file of this authority says; one of another authority is refused. Raises Invalid with every problem."""
    terms = _terms_in(data)
    if terms.authority.casefold() != authority.name.casefold():
        raise Invalid({"authority": f"authority: This file is of another authority than {authority.name}."})
    return terms


def put_in_place(
    terms: SchemeTerms, authority: Organisation, *, by: Actor, established_on: date | None = None
) -> Imported:
    """Makes the scheme as the terms say, adding and changing only what differs."""
    scheme = scheme_named(authority.id, terms.name)
    created = scheme is None
    scheme = scheme or _create(terms, authority, established_on or clock.today(), by)
    begins = terms.valid_from or (scheme.established_on if created else max(clock.today(), scheme.established_on))
    changes = [
        *([] if created else _put_outline(scheme, terms, by)),
        *_put_icb(scheme, terms, by),
        *_put_policy(scheme, terms, begins, by),
        *put_zones(scheme, terms.zones, by=by),
        *put_lots(scheme, terms.lots, begins, by=by),
        *_put_teams(authority, terms),
    ]
    if reasons := list_decline_codes(authority.id):
        audit.record("scheme:decline_reasons_listed", scheme, by=by, reasons=reasons)
    db.session.expire(scheme, ["lots", "zones"])
    return Imported(scheme, created, tuple(changes))


def change_end(scheme: Scheme, ends_on: date | None, *, because: str, by: Actor) -> None:
    """Changes the last day of a scheme; raises Invalid when its regime does not let it (rule H10)."""
    problems = list(reasons_against_new_end(scheme.regime, scheme.ends_on, ends_on, clock.today()))
    if ends_on is not None and ends_on <= scheme.established_on:
        problems.append("The end must be after the day on which the scheme began.")
    if problems:
        raise Invalid({"ends_on": " ".join(problems)})
    before, scheme.ends_on = scheme.ends_on, ends_on
    db.session.flush()
    facts = {"ends_on": _iso(ends_on), "before": _iso(before)}
    audit.record("scheme:end_changed", scheme, by=by, reason=because, **facts)


def _terms_in(data: bytes) -> SchemeTerms:
    reading = read_scheme_file(data)
    if reading.terms is None:
        raise Invalid({key: f"{key}: {sentence}" for key, sentence in reading.problems.items()})
    return reading.terms


def _create(terms: SchemeTerms, authority: Organisation, established_on: date, by: Actor) -> Scheme:
    if terms.regime is Regime.PCR2015_DPS and terms.ends_on and terms.ends_on > LAST_AWARD_DAY:
        raise Invalid({"ends_on": "ends_on: A dynamic purchasing system cannot run beyond 23 February 2029."})
    scheme = Scheme(
        authority_id=authority.id,
        name=terms.name,
        regime=terms.regime,
        established_on=terms.established_on or established_on,
        ends_on=terms.ends_on,
    )
    db.session.add(scheme)
    db.session.flush()
    audit.record("scheme:created", scheme, by=by, name=scheme.name, regime=scheme.regime.value)
    return scheme


def _put_outline(scheme: Scheme, terms: SchemeTerms, by: Actor) -> list[str]:
    """What identifies a scheme cannot change under it; its end can, where the regime lets it."""
    if terms.regime is not scheme.regime:
        raise Invalid({"regime": "regime: A scheme keeps its regime. Set up a new scheme under another name."})
    if terms.established_on not in (None, scheme.established_on):
        raise Invalid({"established_on": "established_on: The day on which a scheme began does not change."})
    if terms.ends_on in (None, scheme.ends_on):
        return []
    change_end(scheme, terms.ends_on, because=FROM_FILE, by=by)
    return ["The end of the scheme was changed."]


def _put_icb(scheme: Scheme, terms: SchemeTerms, by: Actor) -> list[str]:
    if not terms.default_icb:
        return []
    icb = organisation_named(OrganisationKind.ICB, terms.default_icb, by=by)
    if scheme.default_icb_id == icb.id:
        return []
    scheme.default_icb_id = icb.id
    audit.record("scheme:icb_changed", scheme, by=by, icb=icb.name)
    return [f"{icb.name} shares in health-funded packages."]


def _put_policy(scheme: Scheme, terms: SchemeTerms, begins: date, by: Actor) -> list[str]:
    in_force = policy_before(scheme, begins)
    if in_force is not None and terms_of(in_force) == terms.policy:
        return []
    add_policy(scheme, terms.policy, begins, because=FROM_FILE, by=by)
    return [f"A policy from {begins.day} {begins:%B %Y}."]


def _put_teams(authority: Organisation, terms: SchemeTerms) -> list[str]:
    known = {team.name: team.email for team in teams_of(authority.id)}
    changed = [team for team in terms.teams if known.get(team.name) != team.email]
    for team in changed:
        team_named(authority, team.name, team.email)
    return [f"Team {team.name}." for team in changed]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def queue_scheme_file(viewer: Viewer, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues a scheme's file for the viewer's authority. Raises Conflict while another import runs.

    The same file may come again: it brings back what was changed since.
    """
    title, owner = "Set up or update a scheme", viewer.authority_id
    return SCHEME_FILE.queue(title, source, filename, authority_id=owner, target_id=owner, by=by)


def imported_sentence(done: Imported) -> str:
    """What a file did, in one sentence."""
    if done.created:
        return f"The scheme {done.scheme.name} is set up."
    return f"Changed: {' '.join(done.changes)}" if done.changes else "Everything in this file was so already."


def _check(task: Task, upload: Upload) -> SchemeTerms:
    return own_terms(_authority(task), stream_of(upload.content).read())


def _apply(task: Task, terms: SchemeTerms, by: Actor) -> dict[str, object]:
    done = put_in_place(terms, _authority(task), by=by)
    result: dict[str, object] = {"scheme": done.scheme.name, "created": "yes" if done.created else "no"}
    return result | {"changes": imported_sentence(done), "url": f"/schemes/{done.scheme.id}"}


def _authority(task: Task) -> Organisation:
    return db.session.get_one(Organisation, task.authority_id)


SCHEME_FILE = FileKind(
    name="schemes:import",
    check=_check,
    apply=_apply,
    refused="Nothing was changed. Correct what is named below and upload the file again.",
    again=True,
)
