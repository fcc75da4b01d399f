"""The main job on the real files of a county: every figure and every outcome against a reference of its own."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app import clock
from app.audit.models import AuditEntry
from app.audit.verify import verify
from app.database import db
from app.house import House
from app.messages.models import Message
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardState
from brokerage.feedback.models import FeedbackLetter
from brokerage.ranking.explanations import explain
from brokerage.ranking.inputs import read_inputs
from brokerage.ranking.models import Ranking
from brokerage.ranking.queries import orders_of, ranking_of
from contracts.agreements.models import Agreement
from marketplace.membership.models import Capacity
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseState, RoundState
from tests.conftest import empty_all_tables
from tests.journeys import answering, naive
from tests.journeys.county import County, a_client, held

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def county(built: House, request: pytest.FixtureRequest) -> Iterator[County]:
    """The journey, made once; the tests look at what it left behind, at the instant at which it ended."""
    with built.app_context():
        empty_all_tables()
        county = County(built, a_client(built), whole=request.config.getoption("--whole-county"))
        with clock.moved_to(county.go_through()):
            yield county
        db.session.rollback()
        empty_all_tables()


def theirs(ranking: dict) -> list[dict]:
    """The places of a ranking as the API gave it."""
    return ranking["firm"] + ranking["changed"]


# ------------------------------------------------------------------------------------------------------------- loading


def test_the_three_files_load_over_the_api(county):
    assert county.loaded["scheme.toml"]["result"]["created"] == "yes"
    providers, packages = county.loaded["providers.csv"], county.loaded["packages.csv"]
    assert (providers["state"], packages["state"]) == ("done", "done")
    counts = [providers["result"][name] for name in ("admitted", "refused", "waiting")]
    assert counts == [69, 8, 7]
    assert packages["result"]["packages"] == 600


def test_every_row_is_stored_with_the_hours_of_its_visits(county):
    stored = {one.council_reference: one.weekly_minutes for one in db.session.scalars(select(Package)).unique()}
    assert stored == {reference: naive.weekly_minutes(reference) for reference in naive.PACKAGES}


# ------------------------------------------------------------------------------------------------------------ offering


FIRST_START = "2026-12-02"
"""Two working days after the deadline of a batch that is offered on Monday 23 November."""


def test_batches_hold_all_reallocations_that_can_wait_and_nothing_else(county):
    wanted = {
        county.own_reference[reference]
        for reference, row in naive.PACKAGES.items()
        if (row["source"], row["urgency"]) == ("reallocation", "standard") and row["planned_start"] >= FIRST_START
    }
    batched = [one["reference"] for batch in county.batches for one in batch["packages"]]
    assert len(batched) == len(set(batched))
    assert set(batched) <= wanted
    assert len(batched) > len(wanted) / 2
    assert len(batched) + county.left_out == len(naive.PACKAGES)


def test_each_providers_offers_hold_exactly_the_packages_that_the_rule_gives_it(county):
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, _, reference in held():
        found[name].append(reference)
    assert {name: sorted(some) for name, some in found.items()} == {
        name: sorted(some) for name, some in naive.offers(county.offered()).items()
    }


def test_each_issue_asks_exactly_the_members_that_the_rule_names(county):
    names = {str(one.id): one.name for one in db.session.scalars(select(Provider))}
    for issue in county.issues:
        asked = {names[offer["provider_id"]]: offer["packages"] for offer in issue["offers"]}
        rule = {name: len(some) for name, some in naive.offers(county.offered([issue])).items()}
        assert asked == rule, issue["reference"]


def test_a_provider_reads_in_its_offers_what_it_was_offered_and_no_more(county):
    theirs_by_own = {own: reference for reference, own in county.own_reference.items()}
    assert len(county.seen) == 60
    assert set(county.seen).isdisjoint(answering.silent_members())
    for name, offers in county.seen.items():
        for offer in offers:
            read = {theirs_by_own[one["reference"]] for one in offer["packages"]}
            assert read == county.holdings[offer["id"]]
            assert all(name in naive.eligible(reference) for reference in read)


# ----------------------------------------------------------------------------------------------------------- answering


def test_sixty_providers_answered_and_what_stands_is_what_they_sent_last(county):
    query = (
        select(Package.council_reference, Provider.name, Response.kind, Response.price_pence)
        .join(OfferLine, OfferLine.id == Response.line_id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .join(OfferLine.offer)
        .join(Provider)
        .where(Response.state.in_(["submitted", "awarded", "not_awarded"]))
    )
    stored = {(one[0], one[1]): (one[2].value == "accept", one[3] or 0) for one in db.session.execute(query)}
    sent = {(what, who): (one.yes, one.pence) for what, all_ in county.answers.items() for who, one in all_.items()}
    assert stored == sent
    assert len({who for _, who in sent} - set(answering.silent_members())) == 60


def test_no_response_stands_for_everybody_else(county):
    silent = db.session.scalar(
        select(func.count()).select_from(Response).where(Response.state == ResponseState.NO_RESPONSE)
    )
    taken_back = db.session.scalar(
        select(func.count()).select_from(Response).where(Response.state == ResponseState.WITHDRAWN)
    )
    assert taken_back
    assert silent == len(list(held())) - taken_back - sum(map(len, county.answers.values()))


def test_an_answer_one_second_before_the_deadline_counts_and_one_at_the_deadline_is_told_the_time(county):
    _, reference, (in_time, late) = county.edge
    assert county.at_the_edge[in_time].status == 200
    assert county.at_the_edge[late].status == 409
    assert "Monday 30 November 2026 at 5pm GMT" in county.at_the_edge[late].text
    ranked = {place["name"] for place in theirs(county.rankings[reference])}
    assert in_time in ranked
    assert late not in ranked


# ------------------------------------------------------------------------------------------------------------- ranking


def test_every_ranking_equals_the_naive_reference_to_the_last_digit(county):
    assert len(county.rankings) > 100
    for reference, ranking in county.rankings.items():
        given = [
            (
                place["name"],
                place["place_list"] == "firm",
                Fraction(place["quality_exact"]),
                Fraction(place["price_score_exact"]),
                Fraction(place["total_exact"]),
            )
            for place in theirs(ranking)
        ]
        expected = [
            (one.provider, one.firm, one.quality, one.price_score, one.total) for one in county.expected[reference]
        ]
        assert given == expected, reference


def test_the_whole_county_ranked_together_has_the_order_of_every_package_ranked_alone(county):
    orders = orders_of(select(Round.id))
    rounds = db.session.scalars(select(Round).where(Round.id.in_(orders))).unique().all()
    assert len(rounds) >= len(county.rankings)
    for round_ in rounds:
        order, (_, alone) = orders[round_.id], ranking_of(round_)
        told = [(one.entry, one.position, order.score(one), one.tie_break) for one in order.answers]
        assert told == [(one.scored.entry, one.position, one.scored.score, one.tie_break) for one in alone.places]


def test_every_round_with_a_yes_was_ranked_and_no_other(county):
    with_yes = {what for what, all_ in county.answers.items() if any(one.yes for one in all_.values())}
    assert set(county.rankings) == with_yes


def test_ties_were_broken_by_hours_and_by_the_draw_and_by_nothing_else(county):
    used = Counter()
    for places in county.expected.values():
        for one, other in pairwise(places):
            if (one.firm, one.total) == (other.firm, other.total):
                used["draw" if one.share == other.share else "hours"] += 1
    # A sample has few ties, and who won before, so which of the two decides them, follows from draws with chance seeds.
    assert used.total() > 0
    assert not county.whole or min(used["draw"], used["hours"]) > 0


def test_the_seed_of_every_draw_is_the_one_that_was_committed_to_with_the_offer(county):
    committed = {issue["reference"]: issue["seed_hash"] for issue in county.issues}
    assert all(issue["seed"] is None for issue in county.issues)
    for ranking in county.rankings.values():
        assert sha256(ranking["seed"].encode()).hexdigest() == committed[ranking["issue_reference"]]
        assert ranking["replays"]


def test_a_ranking_does_not_change_when_ids_names_and_order_are_permuted_and_tickets_kept(county):
    chance = random.Random("permuted")
    for inputs in read_inputs(db.session.scalars(select(Ranking.inputs))):
        names = [(one.member, one.name) for one in inputs.entries]
        chance.shuffle(names)
        turned = [
            replace(one, member=member, name=name) for one, (member, name) in zip(inputs.entries, names, strict=True)
        ]
        chance.shuffle(turned)
        assert figures(explain(replace(inputs, entries=tuple(turned)))) == figures(explain(inputs))


def figures(ranking) -> list[tuple[str, Fraction, object]]:
    """Tickets in order with their scores and lists."""
    return [(one.scored.entry.ticket, one.scored.score, one.place_list) for one in ranking.places]


# ------------------------------------------------------------------------------------------------------------ awarding


def test_each_package_goes_to_the_first_of_its_ranking_that_has_room(county):
    won = {reference: place_of(county, reference) for reference in county.rankings}
    assert won == county.expected_winners


def place_of(county, reference: str) -> str | None:
    """Who was awarded, by name."""
    if (given := county.awards.get(reference)) is None:
        return None
    query = select(Provider.name).join(Award, Award.provider_id == Provider.id)
    return db.session.scalars(query.where(Award.id == UUID(given["id"]))).one()


def test_who_has_no_room_is_refused_with_the_hours(county):
    assert county.refused
    assert {sent.status for _, sent in county.refused} == {409}
    assert all("of capacity left; the package needs" in sent.text for _, sent in county.refused)


def test_nobody_is_awarded_more_than_it_declared(county):
    taken: Counter[str] = Counter()
    names = {one.id: one.name for one in db.session.scalars(select(Provider))}
    query = select(Award.provider_id, Award.held_minutes).where(Award.state == AwardState.AWARDED)
    for provider_id, minutes in db.session.execute(query):
        taken[names[provider_id]] += minutes
    assert all(minutes <= naive.capacity(name) for name, minutes in taken.items())
    committed = {names[one.provider_id]: one.committed_minutes for one in db.session.scalars(select(Capacity))}
    assert {name: minutes for name, minutes in committed.items() if minutes} == dict(taken)


def test_every_package_offered_ends_with_an_award_or_a_stated_outcome(county):
    rounds = db.session.scalars(select(Round)).unique().all()
    assert len(rounds) == len(county.offered())
    assert {one.state for one in rounds} <= {RoundState.AWARDED, RoundState.NONE_ACCEPTED, RoundState.NONE_SUITABLE}
    for one in rounds:
        assert one.ended_because
        assert one.ended_at
        wanted = PackageStatus.AWARDED if one.state is RoundState.AWARDED else PackageStatus.UNSOURCED
        assert one.package.status is wanted
    awarded = {one.package.council_reference for one in rounds if one.state is RoundState.AWARDED}
    assert awarded == set(county.awards)
    assert {one.state for one in rounds} >= {RoundState.AWARDED, RoundState.NONE_ACCEPTED}


def test_of_the_whole_county_no_package_is_left_without_an_outcome(county):
    left = db.session.scalars(select(Package).where(Package.status == PackageStatus.READY)).unique().all()
    assert len(left) == (0 if county.whole else len(naive.PACKAGES) - len(county.offered()))


def test_every_batch_is_settled(county):
    settled, page = [], "/batches?state=settled"
    while page:
        listed = county.done("GET", page, county.officers["navigator"])
        settled += listed["items"]
        page = listed["next"] and listed["next"].removeprefix("/api/v1")
    assert len(settled) == len(county.batches)


# ------------------------------------------------------------------------------------- agreements, messages, the audit


def test_there_is_one_agreement_for_each_award_at_the_naive_weekly_cost(county):
    agreements = {one.package.council_reference: one for one in db.session.scalars(select(Agreement)).unique()}
    assert set(agreements) == set(county.awards)
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == len(county.awards)
    for reference, agreement in agreements.items():
        answer = county.answers[reference][agreement.provider.name]
        (version,) = agreement.versions
        cost = naive.weekly_cost(reference, answer.pence)
        assert (version.price_pence, version.weekly_cost_pence) == (answer.pence, cost)
        assert county.awards[reference]["weekly_cost_pence"] == cost
        assert version.weekly_minutes == naive.weekly_minutes(reference)


def test_above_the_limit_a_second_person_approved_and_nobody_else_waited(county):
    limit = round(naive.SCHEME["award_limit_per_week"] * 100)
    for given in county.awards.values():
        assert (given["state"] == "proposed") is (given["weekly_cost_pence"] > limit)
    approved = select(func.count()).select_from(Award).where(Award.approved_by.is_not(None))
    assert db.session.scalar(approved) == sum(one["state"] == "proposed" for one in county.awards.values())


def test_every_winner_is_told_once_for_each_award(county):
    told = Counter(db.session.scalars(select(Message.about_id).where(Message.kind == "award:made")))
    agreements = set(db.session.scalars(select(Agreement.id)))
    assert told == Counter(agreements)


def test_everybody_who_answered_gets_one_letter_of_feedback_for_each_answer(county):
    query = (
        select(Package.council_reference, Provider.name)
        .join(Round, Round.package_id == Package.id)
        .join(FeedbackLetter, FeedbackLetter.round_id == Round.id)
        .join(Provider, Provider.id == FeedbackLetter.provider_id)
    )
    letters = Counter((str(reference), name) for reference, name in db.session.execute(query))
    assert letters == Counter((what, who) for what, all_ in county.answers.items() for who in all_)


def test_the_audit_holds_and_names_every_award_once(county):
    verdict = verify()
    assert verdict.fault is None
    assert verdict.unsealed == 0
    about_awards = select(AuditEntry.subject_id).where(
        AuditEntry.tag.in_(["award:made", "award:approved"]), AuditEntry.subject_type == "award"
    )
    assert Counter(db.session.scalars(about_awards)) == Counter(db.session.scalars(select(Award.id)))


def test_no_deadline_was_moved_and_all_fell_when_the_windows_say(county):
    deadlines = Counter((one.window.value, one.deadline) for one in db.session.scalars(select(Issue)))
    assert set(deadlines) == {
        ("urgent", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("standard", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("batch", datetime(2026, 11, 30, 17, tzinfo=UTC)),
    }
