"""Ranking a round from what the database holds, and freezing it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry, AuditFact
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from brokerage.ranking import queries, services
from brokerage.ranking.access import reason_against_seeing
from brokerage.ranking.meant import closed_rounds
from brokerage.ranking.models import Ranking
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState
from marketplace.offers.models import Issue, OfferLine, Response, Round
from marketplace.offers.rules import OfferState, ResponseState, RoundState
from marketplace.providers.models import CqcRating
from marketplace.schemes.rules import LotUnit, Rating
from marketplace.vetting.membership_rules import MembershipState
from marketplace.vetting.models import Capacity, Membership, Standing, Suspension
from tests.brokerage.ranking.database_makers import CountedSelects, a_ranked_scene, a_scene
from tests.marketplace.makers import a_member, a_package, a_provider, a_response, a_scheme, an_issue, line_of


def names(ranking):
    return [place.scored.entry.name for place in ranking.places]


def ranked(scene, because="The deadline passed.", by=SYSTEM):
    services.rank_round(scene.round, because=because, by=by)
    return queries.ranking_of(scene.round)


def test_a_round_is_ranked_sixty_forty_from_what_the_database_holds(session, people):
    row, ranking = ranked(a_scene(people))
    assert names(ranking) == ["Birch", "Ash", "Cedar"]
    birch = ranking.firm[0].scored
    assert birch.quality.value == Fraction(30 * 70 + 20 * 75, 50)
    assert birch.price_score == Fraction(100 * (3300 - 2400), 1100)
    assert [one.component.kind.value for one in birch.quality.counted] == ["entry", "cqc"]
    assert (row.number, len(row.digest)) == (1, 64)
    assert services.replays(row)


def test_ranking_again_gives_the_same_row_while_nothing_has_changed(session, people):
    scene = a_scene(people)
    first, _ = ranked(scene)
    assert ranked(scene, "Once more.")[0].id == first.id
    assert db.session.query(Ranking).count() == 1


def test_a_withdrawal_after_the_deadline_makes_a_second_ranking_and_keeps_the_first(session, people):
    scene = a_ranked_scene(people)
    scene.line("Birch").response.state = ResponseState.WITHDRAWN
    row, ranking = ranked(scene, "Birch withdrew.")
    assert (row.number, row.because, names(ranking)) == (2, "Birch withdrew.", ["Ash", "Cedar"])
    first = queries.rankings_of(scene.round)[-1]
    assert names(queries.replayed(first)) == ["Birch", "Ash", "Cedar"]
    assert services.replays(first)


def test_a_later_ranking_keeps_the_facts_frozen_by_the_first(session, people):
    scene = a_ranked_scene(people)
    for standing in db.session.query(Standing):
        standing.entry_score = 1
    for capacity in db.session.query(Capacity):
        capacity.declared_minutes = 60
    scene.line("Birch").response.state = ResponseState.WITHDRAWN
    _, ranking = ranked(scene)
    ash = ranking.firm[0].scored
    assert ash.quality.value == Fraction(30 * 80 + 20 * 75, 50)
    assert ash.entry.capacity_minutes == 200 * 60


def test_a_changed_byte_of_the_inputs_is_found_by_the_replay(session, people):
    row, _ = ranked(a_scene(people))
    row.inputs = row.inputs.replace("2400", "2401")
    assert not services.replays(row)
    db.session.rollback()


def test_nobody_is_ranked_before_the_deadline_and_the_refusal_says_when_it_is(session, people):
    scene = a_scene(people, closed=False)
    with pytest.raises(Conflict, match="sealed until"):
        services.rank_round(scene.round, because="Early.", by=people.viewer("broker").actor)
    with pytest.raises(Conflict, match="sealed until"):
        services.rank_issue(scene.issue, by=SYSTEM)
    assert db.session.query(Ranking).count() == 0


def test_a_round_that_has_ended_is_not_ranked_again(session, people):
    scene = a_ranked_scene(people)
    round_ = scene.round
    round_.state, round_.ended_at = RoundState.AWARDED, clock.now()
    db.session.flush()
    with pytest.raises(Conflict, match="was awarded"):
        services.rank_round(scene.round, because="Again.", by=SYSTEM)


def test_a_provider_suspended_after_responding_is_left_out_of_the_ranking_with_the_reason(session, people):
    scene = a_scene(people)
    a_suspension(scene, "Birch")
    row, ranking = ranked(scene)
    assert names(ranking) == ["Ash", "Cedar"]
    (left_out,) = row.left_out
    assert left_out["name"] == "Birch"
    assert "Missed visits" in left_out["reasons"][0]


def test_a_suspension_elsewhere_or_over_leaves_nobody_out(session, people):
    scene = a_scene(people)
    a_suspension(scene, "Ash", ends_on=clock.today() - timedelta(days=1))
    a_suspension(scene, "Birch", lifted_at=clock.now())
    a_suspension(scene, "Cedar", lot_id=None, zone_id=another_zone(scene))
    assert names(ranked(scene)[1]) == ["Birch", "Ash", "Cedar"]


def test_a_provider_removed_after_responding_is_left_out_with_the_reason(session, people):
    scene = a_scene(people)
    membership = db.session.query(Membership).filter_by(provider_id=scene.provider("Ash").id).one()
    membership.state, membership.ended_on = MembershipState.REMOVED, clock.today()
    row, ranking = ranked(scene)
    assert names(ranking) == ["Birch", "Cedar"]
    assert row.left_out[0]["reasons"] == ["It is not a member for homecare."]


def test_declines_drafts_and_withdrawn_answers_are_not_ranked(session, people):
    scene = a_scene(people)
    scene.line("Ash").response.state = ResponseState.DRAFT
    birch = scene.line("Birch").response
    birch.kind, birch.decline_code = "decline", "at_capacity"
    assert names(ranked(scene)[1]) == ["Cedar"]


def test_a_later_start_or_other_times_are_ranked_in_a_list_of_their_own(session, people):
    scene = a_scene(people)
    scene.line("Birch").response.earliest_start = scene.package.planned_start + timedelta(days=1)
    scene.line("Ash").response.alternative_times = "Not before nine on Sundays"
    _, ranking = ranked(scene)
    assert [place.scored.entry.name for place in ranking.firm] == ["Cedar"]
    assert [place.scored.entry.name for place in ranking.changed] == ["Birch", "Ash"]


def test_only_ratings_published_by_the_deadline_count_and_the_newest_of_them(session, people):
    scene = a_scene(people)
    deadline_day = scene.issue.deadline.astimezone(clock.LONDON).date()
    ash = scene.provider("Ash")
    rate(ash, deadline_day, Rating.OUTSTANDING)
    rate(ash, deadline_day + timedelta(days=1), Rating.INADEQUATE)
    ash.cqc_rating, ash.cqc_published_on = Rating.INADEQUATE, deadline_day + timedelta(days=1)
    by_name = {place.scored.entry.name: place.scored for place in ranked(scene)[1].places}
    assert by_name["Ash"].quality.value == Fraction(30 * 80 + 20 * 100, 50)


def test_an_unrated_provider_is_weighed_by_its_entry_assessment_alone(session, people):
    scene = a_scene(people)
    ash = scene.provider("Ash")
    ash.cqc_rating = Rating.UNRATED
    db.session.query(CqcRating).filter_by(provider_id=ash.id).update({"overall": Rating.UNRATED})
    by_name = {place.scored.entry.name: place.scored for place in ranked(scene)[1].places}
    assert by_name["Ash"].quality.value == 80


def test_an_assessment_made_after_the_deadline_does_not_count(session, people):
    scene = a_scene(people)
    standing = db.session.query(Standing).filter_by(provider_id=scene.provider("Ash").id).one()
    standing.entry_assessed_on = clock.today() + timedelta(days=3)
    by_name = {place.scored.entry.name: place.scored for place in ranked(scene)[1].places}
    assert by_name["Ash"].quality.value == 75
    assert "after the deadline" in by_name["Ash"].quality.absent[0].reason


def test_equal_scores_go_to_the_fewest_minutes_awarded_in_the_28_days_before_the_deadline(session, people):
    scene = a_scene(people, (("Ash", 70, 2500), ("Birch", 70, 2500)))
    agree(scene, "Ash", scene.issue.deadline - timedelta(days=27))
    agree(scene, "Birch", scene.issue.deadline - timedelta(days=28))
    agree(scene, "Birch", scene.issue.deadline + timedelta(seconds=1))
    _, ranking = ranked(scene)
    assert [place.scored.entry.awarded_minutes for place in ranking.firm] == [0, 315]
    assert names(ranking) == ["Birch", "Ash"]


def test_an_hourly_yardstick_does_not_judge_prices_per_night(session, people):
    scene = a_scene(people)
    assert names_flagged(ranked(scene)[1]) == ["Birch"]
    other = a_scene(people)
    other.issue.lot.unit = LotUnit.NIGHT
    assert names_flagged(ranked(other)[1]) == []


def test_all_rounds_of_an_issue_are_ranked_with_a_constant_number_of_reads(session, people):
    counts = []
    for packages in (2, 6):
        scheme = a_scheme(people)
        providers = [a_member(scheme, a_provider()) for _ in range(3)]
        needs = [a_package(scheme) for _ in range(packages)]
        issue = an_issue(scheme, needs, providers, closed=True)
        for need in needs:
            for provider in providers:
                a_response(line_of(issue, need, provider))
        db.session.commit()
        with CountedSelects() as seen:
            assert services.rank_issue(db.session.get_one(Issue, issue.id), by=SYSTEM) == packages
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 24


def a_county(people, packages):
    """An issue of so many packages, each with its own yeses at its own prices; two share one policy and quality."""
    scheme, luck = a_scheme(people), random.Random(packages)
    providers = [a_member(scheme, a_provider(f"Provider {n}"), entry_score=luck.choice([60, 70])) for n in range(5)]
    needs = [a_package(scheme) for _ in range(packages)]
    issue = an_issue(scheme, needs, providers, closed=True)
    for need in needs:
        for provider in luck.sample(providers, luck.randint(0, 5)):
            price, later = luck.choice([2400, 2400, 2700]), luck.choice([0, 0, 9])
            start = need.planned_start + timedelta(days=later)
            a_response(line_of(issue, need, provider), price_pence=price, earliest_start=start)
    db.session.commit()
    return issue


def places_told(ranking):
    return [(place.scored.entry, place.position, place.scored.score, place.tie_break) for place in ranking.places]


def test_rounds_read_together_have_the_order_of_each_read_alone_with_one_question(session, people):
    for packages in (3, 9):
        issue = a_county(people, packages)
        services.rank_issue(issue, by=SYSTEM)
        for round_ in db.session.query(Round).filter_by(issue_id=issue.id).limit(2):
            db.session.query(Response).filter(
                Response.line_id.in_(select(OfferLine.id).where(OfferLine.round_id == round_.id).limit(1))
            ).update({"state": ResponseState.WITHDRAWN, "withdrawn_at": clock.now()}, synchronize_session=False)
            services.rank_round(round_, because="One stepped back.", by=SYSTEM)
        with CountedSelects() as seen:
            orders = queries.orders_of(closed_rounds(issue))
        assert len(seen) == 1
        rounds = db.session.query(Round).filter_by(issue_id=issue.id).all()
        assert {one.id for one in rounds} == set(orders)
        for round_ in rounds:
            order = orders[round_.id]
            told = [(one.entry, one.position, order.score(one), one.tie_break) for one in order.standings]
            assert told == places_told(queries.ranking_of(round_)[1])


def test_the_audit_keeps_a_digest_of_the_order(session, people):
    scene = a_scene(people)
    _, ranking = ranked(scene)
    (entry,) = db.session.query(AuditEntry).filter_by(tag="ranking:made").all()
    facts = db.session.get_one(AuditFact, entry.id).facts
    tickets = ",".join(place.scored.entry.ticket for place in ranking.places)
    assert facts["order"] == sha256(tickets.encode()).hexdigest()


def test_the_order_equals_that_of_a_naive_reference(session, people):
    luck = random.Random(11)
    for _ in range(4):
        yeses = [(f"Firm {n}", luck.choice([40, 55, 70, 90]), luck.choice([2200, 2500, 3300])) for n in range(12)]
        scene = a_scene(people, yeses)
        assert names(ranked(scene)[1]) == naive_order(scene)


def test_other_ids_names_and_insertion_order_leave_the_order_of_tickets_alone(session, people):
    luck = random.Random(5)
    yeses = [(score, pence) for score in (60, 70) for pence in (2400, 2600)] * 3
    orders = []
    for _ in range(3):
        shuffled = list(enumerate(yeses))
        luck.shuffle(shuffled)
        fresh = [(f"{luck.random()}", score, pence) for _, (score, pence) in shuffled]
        scene = a_scene(people, fresh)
        scene.issue.seed = "one seed"
        db.session.query(type(scene.package)).filter_by(reference="PKG-SAME1").update({"reference": str(uuid4())[:20]})
        scene.package.reference = "PKG-SAME1"
        for (index, _), (name, _, _) in zip(shuffled, fresh, strict=True):
            scene.line(name).offer.ticket = f"ticket {index}"
        db.session.flush()
        orders.append([place.scored.entry.ticket for place in ranked(scene)[1].places])
    assert orders[0] == orders[1] == orders[2]


def test_whoever_entered_an_answer_by_phone_may_not_rank_that_round(session, people):
    scene = a_scene(people)
    response = scene.line("Ash").response
    response.entered_by, response.spoken_at = people["broker"].id, clock.now()
    with pytest.raises(NotAllowed, match="by phone"):
        services.rank_round(scene.round, because="Mine.", by=people.viewer("broker").actor)
    assert services.rank_round(scene.round, because="Ours.", by=people.viewer("broker2").actor).number == 1


def test_a_broker_declares_before_seeing_and_a_conflict_shuts_them_out(session, people):
    scene, broker = a_ranked_scene(people), people.viewer("broker")
    assert "interest in any provider" in reason_against_seeing(broker, scene.issue)
    services.declare_conflict(scene.issue, False, "", by=broker.actor)
    assert reason_against_seeing(broker, scene.issue) is None
    services.declare_conflict(scene.issue, True, "My sister works at Birch.", by=broker.actor)
    assert "cannot see, rank or award" in reason_against_seeing(broker, scene.issue)
    with pytest.raises(NotAllowed, match="interest"):
        services.rank_round(scene.round, because="Mine.", by=broker.actor)
    with pytest.raises(Conflict, match="declared an interest before"):
        services.declare_conflict(scene.issue, False, "", by=broker.actor)


def test_a_conflict_needs_its_reason(session, people):
    scene = a_scene(people)
    with pytest.raises(Invalid, match="which provider"):
        services.declare_conflict(scene.issue, True, "  ", by=people.viewer("broker").actor)


def test_those_who_only_read_need_not_declare_but_wait_for_the_deadline_too(session, people):
    scene = a_scene(people, closed=False)
    assert "sealed until" in reason_against_seeing(people.viewer("auditor"), scene.issue)
    scene.issue.state = OfferState.CLOSED
    assert reason_against_seeing(people.viewer("auditor"), scene.issue) is None
    assert reason_against_seeing(people.viewer("manager"), scene.issue) is not None


# ------------------------------------------------------------------------------------------------- small makers


def a_suspension(scene, name, **changes):
    today = clock.today()
    values = {
        "reason": "Missed visits in May",
        "starts_on": today - timedelta(days=9),
        "review_on": today - timedelta(days=2),
        "ends_on": today + timedelta(days=9),
        "lot_id": scene.issue.lot_id,
        "made_by_label": "Test",
        **changes,
    }
    both = {"scheme_id": scene.scheme.id, "provider_id": scene.provider(name).id}
    if values["ends_on"] < values["review_on"]:
        values["review_on"] = values["ends_on"]
    db.session.add(Suspension(authority_id=scene.scheme.authority_id, **both, **values))
    db.session.flush()


def another_zone(scene):
    from tests.marketplace.makers import a_zone

    return a_zone(scene.scheme, "Lancaster", "LA1 1").id


def rate(provider, day: date, rating):
    db.session.add(CqcRating(provider_id=provider.id, published_on=day, overall=rating, source="test"))
    db.session.flush()


def agree(scene, name, at):
    package, owned = a_package(scene.scheme), {"authority_id": scene.scheme.authority_id}
    agreement = Agreement(
        **owned,
        reference=f"AGR-{package.reference[4:]}",
        package_id=package.id,
        provider_id=scene.provider(name).id,
        award_id=uuid4(),
        state=next(iter(AgreementState)),
        contract_from=at,
        starts_on=package.planned_start,
    )
    db.session.add(agreement)
    db.session.flush()
    db.session.add(
        AgreementVersion(
            **owned,
            agreement_id=agreement.id,
            number=1,
            starts_on=package.planned_start,
            visits=[],
            weekly_minutes=package.weekly_minutes,
            price_pence=2500,
            unit=LotUnit.HOUR,
            weekly_cost_pence=13125,
            lines=[],
            funding=[],
            because="Award",
            authorised_by_label="Test",
        )
    )
    db.session.flush()


def names_flagged(ranking):
    return [place.scored.entry.name for place in ranking.places if place.scored.below_yardstick]


def naive_order(scene):
    """The order by a second, plain way: floats nowhere, one tuple per answer, straight from the tables."""
    found = []
    for line in db.session.query(OfferLine).join(Round, OfferLine.round_id == Round.id).filter_by(id=scene.round.id):
        provider = line.offer.provider
        score = db.session.query(Standing.entry_score).filter_by(provider_id=provider.id).scalar()
        price = db.session.query(Response.price_pence).filter_by(line_id=line.id).scalar()
        total = Fraction(60 * (score * 30 + 75 * 20), 50 * 100) + Fraction(40 * (3300 - price), 1100)
        draw = sha256(f"{scene.package.reference}{line.offer.ticket}{scene.issue.seed}".encode()).hexdigest()
        found.append((-total, draw, provider.name))
    return [name for _, _, name in sorted(found)]
