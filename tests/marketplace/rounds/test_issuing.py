"""Offering a batch or one package: whom, what, on which terms, and what is written down."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app import clock
from app.audit.models import AuditEntry, AuditFact
from app.database import db, patience
from app.errors import Conflict
from app.messages.models import Delivery, Message
from marketplace.batches.rules import BatchState
from marketplace.packages.rules import PackageStatus, Urgency
from marketplace.rounds.issuing import issue_batch, issue_package
from marketplace.rounds.models import Exclusion, NotInvited, Offer, OfferLine, OfferLink, Round
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.vocabulary import Window
from tests.marketplace.makers import a_member, a_package, a_policy, a_provider, a_scheme, utc
from tests.marketplace.rounds.makers import a_sealed_batch, counted

TUESDAY = utc(2026, 11, 10, 10, 0, 0)


@pytest.fixture
def by(people):
    return people.viewer("navigator").actor


@pytest.fixture
def scheme(people):
    return a_scheme(people)


def lines_by_provider(issue):
    query = (
        select(Offer.provider_id, Round.package_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .where(Offer.issue_id == issue.id)
    )
    found = {}
    for provider_id, package_id in db.session.execute(query):
        found.setdefault(provider_id, set()).add(package_id)
    return found


def test_each_offer_holds_exactly_the_packages_its_provider_covers(scheme, by):
    preston, both, leyland = (a_member(scheme, areas=areas) for areas in (["PR1"], ["PR1", "PR2"], ["PR25"]))
    first, second = a_package(scheme), a_package(scheme, postcode="PR2 1AA")
    issue = issue_batch(a_sealed_batch(scheme, [first, second]), by=by)
    assert lines_by_provider(issue) == {preston.id: {first.id}, both.id: {first.id, second.id}}
    assert leyland.id not in lines_by_provider(issue)


def test_everything_of_one_issue_carries_one_instant_and_the_batch_is_offered(scheme, by):
    for _ in range(3):
        a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    with clock.moved_to(TUESDAY):
        issue = issue_batch(batch, by=by)
    db.session.expire_all()
    assert {offer.issued_at for offer in issue.offers} == {issue.issued_at} == {TUESDAY}
    assert issue.deadline == utc(2026, 11, 17, 17, 0, 0)
    assert (batch.state, issue.rounds[0].package.status) == (BatchState.OFFERED, PackageStatus.ON_OFFER)


def test_tickets_and_references_are_each_offers_own_and_the_seed_is_committed_to(scheme, by):
    for _ in range(5):
        a_member(scheme)
    issue = issue_package(a_package(scheme), by=by)
    assert len({offer.ticket for offer in issue.offers}) == len({offer.reference for offer in issue.offers}) == 5
    assert issue.seed_hash == sha256(issue.seed.encode()).hexdigest()
    assert issue.seed_shown is None


def test_the_terms_are_those_of_the_policy_in_force_and_stay_when_it_changes(scheme, by):
    a_member(scheme)
    issue = issue_package(a_package(scheme), by=by)
    a_policy(scheme, valid_from=clock.today(), quality_weight=50, price_weight=50)
    db.session.expire_all()
    assert (issue.quality_weight, issue.price_weight, issue.quality_minimum) == (60, 40, 40)
    assert (issue.rounds[0].floor_pence, issue.rounds[0].ceiling_pence) == (2200, 3300)


@pytest.mark.parametrize(
    ("urgency", "window", "hours"), [(Urgency.URGENT, Window.URGENT, 4), (Urgency.STANDARD, Window.STANDARD, 24)]
)
def test_the_window_of_a_single_package_follows_its_urgency(scheme, by, urgency, window, hours):
    a_member(scheme)
    package = a_package(scheme, urgency=urgency)
    with clock.moved_to(TUESDAY):
        issue = issue_package(package, by=by)
    assert (issue.window, issue.deadline) == (window, TUESDAY + timedelta(hours=hours))


def test_nobody_eligible_means_unsourced_at_once_with_the_reasons_per_provider(scheme, by):
    far = a_member(scheme, areas=["LA1"])
    unskilled = a_member(scheme)
    package = a_package(scheme, skills=["dementia"])
    issue = issue_package(package, by=by)
    rows = {row.code: row.providers for row in db.session.scalars(select(Exclusion))}
    assert (issue.state, issue.rounds[0].state) == (OfferState.CLOSED, RoundState.NONE_ACCEPTED)
    assert package.status is PackageStatus.UNSOURCED
    assert package.status_reason.startswith("Nobody could be asked")
    assert rows["not_covered"] == {"Neither PR1 8 nor PR1 is among its areas for homecare.": [str(far.id)]}
    assert set(*rows["skills_missing"].values()) == {str(far.id), str(unskilled.id)}
    assert db.session.scalars(select(Message).where(Message.kind == "offer:new")).all() == []


def test_a_batch_of_which_nothing_could_be_offered_is_settled(scheme, by):
    a_member(scheme, areas=["LA1"])
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    issue_batch(batch, by=by)
    assert batch.state is BatchState.SETTLED


def test_one_package_without_anybody_does_not_hold_up_the_others(scheme, by):
    member = a_member(scheme, areas=["PR1"])
    fine, lonely = a_package(scheme), a_package(scheme, postcode="PR2 1AA")
    issue = issue_batch(a_sealed_batch(scheme, [fine, lonely]), by=by)
    assert lines_by_provider(issue) == {member.id: {fine.id}}
    assert (fine.status, lonely.status) == (PackageStatus.ON_OFFER, PackageStatus.UNSOURCED)


def test_of_sister_locations_only_the_nearest_is_asked(scheme, by):
    near = a_provider(base_easting=353_700)
    far = a_provider(base_easting=400_000)
    far.organisation_id = near.organisation_id
    for provider in (near, far):
        a_member(scheme, provider)
    issue = issue_package(a_package(scheme), by=by)
    assert set(lines_by_provider(issue)) == {near.id}


def test_rounds_are_numbered_and_say_what_changed(scheme, by):
    a_member(scheme, areas=["LA1"])
    package = a_package(scheme)
    issue_package(package, by=by)
    again = issue_package(package, by=by)
    third = issue_package(package, by=by, changed_since="Two zones more")
    assert [(one.rounds[0].number, one.rounds[0].changed_since) for one in (again, third)] == [
        (2, "Nothing"),
        (3, "Two zones more"),
    ]


def test_a_district_with_few_packages_is_shown_as_its_zone(scheme, by):
    a_member(scheme)
    issue = issue_package(a_package(scheme), by=by)
    assert issue.rounds[0].area_shown == "Preston"
    for _ in range(4):
        a_package(scheme)
    assert issue_package(a_package(scheme), by=by).rounds[0].area_shown == "PR1"


def test_packages_of_more_than_a_year_ago_do_not_hide_anybody(scheme, by):
    a_member(scheme)
    for _ in range(9):
        a_package(scheme, created_at=clock.now() - timedelta(days=366))
    assert issue_package(a_package(scheme), by=by).rounds[0].area_shown == "Preston"


def test_each_provider_gets_one_message_and_each_contact_a_link_of_their_own(scheme, by):
    members = [a_member(scheme) for _ in range(3)]
    issue = issue_package(a_package(scheme), by=by)
    messages = db.session.scalars(select(Message).where(Message.kind == "offer:new")).all()
    assert {one.organisation_id for one in messages} == {member.organisation_id for member in members}
    assert {one.about_id for one in messages} == {offer.id for offer in issue.offers}
    paths = {path.removeprefix("/offer-links/") for path in db.session.scalars(select(Delivery.path))}
    kept = set(db.session.scalars(select(OfferLink.secret_hash)))
    assert {sha256(token.encode()).hexdigest() for token in paths} == kept
    assert len(kept) == 3


def test_a_contact_that_has_left_is_not_told(scheme, by):
    member = a_member(scheme)
    member.contacts[0].left_at = clock.now()
    issue_package(a_package(scheme), by=by)
    assert db.session.scalars(select(Delivery)).all() == []
    assert len(db.session.scalars(select(Message).where(Message.kind == "offer:new")).all()) == 1


def test_no_message_says_who_the_person_is_or_how_many_were_asked(scheme, by):
    for _ in range(7):
        a_member(scheme)
    package = a_package(scheme)
    issue_package(package, by=by)
    for message in db.session.scalars(select(Message).where(Message.kind == "offer:new")):
        told = f"{message.subject} {message.body}"
        assert "ZZMabel" not in told
        assert package.postcode not in told
        assert " 7 " not in told


def test_the_audit_has_one_entry_with_the_count_and_digest_of_the_set(scheme, by):
    members = [a_member(scheme) for _ in range(3)]
    packages = [a_package(scheme) for _ in range(2)]
    issue = issue_batch(a_sealed_batch(scheme, packages), by=by)
    query = select(AuditFact.facts).join(AuditEntry, AuditEntry.id == AuditFact.entry_id)
    (facts,) = db.session.scalars(query.where(AuditEntry.subject_id == issue.id)).all()
    named = ",".join(sorted(str(member.id) for member in members))
    content = "".join(f"{key}:{named}\n" for key in sorted(str(package.id) for package in packages))
    assert (facts["packages"], facts["offers"], facts["lines"]) == (2, 3, 6)
    assert facts["digest"] == sha256(content.encode()).hexdigest()


@pytest.mark.parametrize("status", [PackageStatus.DRAFT, PackageStatus.ON_HOLD, PackageStatus.AWARDED])
def test_a_package_in_another_state_is_not_offered(scheme, by, status):
    a_member(scheme)
    package = a_package(scheme, status=status)
    with pytest.raises(Conflict, match="cannot be offered now"):
        issue_package(package, by=by)


def test_a_batch_is_offered_once(scheme, by):
    a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    issue_batch(batch, by=by)
    with pytest.raises(Conflict, match="offered already"):
        issue_batch(batch, by=by)


def test_issuing_asks_a_constant_number_of_queries(scheme, by):
    def cost(packages):
        batch = a_sealed_batch(scheme, packages)
        db.session.expire_all()
        with counted() as statements:
            issue_batch(batch, by=by)
        return len(statements)

    a_member(scheme)
    small = cost([a_package(scheme)])
    for _ in range(12):
        a_member(scheme)
    large = cost([a_package(scheme) for _ in range(6)])
    assert large <= small + 2


@pytest.mark.postgres_only
def test_a_batch_is_offered_even_if_one_of_its_statements_takes_longer_than_a_page_would_wait(scheme, by):
    a_member(scheme)
    batch = a_sealed_batch(scheme, [a_package(scheme)])
    db.session.execute(
        text(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$"
        )
    )
    db.session.execute(text("CREATE TRIGGER slow AFTER INSERT ON offer EXECUTE FUNCTION slow()"))
    with patience(3):
        assert issue_batch(batch, by=by).offers
    db.session.rollback()


@pytest.mark.parametrize("table", ["round", "offer", "exclusion"])
def test_what_lines_and_those_left_out_name_cannot_be_deleted(scheme, by, table):
    a_member(scheme)
    a_member(scheme, areas=["LA1"])
    issue_package(a_package(scheme), by=by)
    db.session.commit()
    with pytest.raises(DBAPIError, match=f"other rows name this {table}"):
        db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (our own names)
    db.session.rollback()


def test_no_line_and_nobody_left_out_is_without_its_round_offer_and_list(scheme, by):
    """The keys that these tables do without, asked of what was written: alone, in a batch, and offered again."""
    for areas in (["PR1"], ["PR1"], ["LA1"]):
        a_member(scheme, areas=areas)
    issue_package(a_package(scheme), by=by)
    issue_batch(a_sealed_batch(scheme, [a_package(scheme) for _ in range(3)]), by=by)
    for table, keys in ((OfferLine, (Round, Offer)), (NotInvited, (Round, Exclusion))):
        assert db.session.scalar(select(func.count()).select_from(table)) > 0
        for named in keys:
            key = getattr(table, f"{named.__tablename__}_id")
            orphans = (
                select(func.count()).select_from(table).outerjoin(named, named.id == key).where(named.id.is_(None))
            )
            assert db.session.scalar(orphans) == 0
