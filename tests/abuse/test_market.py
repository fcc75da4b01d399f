"""Steps out of order, steps taken twice, fields that no form has, and prices that are none (3b)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.database import db
from brokerage.allocation.models import Award
from contracts.agreements.models import Agreement
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.rounds.models import OfferLine, Response, Round
from marketplace.rounds.rules import RoundState
from marketplace.schemes.models import LotPrice
from tests.abuse.test_odd_bytes import forms_open_to, send
from tests.abuse.world import TOKEN, Attacker, World
from tests.careful import token_in
from tests.marketplace.answers.test_routes import a_yes

STATES = ("batch", "issue", "round", "response", "award", "package", "agreement", "application", "membership",
          "suspension", "removal", "cqc_import", "allocation_proposal")  # fmt: skip


def states() -> dict[str, dict[object, tuple[object, ...]]]:
    """The state and version of everything that has one."""
    found = {}
    for name in STATES:
        table = db.metadata.tables[name]
        kept = [table.c[column] for column in ("id", "state", "status", "stage", "version") if column in table.c]
        found[name] = {row[0]: tuple(row[1:]) for row in db.session.execute(select(*kept))}
    db.session.rollback()
    return found


WRONG_STATE = """
navigator | /packages/{awarded}/confirm | needed=yes with_whom=ward | 302 409
navigator | /packages/{awarded}/offer | changed_since=Nothing | 409
navigator | /packages/{awarded}/hold | because=x | 409
navigator | /packages/{awarded}/release | because=x | 409
navigator | /packages/{awarded}/ready | because=x | 409
navigator | /packages/{open}/offer | changed_since=Nothing | 409
navigator | /packages/{on_hold}/offer | changed_since=Nothing | 409
navigator | /issues/{issue_closed}/withdraw | because=x | 409
navigator | /issues/{issue_awarded}/withdraw | because=x | 409
broker | /offer-lines/{line_open}/award | need_confirmed_with=x | 409
broker | /offer-lines/{line_awarded}/award | need_confirmed_with=x | 409
broker | /offer-lines/{line_proposed}/award | need_confirmed_with=x | 409
broker | /rounds/{round_open}/none-suitable | because=x next_step=spot | 409
broker | /rounds/{round_awarded}/none-suitable | because=x next_step=spot | 409
broker | /rounds/{round_open}/ranking | because=x | 409
broker | /rounds/{round_awarded}/ranking | because=x | 409
broker | /issues/{issue_open}/proposals | because=x | 409
broker | /issues/{issue_closed}/early-closing | reason=x | 409
manager | /awards/{award}/approve | need_confirmed_with=x | 409
manager | /awards/{award}/refuse | because=x | 409
coordinator | /offers/{offer_closed}/packages/{line_closed}/withdraw | because=x | 409
coordinator | /offers/{offer_awarded}/packages/{line_awarded}/answer | kind=decline decline_code=travel version=1 | 409
coordinator | /offers/{offer_closed}/answer-all | kind=decline decline_code=travel | 409
"""


def things(world: World) -> dict[str, object]:
    """What the rows speak of, by name."""
    found: dict[str, object] = {name: package.id for name, package in world.packages.items()}
    for name, issue in world.issues.items():
        line = world.line(name)
        found |= {f"issue_{name}": issue.id, f"line_{name}": line.id, f"offer_{name}": line.offer_id}
        found[f"round_{name}"] = line.round_id
    award = select(Award.id).where(Award.package_id == world.packages["awarded"].id)
    return {**found, "award": db.session.scalars(award).one()}


def test_a_step_in_the_wrong_state_is_a_conflict_and_changes_nothing(world, attacker):
    named, before, wrong = things(world), states(), []
    for row in filter(None, WRONG_STATE.splitlines()):
        role, place, fields, allowed = (part.strip() for part in row.split("|"))
        attacker.sign_out()
        attacker.sign_in(world.users[role])
        token = token_in(attacker.get("/").get_data(as_text=True))
        data = dict(pair.split("=") for pair in fields.split())
        for _ in range(2):
            sent = {"csrf_token": token, "idempotency_key": str(uuid4()), **data}
            answer = attacker.post(place.format(**named), data=sent)
            if str(answer.status_code) not in allowed.split():
                wrong.append(f"{role} {place}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert states() == before


EXTRA = {
    "role": "admin", "roles": "administrator", "org_id": "x", "authority_id": str(uuid4()), "status": "awarded",
    "state": "awarded", "price": "1", "price_pence": "1", "is_admin": "yes", "awarded_to": "x", "id": str(uuid4()),
    "floor_pence": "1", "deadline": "2030-01-01", "submitted_at": "2020-01-01", "entered_by": str(uuid4()),
}  # fmt: skip


def test_fields_that_no_form_has_change_nothing_but_what_the_form_is_for(house, world, attacker):
    attacker.sign_in(world.users["coordinator"])
    before = states()
    watched = {table: rows for table, rows in before.items() if table not in {"response", "application", "membership"}}
    rival = world.line("answered", world.rival).id
    kept = db.session.execute(select(Response.price_pence, Response.version).filter_by(line_id=rival)).one()
    for form in forms_open_to(house, world, attacker, "coordinator"):
        if form.method == "POST":
            own = {name for name, _ in form.fields}
            extra = [(name, value) for name, value in EXTRA.items() if name not in own]
            assert send(attacker, form, [*form.fields, *extra]).status_code < 500, form.action
    now = states()
    assert {table: now[table] for table in watched} == watched
    assert db.session.execute(select(Response.price_pence, Response.version).filter_by(line_id=rival)).one() == kept
    assert {held.role.value for held in world.users["coordinator"].roles} == {"provider_coordinator"}


PRICES = ("18.005", "-24.00", "0", "1e309", "NaN", "Infinity", "21.99", "33.01", "$24.00", "24.00 EUR", "２4.00", "")


@pytest.mark.parametrize("typed", PRICES)
def test_a_price_that_is_none_is_a_sentence_at_its_field_by_page_and_api_and_nothing_is_kept(world, client, typed):
    offer, line = world.offer("open"), world.line("open")
    place = f"/offers/{offer.id}/packages/{line.id}/answer"
    start = world.packages["open"].planned_start
    day = [str(part) for part in (start.day, start.month, start.year)]
    client.sign_in(world.users["coordinator"])
    page = client.submit(place, {"kind": "accept", "price": typed, "earliest_start": day, "note": "KEPT WORDS"})
    assert page.status_code == 422
    assert "govuk-error-message" in page.get_data(as_text=True)
    assert "KEPT WORDS" in page.get_data(as_text=True)
    headers = client.bearer(world.users["coordinator"])
    answer = {"package": world.packages["open"].reference, "answer": "accept", "price_pence": typed}
    body = {"submit": True, "answers": [{**answer, "earliest_start": start.isoformat()}]}
    said = client.put(f"/api/v1/offers/{offer.id}/response", json=body, headers=headers)
    assert said.status_code == 422
    assert db.session.scalars(select(Response).filter_by(line_id=line.id)).one_or_none() is None


def test_eighteen_fifty_with_a_comma_is_told_and_never_read_as_another_price(world, client):
    """Within the band a comma could be read as pence or as thousands: it is refused, or it is exactly that price."""
    offer, line = world.offer("open"), world.line("open")
    start = world.packages["open"].planned_start
    day = [str(part) for part in (start.day, start.month, start.year)]
    client.sign_in(world.users["coordinator"])
    place = f"/offers/{offer.id}/packages/{line.id}/answer"
    page = client.submit(place, {"kind": "accept", "price": "24,50", "earliest_start": day})
    kept = db.session.scalars(select(Response).filter_by(line_id=line.id)).one_or_none()
    assert page.status_code == 422
    assert kept is None


def test_a_link_cannot_carry_a_price_of_its_own(world, attacker):
    token = token_in(attacker.get(f"/offer-links/{TOKEN}").get_data(as_text=True))
    sent = {"csrf_token": token, "everything": "accept", "price": "1.00", "price_pence": "1"}
    answer = attacker.post(f"/offer-links/{TOKEN}", data=sent)
    assert answer.status_code == 422
    line = world.line("open")
    assert db.session.scalars(select(Response).filter_by(line_id=line.id)).one_or_none() is None


def test_an_answer_after_the_deadline_comes_back_with_what_was_typed(world, client):
    offer, line = world.offer("open"), world.line("open")
    world.issues["open"].deadline = clock.now() + timedelta(minutes=20)
    client.sign_in(world.users["coordinator"])
    place = f"/offers/{offer.id}/packages/{line.id}/answer"
    token = token_in(client.get(place).get_data(as_text=True))
    start = world.packages["open"].planned_start
    typed = {"kind": "accept", "price": "24.00", "note": "KEPT WORDS", "csrf_token": token}
    typed["earliest_start"] = [str(part) for part in (start.day, start.month, start.year)]
    with clock.moved_to(world.issues["open"].deadline):
        late = client.post(place, data={**typed, "idempotency_key": str(uuid4())})
    assert late.status_code == 409
    assert "KEPT WORDS" in late.get_data(as_text=True)
    with clock.moved_to(world.issues["open"].deadline - timedelta(seconds=1)):
        assert client.post(place, data={**typed, "idempotency_key": str(uuid4())}).status_code == 302


def test_every_step_replayed_with_its_key_has_one_effect(world, attacker):
    attacker.sign_in(world.users["broker"])
    token = token_in(attacker.get("/").get_data(as_text=True))
    named = things(world)
    steps = {
        f"/packages/{named['ready']}/confirm": {"needed": "yes", "with_whom": "the ward"},
        f"/packages/{named['ready']}/hold": {"because": "In hospital."},
        f"/offer-lines/{named['line_ranked']}/award": {"need_confirmed_with": "the ward"},
    }
    for path, typed in steps.items():
        sent = {**typed, "csrf_token": token, "idempotency_key": str(uuid4())}
        first = attacker.post(path, data=sent)
        after = states()
        again = attacker.post(path, data=sent)
        assert first.status_code == again.status_code == 302, (path, first.get_data(as_text=True)[:3000])
        assert again.headers["Location"] == first.headers["Location"]
        assert states() == after
    ranked = select(Agreement).join(Package, Agreement.package_id == Package.id)
    assert len(db.session.scalars(ranked.where(Package.id == named["ranked"])).all()) == 1


def test_limits_that_change_while_an_offer_is_open_do_not_change_the_offer(world, client):
    line, made_under = world.line("open"), world.round("open")
    was = (made_under.floor_pence, made_under.ceiling_pence)
    for row in db.session.scalars(select(LotPrice)):
        row.floor_pence, row.ceiling_pence = 2_900, 4_000
    db.session.commit()
    headers = client.bearer(world.users["coordinator"])
    page = client.get(f"/api/v1/offers/{line.offer_id}", headers=headers).get_json()
    assert {(package["floor_pence"], package["ceiling_pence"]) for package in page["packages"]} == {was}
    db.session.expire_all()
    assert (made_under.floor_pence, made_under.ceiling_pence) == was


def test_a_provider_finds_references_of_its_own_things_and_never_a_person(world, attacker):
    person = world.packages["awarded"].person
    agreement = db.session.scalars(select(Agreement)).one()
    attacker.sign_in(world.users["rival"])
    for text in (person.reference, person.name, person.postcode, agreement.reference):
        answer = attacker.get("/search", query_string={"q": text})
        assert answer.status_code == 200, text
        assert "Nothing" in answer.get_data(as_text=True), text
    attacker.sign_out()
    attacker.sign_in(world.users["coordinator"])
    assert attacker.get("/search", query_string={"q": agreement.reference}).status_code == 302
    assert attacker.get("/search", query_string={"q": person.reference}).status_code == 200


def test_of_a_withdrawal_and_a_yes_at_one_instant_nothing_is_half_done(house, world):
    """Whoever comes first, the package is withdrawn in the end, and no agreement comes of the yes."""
    package, line = world.packages["open"].id, world.line("open").id
    address = f"/offers/{world.offer('open').id}/packages/{line}/answer"
    yes = a_yes()
    sent = [(f"/packages/{package}/withdraw", {"because": "No longer needed."}), (address, yes)]
    visitors = [signed_in(house, world.users[name]) for name in ("navigator", "coordinator")]
    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(post, *visitor, *what) for visitor, what in zip(visitors, sent, strict=True)]
    statuses = [answer.result() for answer in answers]
    assert statuses[0] == 302
    assert statuses[1] in {302, 409}
    assert db.session.get_one(Package, package).status == PackageStatus.WITHDRAWN
    assert db.session.get_one(Round, db.session.get_one(OfferLine, line).round_id).state == RoundState.WITHDRAWN
    assert not db.session.scalars(select(Agreement).where(Agreement.package_id == package)).all()


def signed_in(house, user):
    """A client of this user's own, and the token of its forms."""
    house.test_client_class = Attacker
    visitor = house.test_client()
    visitor.sign_in(user)
    return visitor, token_in(visitor.get("/").get_data(as_text=True))


def post(visitor, token, address, data) -> int:
    """Sends a form; a lost race on PostgreSQL may ask to send it again."""
    for _ in range(3):
        sent = {"csrf_token": token, "idempotency_key": str(uuid4()), **data}
        status = visitor.post(address, data=sent).status_code
        if status != 409:
            return status
    return status
