"""What the demo does not show by itself, made on the audit's copy: every page needs something to be shown about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from app import clock
from app.audit import Actor
from app.database import db
from app.parties.models import User
from app.parties.roles import OrganisationKind
from app.parties.services import organisation_named
from app.parties.viewer import viewer_of
from brokerage.allocation.models import Award
from brokerage.allocation.proposals import propose_for_batch
from brokerage.ranking.services import declare_conflict, rank_due
from marketplace.batches.models import LeftOutPackage
from marketplace.batches.proposing import propose_batches
from marketplace.membership.models import Membership
from marketplace.membership.removals import propose_removal
from marketplace.membership.rules import MembershipState
from marketplace.membership.suspensions import SuspensionDraft, override_gate, suspend
from marketplace.packages.models import Package
from marketplace.packages.rules import Source
from marketplace.people.break_glass import open_identity, within_reach
from marketplace.people.models import Person, RepresentativeKind
from marketplace.people.queries import in_scope
from marketplace.people.services import RepresentativeDetails, add_representative
from marketplace.providers.known import shared_of, write_known
from marketplace.providers.models import CqcImport, CqcImportState, CqcRating, Provider
from marketplace.rounds.models import Issue, Offer, OfferLink, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import Scheme
from marketplace.vocabulary import Rating
from pagecheck import furnishing_accounts as accounts
from pagecheck.ground import officer_named

Step = Callable[[Scheme, str], str | None]


def furnish(coordinator_email: str) -> list[str]:
    """Makes everything and commits; the addresses of what no link is sure to lead to."""
    scheme = db.session.scalars(select(Scheme).order_by(Scheme.created_at).limit(1)).one()
    addresses = []
    for step in (*STEPS, *(alone(make) for make in ACCOUNTS)):
        addresses.append(step(scheme, coordinator_email))
        db.session.commit()
    return [address for address in addresses if address]


def alone(make: Callable[[], str | None]) -> Step:
    """A step that needs to know nothing."""
    return lambda _scheme, _email: make()


def officer(name: str) -> Actor:
    """An officer of the demo, as an actor."""
    return viewer_of(officer_named(name)).actor


def own_provider(email: str) -> Provider:
    """The provider of the coordinator who visits."""
    of_user = select(Provider).join(User, User.organisation_id == Provider.organisation_id)
    return db.session.scalars(of_user.where(User.email == email).limit(1)).one()


def other_members(email: str) -> list[Provider]:
    """Members that the visiting coordinator has nothing to do with, in a steady order."""
    members = select(Provider).join(Membership, Membership.provider_id == Provider.id)
    standing = members.where(Membership.state == MembershipState.ACTIVE, Provider.id != own_provider(email).id)
    return list(db.session.scalars(standing.distinct().order_by(Provider.reference)))


def a_removal(_scheme: Scheme, email: str) -> None:
    """The visiting provider may be removed from one lot."""
    own = select(Membership).where(Membership.provider_id == own_provider(email).id).order_by(Membership.id).limit(1)
    until = clock.today() + timedelta(days=20)
    propose_removal(db.session.scalars(own).one(), "Visits were missed too often.", until, by=officer("contracts"))


def a_suspension(scheme: Scheme, email: str) -> None:
    """New offers to one member are suspended."""
    today = clock.today()
    draft = SuspensionDraft("Too few carers.", today, today + timedelta(days=14), today + timedelta(days=28))
    suspend(scheme, other_members(email)[0], draft, by=officer("contracts"))


def an_override(scheme: Scheme, email: str) -> str:
    """A member below the CQC gate goes on with a reason, which may be taken back."""
    provider = other_members(email)[1]
    low = replace(shared_of(provider), rating=Rating.INADEQUATE)
    write_known(scheme.authority_id, [provider], {provider.id: low})
    reason, last_day = "The rating is about another location.", clock.today() + timedelta(days=60)
    override = override_gate(scheme, provider, reason, last_day, by=officer("contracts"))
    of_scheme = select(Membership.id).where(Membership.scheme_id == scheme.id, Membership.provider_id == provider.id)
    membership = db.session.scalars(of_scheme.order_by(Membership.id).limit(1)).one()
    return f"/memberships/{membership}/override/{override.id}/take-back"


def held_ratings(scheme: Scheme, _email: str) -> None:
    """A file of ratings waits for somebody to look at it."""
    counts = {"seen": 84, "changed": 12, "fallen": 9, "vanished": 0}
    held = {"state": CqcImportState.HELD, "filename": "ratings.csv", "sentence": "9 ratings fell at once.", "rows": []}
    db.session.add(CqcImport(authority_id=scheme.authority_id, **held, **counts))


def ratings_of_others(_scheme: Scheme, email: str) -> str:
    """Another council has taken in ratings of a provider that this one knows."""
    other = organisation_named(OrganisationKind.COUNCIL, "Neighbour Council", by=officer("contracts"))
    counts = {"seen": 1, "changed": 1, "fallen": 0, "vanished": 0}
    said = {"state": CqcImportState.APPLIED, "filename": "ratings.csv", "sentence": "Taken in.", "rows": []}
    run = CqcImport(authority_id=other.id, **said, **counts)
    db.session.add(run)
    db.session.flush()
    rating = {"published_on": clock.today(), "overall": Rating.OUTSTANDING, "source": "CQC file"}
    provider = other_members(email)[2]
    db.session.add(CqcRating(provider_id=provider.id, authority_id=other.id, run_id=run.id, **rating))
    return f"/cqc/of-others/{run.id}"


def a_representative(_scheme: Scheme, _email: str) -> None:
    """A daughter speaks for every fifth person, so that each team has one."""
    details = RepresentativeDetails(RepresentativeKind.FAMILY, "ZZAnnis", "07700 900123", "", date(2025, 1, 1))
    for person in db.session.scalars(select(Person).order_by(Person.reference).limit(100)).all()[::5]:
        add_representative(person, details, by=officer("navigator"))


def drafts(scheme: Scheme, _email: str) -> str:
    """Draft batches; some proposal has left packages out."""
    propose_batches(scheme, None, list(Source), officer("navigator"))
    return f"/batches/proposals/{db.session.scalars(select(LeftOutPackage.proposal_id).limit(1)).one()}/left-out"


def an_opened_identity(_scheme: Scheme, _email: str) -> None:
    """A social worker had to know who somebody outside their team is."""
    viewer = viewer_of(officer_named("socialworker"))
    people = db.session.scalars(within_reach(viewer).order_by(Person.reference))
    stranger = next(person for person in people if not in_scope(viewer, person))
    open_identity(viewer, stranger, "The family is on the telephone and nobody of the team can be reached.")


def a_word_in_question(_scheme: Scheme, _email: str) -> str:
    """The pen picture of a package of the visiting team holds a word that may be the person's name."""
    team = officer_named("socialworker").roles[0].team_id
    package = db.session.scalars(
        select(Package).where(Package.referring_team_id == team).order_by(Package.reference.desc()).limit(1)
    ).one()
    package.pen_picture += f" Likes the {package.person.name.split()[-1]} gardens."
    return f"/packages/{package.id}/words"


def a_proposal(_scheme: Scheme, _email: str) -> None:
    """A provider proposed for each package of an offer; the broker has declared no interest."""
    rank_due()
    waiting = select(Issue).join(Round, Round.issue_id == Issue.id).outerjoin(Award, Award.round_id == Round.id)
    closed = waiting.where(Issue.state == OfferState.CLOSED, Round.state == RoundState.CLOSED, Award.id.is_(None))
    for issue in db.session.scalars(closed.distinct().order_by(Issue.reference).limit(3)):
        for name in ("broker", "manager"):
            declare_conflict(issue, False, "", by=officer(name))
        propose_for_batch(issue, by=officer("broker"))


def a_link(_scheme: Scheme, email: str) -> None:
    """The link in the email about an open offer, with a secret that the audit knows."""
    links = select(OfferLink).join(Offer, Offer.id == OfferLink.offer_id).join(Issue, Issue.id == Offer.issue_id)
    live = links.where(Offer.provider_id == own_provider(email).id, Issue.deadline > clock.now())
    link = db.session.scalars(live.where(OfferLink.spent_at.is_(None)).order_by(OfferLink.id).limit(1)).one()
    link.secret_hash = accounts.HASHED


STEPS: tuple[Step, ...] = (
    *(
        a_removal,
        a_suspension,
        an_override,
        held_ratings,
        ratings_of_others,
        a_representative,
        drafts,
        a_proposal,
        a_link,
    ),
    a_word_in_question,
    an_opened_identity,
)
ACCOUNTS: tuple[Callable[[], str | None], ...] = (
    *(accounts.roles_to_decide, accounts.roles_that_wait, accounts.an_invitation, accounts.a_lost_password),
    *(accounts.a_kept_form, accounts.work_refused, accounts.work_under_way),
    *(accounts.somebody_to_invite, accounts.an_organisation_to_decide),
)
