"""What an act has left in the tables: everything that belongs to it, or nothing. Anything between is a problem in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.audit.models import AuditEntry, AuditFact
from app.database import db
from app.messages.models import Delivery, Message
from app.tasks.models import ImportedFile, Task
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardState
from brokerage.outside.models import OutsideAward
from contracts.agreements.models import Agreement, AgreementVersion
from faults.world import PROVIDERS, World
from marketplace.membership.models import Capacity
from marketplace.packages.models import FundingShare, Package, PackageVisit
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.models import Issue, Offer, OfferLine, OfferLink, Response, Round
from marketplace.rounds.rules import ResponseState, RoundState


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether it was done, and what is not as it should be if it was, or was not."""

    done: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """A file: what its references start with, how many packages it holds, and the number of its first person."""

    prefix: str
    rows: int
    first: int


def count(model: Any, *where: Any) -> int:
    """How many rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def judged(done: bool, facts: dict[str, tuple[object, object]]) -> Effect:
    """Compares what was found with what belongs there: name → (found, expected)."""
    wrong = [f"{name} is {found}, not {expected}" for name, (found, expected) in facts.items() if found != expected]
    return Effect(done, tuple(wrong))


def entries(tag: str, subject_id: UUID) -> int:
    """How often the audit says this of a thing."""
    return count(AuditEntry, AuditEntry.tag == tag, AuditEntry.subject_id == subject_id)


def of_offering(_world: World, package_id: UUID) -> Effect:
    """A round, an issue, an offer with its line, message and link for every provider, one audit entry; or none."""
    status = db.session.get_one(Package, package_id).status
    rounds = db.session.scalars(select(Round).where(Round.package_id == package_id)).unique().all()
    if not rounds:
        return judged(False, {"package": (status, PackageStatus.READY)})
    issue_id = rounds[0].issue_id
    offers: Select[Any] = select(Offer.id).where(Offer.issue_id == issue_id)
    facts: dict[str, tuple[object, object]] = {
        "package": (status, PackageStatus.ON_OFFER),
        "rounds": (len(rounds), 1),
        "offers": (count(Offer, Offer.issue_id == issue_id), PROVIDERS),
        "lines": (count(OfferLine, OfferLine.round_id == rounds[0].id), PROVIDERS),
        "messages": (count(Message, Message.about_id.in_(offers)), PROVIDERS),
        "links": (count(OfferLink, OfferLink.offer_id.in_(offers)), PROVIDERS),
        "audit entries": (entries("issue:made", issue_id), 1),
    }
    return judged(True, facts)


def of_answer(_world: World, subject: Any) -> Effect:
    """An answer in its first version that was sent, and one audit entry that says the same; or none."""
    response = db.session.scalars(select(Response).where(Response.line_id == subject.line_id)).one_or_none()
    noted = [facts for facts in _facts("response:sent", subject.offer_id) if facts.get("package") == subject.package]
    if response is None:
        return judged(False, {"audit entries": (len(noted), 0)})
    facts: dict[str, tuple[object, object]] = {
        "state": (response.state, ResponseState.SUBMITTED),
        "price": (response.price_pence, 2450),
        "version": (response.version, 1),
        "audit entries": (len(noted), 1),
        "version in the audit": (noted[0]["version"] if noted else None, response.version),
    }
    return judged(True, facts)


def of_award(_world: World, subject: Any) -> Effect:
    """An award, an agreement with a version, the round and package awarded, the winner told once; or none."""
    package = db.session.get_one(Package, subject.package_id)
    round_ = db.session.scalars(select(Round).where(Round.package_id == package.id)).unique().one()
    made = db.session.scalars(select(Award).where(Award.round_id == round_.id)).unique().all()
    agreements = db.session.scalars(select(Agreement).where(Agreement.package_id == package.id)).unique().all()
    done = bool(made)
    facts: dict[str, tuple[object, object]] = {
        "awards": ([one.state for one in made], [AwardState.AWARDED] if done else []),
        "agreements": (len(agreements), int(done)),
        "round": (round_.state, RoundState.AWARDED if done else RoundState.CLOSED),
        "package": (package.status, PackageStatus.AWARDED if done else PackageStatus.AWAITING_AWARD),
    }
    if done and agreements:
        agreement = agreements[0]
        facts |= {
            "versions": (count(AgreementVersion, AgreementVersion.agreement_id == agreement.id), 1),
            "winner's messages": (count(Message, Message.about_id == agreement.id, Message.kind == "award:made"), 1),
            "audit entries": (entries("award:made", made[0].id), 1),
        }
    return judged(done, facts)


def of_import(world: World, file: Imported) -> Effect:
    """All packages of the file with their weeks and shares, the file noted, one audit entry; or none."""
    own: Select[Any] = select(Package.id).where(Package.council_reference.startswith(file.prefix))
    packages = count(Package, Package.council_reference.startswith(file.prefix))
    tasks = db.session.scalars(select(Task).where(Task.kind == "packages:import")).all()
    done = packages > 0
    rows = file.rows if done else 0
    facts: dict[str, tuple[object, object]] = {
        "packages": (packages, rows),
        "with visits": (count_distinct(PackageVisit, own), rows),
        "with funding": (count_distinct(FundingShare, own), rows),
        "audit entries of packages": (count(AuditEntry, AuditEntry.subject_id.in_(own)), rows),
        "files noted": (
            count(ImportedFile, ImportedFile.target_id == world.scheme_id),
            len([task for task in tasks if task.state.value == "done"]),
        ),
        "audit entries of imports": (
            entries("packages:imported", world.scheme_id),
            len([task for task in tasks if task.state.value == "done"]),
        ),
    }
    return judged(done, facts)


def count_distinct(model: Any, packages: Select[Any]) -> int:
    """How many of these packages have at least one such row."""
    query = select(func.count(func.distinct(model.package_id))).where(model.package_id.in_(packages))
    return db.session.scalar(query) or 0


def whole(world: World) -> list[str]:
    """Problems that no single act shows: rows without those they belong to, hours that do not add up."""
    return list(_whole(world))


def _whole(world: World) -> Iterator[str]:
    offers_alone = count(Offer, ~Offer.id.in_(select(OfferLine.offer_id)))
    issues_alone = count(Issue, ~Issue.id.in_(select(Round.issue_id)))
    mails_alone = count(Delivery, ~Delivery.message_id.in_(select(Message.id)))
    awards = select(Award.id).union(select(OutsideAward.id))
    agreements_alone = count(Agreement, ~Agreement.award_id.in_(awards))
    for number, what in (
        (offers_alone, "offers without a package"),
        (issues_alone, "issues without a round"),
        (mails_alone, "emails without a message"),
        (agreements_alone, "agreements without an award"),
    ):
        if number:
            yield f"{number} {what}"
    held = db.session.scalar(select(func.sum(Award.held_minutes))) or 0
    taken = db.session.scalar(select(func.sum(Capacity.committed_minutes)).where(Capacity.scheme_id == world.scheme_id))
    if held != taken:
        yield f"{taken} minutes of capacity are taken, and awards hold {held}"


def _facts(tag: str, subject_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(AuditFact.facts)
        .join(AuditEntry, AuditEntry.id == AuditFact.entry_id)
        .where(AuditEntry.tag == tag, AuditEntry.subject_id == subject_id)
    )
    return [dict(facts) for facts in db.session.scalars(query)]
