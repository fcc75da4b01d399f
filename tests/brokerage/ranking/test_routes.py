"""The pages of the ranking: sealed, declared, shown with the whole arithmetic, and taken out as JSON."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.messages.models import Message
from brokerage.ranking import queries, services
from brokerage.ranking.models import ConflictDeclaration, EarlyClosing, Ranking
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.rules import OfferState, ResponseState, RoundState
from tests.brokerage.ranking.database_makers import a_ranked_scene, a_scene, a_suspension
from tests.marketplace.makers import coordinator_of

PRICES = ("26.00", "24.00", "33.00")


def ranking_page(scene):
    return f"/rounds/{scene.round.id}/ranking"


def declared(scene, people, name="broker"):
    services.declare_conflict(scene.issue, False, "", by=people.viewer(name).actor)
    return scene


def test_a_broker_declares_first_and_is_then_taken_to_the_ranking(client, people):
    scene = a_ranked_scene(people)
    page = ranking_page(scene)
    client.sign_in(people["broker"])
    sent_on = client.get(page)
    assert sent_on.status_code == 302
    form = client.get(sent_on.location)
    assert "Birch" in form.text
    assert not any(price in form.text for price in PRICES)
    answer = client.submit(sent_on.location, {"has_conflict": "no"})
    assert (answer.status_code, answer.location) == (302, page)
    assert "Birch" in client.get(page).text


def test_a_conflict_without_its_reason_is_refused_and_with_it_shuts_the_ranking(client, people):
    scene = a_ranked_scene(people)
    page, form = ranking_page(scene), f"/issues/{scene.issue.id}/declaration"
    client.sign_in(people["broker"])
    refused = client.submit(form, {"has_conflict": "yes", "note": ""})
    assert refused.status_code == 422
    assert "Say which provider" in refused.text
    assert client.submit(form, {"has_conflict": "yes", "note": "My brother owns Birch."}).status_code == 302
    shut = client.get(page)
    assert shut.status_code == 403
    assert not any(price in shut.text for price in PRICES)
    assert client.submit("/board", {}, to=page).status_code == 403
    assert db.session.query(ConflictDeclaration).one().note == "My brother owns Birch."


def test_the_page_shows_the_whole_arithmetic_of_every_place(client, people):
    scene = declared(a_ranked_scene(people), people)
    page, seed, ticket = ranking_page(scene), scene.issue.seed, scene.line("Birch").offer.ticket
    reference, deadline = scene.package.reference, scene.issue.deadline
    client.sign_in(people["broker"])
    text = words(client.get(page).text)
    for expected in (
        "Birch: 75.93 points",
        "72.00 × 60 ÷ 100 = 43.20 points",
        "100 × (ceiling £33.00 − price £24.00) ÷ (ceiling £33.00 − floor £22.00) = 81.82",
        "81.82 × 40 ÷ 100 = 32.73 points",
        "75.93 points, exactly 4176/55",
        "Entry assessment 70.00 30 60.00 % 42.00 Entry assessment 1 October 2024",
        "CQC rating 75.00 20 40.00 % 30.00 CQC: Good 2 June 2025",
        "points above Ash",
        "to pass Birch",
        "below the sustainable cost of £24.10 per hour",
        "The seed gives the published hash.",
        sha256(f"{reference}{ticket}{seed}".encode()).hexdigest(),
        "Same result.",
    ):
        assert expected in text, expected
    assert deadline.isoformat()[:4] in text


def test_what_takes_no_part_any_more_and_what_has_changed_since_stand_on_the_page(client, people):
    scene = declared(a_scene(people), people)
    ash = scene.provider("Ash")
    ash.carers_female = ash.carers_male = 0
    scene.package.carer_gender, scene.package.carer_gender_reason = "female", "asked for"
    a_suspension(scene, "Birch")
    services.rank_issue(scene.issue, by=SYSTEM)
    page = ranking_page(scene)
    client.sign_in(people["broker"])
    text = words(client.get(page).text)
    assert "Birch Suspended for homecare" in text
    assert "It has no female carer." in text


def test_the_inputs_leave_as_they_were_frozen_and_give_the_digest(client, people):
    scene = declared(a_ranked_scene(people), people)
    page, digest = ranking_page(scene), queries.ranking_of(scene.round)[0].digest
    client.sign_in(people["broker"])
    answer = client.get(f"{page}/inputs.json")
    assert sha256(answer.data).hexdigest() == digest
    assert len(json.loads(answer.data)["entries"]) == 3
    assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get(f"{page}/inputs.json?number=7").status_code == 404


def test_ranking_again_keeps_both_and_says_that_the_older_one_no_longer_holds(client, people):
    scene = declared(a_ranked_scene(people), people)
    page = ranking_page(scene)
    client.sign_in(people["broker"])
    client.submit(page, {})
    assert db.session.query(Ranking).count() == 1
    scene.line("Birch").response.state = ResponseState.WITHDRAWN
    client.submit(page, {})
    assert db.session.query(Ranking).count() == 2
    assert "A newer one holds" in client.get(f"{page}?number=1").text
    assert client.get(f"{page}?number=9").status_code == 404


def test_until_it_is_ranked_the_page_offers_to_do_so(client, people):
    scene = declared(a_scene(people), people)
    page = ranking_page(scene)
    client.sign_in(people["broker"])
    assert "not been ranked yet" in client.get(page).text
    assert client.submit(page, {}).status_code == 302
    assert "Birch" in client.get(page).text


def test_sealed_for_brokers_on_every_page_until_the_second_of_the_deadline(client, people):
    scene = declared(a_scene(people, closed=False), people)
    round_id, deadline = scene.round.id, scene.issue.deadline
    inside = [f"/rounds/{round_id}/ranking", f"/rounds/{round_id}/ranking/inputs.json"]
    open_to_see = [
        "/",
        "/board?show=open",
        f"/issues/{scene.issue.id}/declaration",
        f"/issues/{scene.issue.id}/early-closing",
    ]
    package = f"/api/v1/packages/{scene.package.id}/ranking"
    headers = client.bearer(people["broker"])
    db.session.commit()
    with clock.moved_to(deadline - timedelta(seconds=1)):
        client.sign_in(people["broker"])
        close_due()
        for address in inside:
            assert "sealed until" in refused(client.get(address)), address
        for address in open_to_see:
            assert not shows_price(client.get(address).text), address
        assert "sealed until" in refused(client.get(package, headers=headers))
    with clock.moved_to(deadline):
        assert "being gathered" in refused(client.get(inside[0]))
        assert close_due() == 1
        services.rank_issue(db.session.get_one(Issue, scene.issue.id), by=SYSTEM)
        assert client.get(inside[0]).status_code == 200
        assert client.get(package, headers=headers).status_code == 200


def shows_price(text):
    """In pounds or as a number of pence; digits in the middle of an id or a token are none."""
    return any(price in text for price in PRICES) or re.search(r"(?<![-\w])(2600|2400)(?![-\w])", text)


def refused(answer):
    assert answer.status_code == 409
    return answer.text


@pytest.mark.parametrize(
    ("name", "status"),
    [("navigator", 403), ("socialworker", 403), ("finance", 403), ("admin", 403), ("contracts", 200), ("auditor", 200)],
)
def test_only_those_who_decide_or_oversee_see_a_ranking(client, people, name, status):
    scene = a_ranked_scene(people)
    page = ranking_page(scene)
    client.sign_in(people[name])
    assert client.get(page).status_code == status
    assert client.get("/board").status_code == status


def test_a_provider_and_another_council_learn_nothing(client, people):
    scene = a_ranked_scene(people)
    addresses = [ranking_page(scene), f"{ranking_page(scene)}/inputs.json", f"/issues/{scene.issue.id}/declaration"]
    email = coordinator_of(scene.provider("Ash")).email
    client.sign_in(people["stranger"])
    assert {client.get(address).status_code for address in addresses} == {404}
    client.sign_out()
    client.sign_in(email)
    assert {client.get(address).status_code for address in addresses} == {403}


def test_the_board_shows_time_left_and_whether_everybody_answered_but_no_answer(client, people):
    answered = a_scene(people, closed=False)
    waiting = a_scene(people, closed=False)
    waiting.line("Ash").response.state = ResponseState.DRAFT
    ids = {answered.issue.reference: "Yes", waiting.issue.reference: "No"}
    client.sign_in(people["broker"])
    text = words(client.get("/board?show=open").text)
    for reference, word in ids.items():
        assert re.search(rf"{reference} Single package 1 .*? {word} Close early", text), reference


def test_the_board_and_the_work_list_show_what_is_to_decide_the_oldest_first(client, people):
    newer = a_scene(people)
    older = a_scene(people, issued_at=clock.now() - timedelta(days=9))
    references = [older.package.reference, newer.package.reference]
    client.sign_in(people["broker"])
    for address in ("/board", "/"):
        text = words(client.get(address).text)
        assert text.index(references[0]) < text.index(references[1]), address


def test_the_board_shows_recent_awards(client, people):
    scene = a_ranked_scene(people)
    round_ = scene.round
    round_.state, round_.ended_at = RoundState.AWARDED, clock.now()
    reference = scene.package.reference
    client.sign_in(people["manager"])
    assert reference in client.get("/board?show=awarded").text
    assert reference not in client.get("/board?show=decide").text


def test_the_board_asks_the_same_number_of_queries_however_much_stands_on_it(client, people):
    from tests.brokerage.ranking.database_makers import CountedSelects

    client.sign_in(people["broker"])
    found = {}
    for number in (1, 4):
        for _ in range(number):
            a_scene(people)
            a_scene(people, closed=False)
        db.session.commit()
        for part in ("decide", "open"):
            with CountedSelects() as seen:
                client.get(f"/board?show={part}")
            found.setdefault(part, []).append(len(seen))
    assert all(first == second for first, second in found.values()), found


# ------------------------------------------------------------------------------------------------- closing early


def early(scene):
    return f"/issues/{scene.issue.id}/early-closing"


def test_closing_early_needs_a_reason_and_a_second_person_and_tells_everybody(client, people):
    scene = a_scene(people, closed=False)
    scene.line("Ash").response.state = ResponseState.DRAFT
    page, issue_id = early(scene), scene.issue.id
    client.sign_in(people["broker"])
    assert client.submit(page, {"reason": " "}).status_code == 422
    assert client.submit(page, {"reason": "Discharge is tomorrow."}).status_code == 302
    assert client.submit(page, {}, to=f"{page}/agreement").status_code == 403
    assert client.submit("/board", {"reason": "Again."}, to=page).status_code == 409
    assert db.session.get_one(Issue, issue_id).state is OfferState.OPEN
    client.sign_out()
    client.sign_in(people["broker2"])
    assert "Discharge is tomorrow." in client.get("/board").text
    assert "Discharge is tomorrow." in client.get("/").text
    assert client.submit(page, {}, to=f"{page}/agreement").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Issue, issue_id).state is OfferState.CLOSED
    asked = db.session.query(EarlyClosing).one()
    assert (asked.asked_by, asked.agreed_by) == (people["broker"].id, people["broker2"].id)
    client.sign_out()
    client.sign_in(coordinator_of(scene.provider("Cedar")))
    assert "early" in client.get("/inbox").text.lower()
    bodies = [one.body for one in db.session.query(Message) if "closed early" in one.subject]
    assert bodies
    assert all("The reason: Discharge is tomorrow." in body for body in bodies)


def test_when_everybody_has_answered_one_person_closes_it(client, people):
    scene = a_scene(people, closed=False)
    page, round_id = early(scene), scene.round.id
    client.sign_in(people["broker"])
    assert client.submit(page, {}, to=f"{page}/answered").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Round, round_id).state is RoundState.CLOSED
    assert client.get(page).status_code == 409


def test_one_person_does_not_close_it_while_somebody_has_not_answered(client, people):
    scene = a_scene(people, closed=False)
    scene.line("Ash").response.state = ResponseState.DRAFT
    page, issue_id = early(scene), scene.issue.id
    client.sign_in(people["broker"])
    assert client.submit(page, {}, to=f"{page}/answered").status_code == 409
    assert db.session.get_one(Issue, issue_id).state is OfferState.OPEN


def test_whoever_entered_an_answer_by_phone_does_not_close_it_alone(client, people):
    scene = a_scene(people, closed=False)
    response = scene.line("Ash").response
    response.came_by, response.entered_by, response.spoken_at = "phone", people["broker"].id, clock.now()
    page, issue_id = early(scene), scene.issue.id
    client.sign_in(people["broker"])
    shown = client.get(page).text
    assert "You entered an answer to this by phone" in shown
    assert "Close now" not in shown
    assert client.submit(page, {}, to=f"{page}/answered").status_code == 403
    assert db.session.get_one(Issue, issue_id).state is OfferState.OPEN
    assert client.submit(page, {"reason": "Discharge is tomorrow."}).status_code == 302
    client.sign_out()
    client.sign_in(people["broker2"])
    assert client.submit(page, {}, to=f"{page}/answered").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Issue, issue_id).state is OfferState.CLOSED


def test_somebody_else_than_a_broker_does_not_close_early(client, people):
    page = early(a_scene(people, closed=False))
    client.sign_in(people["auditor"])
    assert client.get(page).status_code == 403
    client.sign_out()
    client.sign_in(people["stranger"])
    assert client.get(page).status_code == 404


# ------------------------------------------------------------------------------------------------- the API


def test_the_api_gives_the_same_figures_and_refusals_as_the_page(client, people):
    scene = a_ranked_scene(people)
    address, headers = f"/api/v1/packages/{scene.package.id}/ranking", client.bearer(people["broker"])
    undeclared = client.get(address, headers=headers)
    assert (undeclared.status_code, undeclared.content_type) == (409, "application/problem+json")
    declared(scene, people)
    given = client.get(address, headers=headers).json
    assert [place["name"] for place in given["firm"]] == ["Birch", "Ash", "Cedar"]
    assert given["firm"][0]["total_exact"] == "4176/55"
    assert given["firm"][0]["components"][0]["source"] == "Entry assessment"
    assert given["replays"] is True
    services.declare_conflict(scene.issue, True, "A friend.", by=people.viewer("broker").actor)
    assert client.get(address, headers=headers).status_code == 403


def test_interests_are_declared_over_the_api_before_the_ranking_is_seen(client, people):
    scene = a_ranked_scene(people)
    headers, url = client.bearer(people["broker"]), f"/api/v1/issues/{scene.issue.id}/declaration"
    assert client.post(url, json={"has_conflict": True}, headers=headers).status_code == 422
    made = client.post(url, json={"has_conflict": False}, headers=headers)
    assert (made.status_code, made.json["has_conflict"]) == (201, False)
    assert client.get(f"/api/v1/packages/{scene.package.id}/ranking", headers=headers).status_code == 200
    assert client.post(url, json={"has_conflict": False}, headers=client.bearer(people["stranger"])).status_code == 404


def test_the_api_refuses_other_roles_and_other_councils(client, people):
    scene = a_ranked_scene(people)
    address = f"/api/v1/packages/{scene.package.id}/ranking"
    assert client.get(address, headers=client.bearer(people["navigator"])).status_code == 403
    assert client.get(address, headers=client.bearer(people["stranger"])).status_code == 404
    assert client.get(address, headers=client.bearer(coordinator_of(scene.provider("Ash")))).status_code == 403
    gone = f"/api/v1/packages/{uuid4()}/ranking"
    assert client.get(gone, headers=client.bearer(people["broker"])).status_code == 404


def words(page):
    """A page as a reader hears it: its text, spaces made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())
