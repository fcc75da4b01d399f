"""Which answers and which facts count in a ranking: who is left out, ratings and assessments by the deadline, ties."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from uuid import uuid4

from app import clock
from app.database import db
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState
from marketplace.membership.models import EntryAssessment, Membership
from marketplace.membership.rules import MembershipState
from marketplace.providers.models import CqcRating
from marketplace.rounds.rules import ResponseState
from marketplace.vocabulary import LotUnit, Rating
from tests.brokerage.ranking.database_makers import a_scene, a_suspension, names, ranked
from tests.marketplace.makers import a_package, a_zone


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
    standing = db.session.query(EntryAssessment).filter_by(provider_id=scene.provider("Ash").id).one()
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


def another_zone(scene):
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
