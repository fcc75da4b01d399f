"""Ranking a round from what the database holds, and freezing it."""

from __future__ import annotations

import random
from datetime import timedelta
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
from brokerage.ranking.models import Ranking
from brokerage.ranking.queries import reason_against_seeing
from brokerage.ranking.sources import closed_rounds
from marketplace.membership.models import Capacity, EntryAssessment
from marketplace.rounds.models import Issue, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, ResponseState, RoundState
from marketplace.rounds.services import withdraw_issue
from tests.brokerage.ranking.database_makers import CountedSelects, a_ranked_scene, a_scene, names, ranked
from tests.marketplace.makers import a_member, a_package, a_provider, a_response, a_scheme, an_issue, line_of


def test_a_round_is_ranked_sixty_forty_from_what_the_database_holds(session, people):
    row, ranking = ranked(a_scene(people))
    assert names(ranking) == ["Birch", "Ash", "Cedar"]
    birch = ranking.firm[0].scored
    assert birch.quality.value == Fraction(30 * 70 + 20 * 75, 50)
    assert birch.price_score == Fraction(100 * (3300 - 2400), 1100)
    assert [one.component.kind.value for one in birch.quality.counted] == ["entry", "cqc"]
    assert (row.number, len(row.digest)) == (1, 64)
    assert queries.replayed([row])[0].holds


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
    (again,) = queries.replayed([first])
    assert [answer.entry.name for answer in again.order.answers] == ["Birch", "Ash", "Cedar"]
    assert again.holds


def test_a_later_ranking_keeps_the_facts_frozen_by_the_first(session, people):
    scene = a_ranked_scene(people)
    for standing in db.session.query(EntryAssessment):
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
    assert not queries.replayed([row])[0].holds
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
    assert counts[0] == counts[1] <= 25


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
            told = [(one.entry, one.position, order.score(one), one.tie_break) for one in order.answers]
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


def test_what_was_taken_back_before_its_deadline_is_never_ranked_and_never_seen(session, people):
    scene, broker = a_scene(people, closed=False), people.viewer("broker")
    withdraw_issue(scene.issue, "The wrong lot", by=broker.actor)
    services.declare_conflict(scene.issue, False, "", by=broker.actor)
    with clock.moved_to(scene.issue.deadline + timedelta(days=1)):
        for viewer in (broker, people.viewer("auditor")):
            assert "stay sealed" in reason_against_seeing(viewer, scene.issue)
        with pytest.raises(Conflict, match="stay sealed"):
            services.rank_round(scene.round, because="Curious.", by=broker.actor)


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


def naive_order(scene):
    """The order by a second, plain way: floats nowhere, one tuple per answer, straight from the tables."""
    found = []
    for line in db.session.query(OfferLine).join(Round, OfferLine.round_id == Round.id).filter_by(id=scene.round.id):
        provider = line.offer.provider
        score = db.session.query(EntryAssessment.entry_score).filter_by(provider_id=provider.id).scalar()
        price = db.session.query(Response.price_pence).filter_by(line_id=line.id).scalar()
        total = Fraction(60 * (score * 30 + 75 * 20), 50 * 100) + Fraction(40 * (3300 - price), 1100)
        draw = sha256(f"{scene.package.reference}{line.offer.ticket}{scene.issue.seed}".encode()).hexdigest()
        found.append((-total, draw, provider.name))
    return [name for _, _, name in sorted(found)]
