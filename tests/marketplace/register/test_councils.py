"""Two councils that share a register: what one loads by hand, and whom it names, is its own until the other agrees."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from app import clock
from app.audit import COMMAND, SYSTEM
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict, NotAllowed
from app.pages.audit import table_of_authority
from app.parties.models import User
from app.tasks.jobs import run_queued
from marketplace.applications.queries import gate_answers
from marketplace.invitations.queries import member_facts
from marketplace.membership.models import Suspension
from marketplace.membership.queries import suspensions_on
from marketplace.providers import cqc_services
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_services import accept_run, decline_run, release_run
from marketplace.providers.known import known_to
from marketplace.providers.models import CqcImport, CqcImportState, Provider, ProviderContact
from marketplace.providers.queries import recipient_of
from marketplace.register.queries import run_of_others, undecided_runs_of_others
from marketplace.register.services import check_providers, import_providers
from marketplace.vocabulary import Rating
from tests.marketplace.makers import a_member, a_provider, a_scheme
from tests.marketplace.register.makers import a_file, a_filters_file, a_row

DAY = "01/10/2026"


@pytest.fixture
def others(people):
    """The second council, with every role."""
    return people.elsewhere()


def take_in(council, *ratings, by=None, shared=False):
    file = read_cqc(a_filters_file(*ratings), "cqc.csv")
    by = by or council.viewer("contracts").actor
    return cqc_services.take_in(file, "cqc.csv", authority_id=council.council.id, by=by, shared=shared)


def rating(council, provider):
    return known_to(council.council.id, [provider])[provider.id].rating


def load(council, *rows):
    scheme = a_scheme(council)
    file = check_providers(scheme, a_file(*rows), "p.csv")
    assert not file.bad_rows, file.bad_rows
    import_providers(scheme, file, by=council.viewer("contracts").actor)
    return scheme


def test_a_file_made_by_hand_counts_for_the_council_that_loaded_it_alone(people, others):
    scheme = a_scheme(people)
    provider = a_member(scheme)
    run = take_in(others, (provider, "Inadequate", DAY))
    release_run(run, by=others.viewer("contracts2").actor)
    assert (rating(others, provider), rating(people, provider)) == (Rating.INADEQUATE, Rating.GOOD)
    assert db.session.scalars(select(Suspension)).all() == []
    assert member_facts(scheme.id)[provider.id].rating is Rating.GOOD
    assert "Good" in gate_answers(scheme.id, [provider])[provider.id].reason


def test_the_members_of_the_council_that_loaded_it_are_held_to_its_gate(people, others):
    mine, theirs = a_scheme(people), a_scheme(others)
    provider = a_member(mine)
    a_member(theirs, provider)
    release_run(take_in(others, (provider, "Inadequate", DAY)), by=others.viewer("contracts2").actor)
    assert [one.scheme_id for one in db.session.scalars(select(Suspension))] == [theirs.id]


def test_data_of_the_cqc_itself_counts_for_every_council(people, others):
    schemes = [a_scheme(people), a_scheme(others)]
    providers = [a_member(schemes[0]) for _ in range(12)]
    a_member(schemes[1], providers[0])
    take_in(others, (providers[1], "Outstanding", "01/09/2026"))
    good = [(one, "Good", DAY) for one in providers[1:]]
    take_in(others, (providers[0], "Inadequate", DAY), *good, by=COMMAND, shared=True)
    assert [rating(council, providers[0]) for council in (people, others)] == [Rating.INADEQUATE] * 2
    assert rating(others, providers[1]) is Rating.GOOD, "the newer one of the CQC counts"
    assert {one.scheme_id for one in db.session.scalars(select(Suspension))} == {scheme.id for scheme in schemes}
    entries = select(AuditEntry.authority_id).where(AuditEntry.tag == "cqc:applied", AuditEntry.actor_kind == "command")
    assert set(db.session.scalars(entries)) == {people.council.id, others.council.id}


def test_who_loaded_a_run_never_releases_it(people):
    provider = a_member(a_scheme(people))
    run = take_in(people, (provider, "Inadequate", DAY))
    assert run.state is CqcImportState.HELD
    with pytest.raises(NotAllowed):
        release_run(run, by=people.viewer("contracts").actor)
    release_run(run, by=people.viewer("manager").actor)
    assert rating(people, provider) is Rating.INADEQUATE


def test_a_rise_above_the_gate_waits_for_a_second_person_and_holds_up_nothing_else(people):
    scheme = a_scheme(people)
    low, falling, *others = [a_member(scheme) for _ in range(14)]
    low.cqc_rating = Rating.INADEQUATE
    good = [(one, "Good", DAY) for one in others]
    run = take_in(people, (low, "Good", DAY), (falling, "Inadequate", DAY), *good)
    assert (run.state, rating(people, falling)) == (CqcImportState.APPLIED, Rating.INADEQUATE)
    assert suspensions_on(scheme.id, clock.today(), [falling.id])
    assert rating(people, low) is Rating.INADEQUATE, "it waits"
    waiting = db.session.scalars(select(CqcImport).where(CqcImport.state == CqcImportState.HELD)).one()
    assert "would rise above the gate" in waiting.sentence
    assert "would rise above the gate" in run.sentence
    with pytest.raises(NotAllowed):
        release_run(waiting, by=people.viewer("contracts").actor)
    release_run(waiting, by=people.viewer("manager").actor)
    assert rating(people, low) is Rating.GOOD


def test_another_council_accepts_the_ratings_on_a_page_and_then_they_count_there_too(client, people, others):
    mine = a_scheme(people)
    provider, unknown = a_member(mine), a_member(a_scheme(others), a_provider("Unknown here"))
    release_run(
        take_in(others, (provider, "Inadequate", DAY), (unknown, "Inadequate", DAY)),
        by=others.viewer("contracts2").actor,
    )
    db.session.commit()
    client.sign_in(people["contracts"])
    assert "Accept ratings of providers that you know" in client.get("/").text
    run = db.session.scalars(select(CqcImport)).one()
    page = f"/cqc/of-others/{run.id}"
    shown = client.get(page).text
    assert "Inadequate" in shown
    assert "Elsewhere Council" in shown
    assert "Unknown here" not in shown
    assert client.submit(page, {}, to=f"{page}/accept").status_code == 302
    assert client.submit(page, {}, to=f"{page}/accept").status_code == 409
    assert (rating(people, provider), rating(people, unknown)) == (Rating.INADEQUATE, Rating.GOOD)
    assert suspensions_on(mine.id, clock.today(), [provider.id])
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "cqc:accepted")).one()
    assert entry.authority_id == people.council.id
    assert "Accepted" in client.get("/cqc/of-others").text


def test_ratings_that_are_left_out_need_a_reason_and_change_nothing(client, people, others):
    provider = a_member(a_scheme(people))
    run = take_in(others, (provider, "Inadequate", DAY))
    release_run(run, by=others.viewer("contracts2").actor)
    db.session.commit()
    client.sign_in(people["contracts"])
    page = f"/cqc/of-others/{run.id}/decline"
    assert client.submit(page, {"because": " "}).status_code == 422
    assert client.submit(page, {"because": "The CQC says Good."}).status_code == 302
    assert rating(people, provider) is Rating.GOOD
    assert "The CQC says Good." in client.get(f"/cqc/of-others/{run.id}").text
    with pytest.raises(Conflict):
        accept_run(run, people.council.id, [provider.id], by=SYSTEM)
    with pytest.raises(Conflict):
        decline_run(run, people.council.id, "Again.", by=SYSTEM)


def test_runs_and_ratings_of_others_are_found_by_nobody_whom_they_do_not_concern(client, people, others):
    provider = a_member(a_scheme(others))
    run = take_in(others, (provider, "Inadequate", DAY))
    db.session.commit()
    client.sign_in(people["contracts"])
    assert list(db.session.scalars(undecided_runs_of_others(people.viewer("contracts")))) == []
    for page in (f"/cqc/{run.id}", f"/cqc/of-others/{run.id}", f"/cqc/{run.id}/refuse"):
        assert client.get(page).status_code == 404, page
    assert "cqc.csv" not in client.get("/cqc").text
    release_run(run, by=others.viewer("contracts2").actor)
    db.session.commit()
    assert client.get(f"/cqc/of-others/{run.id}").status_code == 404, "the provider is not known here"
    headers = client.bearer(people["contracts"])
    one = client.get(f"/api/v1/providers/{provider.id}", headers=headers).json
    assert (one["cqc_rating"], [row["overall"] for row in one["ratings"]]) == ("Good", ["Good"])


def test_the_page_of_a_provider_says_nothing_that_only_another_council_took_in(client, people, others):
    provider = a_member(a_scheme(people))
    a_member(a_scheme(others), provider)
    run = take_in(others, (provider, "Inadequate", DAY))
    release_run(run, by=others.viewer("contracts2").actor)
    db.session.commit()
    client.sign_in(people["auditor"])
    shown = client.get(f"/providers/{provider.id}").text
    assert "Inadequate" not in shown
    assert "Elsewhere Council" not in shown
    trail = "\n".join(map(str, table_of_authority(people.viewer("auditor")).rows))
    assert "provider:rating_changed" not in trail
    assert "provider:rating_changed" in "\n".join(map(str, table_of_authority(others.viewer("auditor")).rows))


def test_a_contact_hears_only_the_council_that_registered_it(people, others):
    load(others, a_row(contact_email="theirs@quill.example"))
    load(people, a_row(contact_email="ours@quill.example"))
    contacts = db.session.scalars(select(ProviderContact).order_by(ProviderContact.email)).all()
    assert [(one.email, one.authority_id) for one in contacts] == [
        ("ours@quill.example", people.council.id),
        ("theirs@quill.example", others.council.id),
    ]
    provider = provider_of(contacts[0])
    for council, email in ((people, "ours@quill.example"), (others, "theirs@quill.example")):
        told = recipient_of(council.council.id, provider).addresses
        assert [address.email for address in told] == [email]


def provider_of(contact):
    return db.session.get_one(Provider, contact.provider_id)


def test_a_rating_in_a_file_of_providers_is_its_councils_own_and_raises_nobody(people, others):
    load(others, a_row(cqc_overall="Outstanding"))
    load(people, a_row(cqc_overall="Good"))
    provider = provider_of(db.session.scalars(select(ProviderContact)).first())
    assert (rating(others, provider), rating(people, provider)) == (Rating.OUTSTANDING, Rating.GOOD)
    assert provider.cqc_rating is Rating.UNRATED, "nothing that the CQC itself published is known"
    fallen = a_member(a_scheme(people), a_provider("Fallen", rating=Rating.INADEQUATE))
    load(
        people,
        a_row(cqc_location_id=fallen.cqc_location_id, contact_email="f@fallen.example", cqc_report_date="2026-11-01"),
    )
    assert rating(people, fallen) is Rating.INADEQUATE


def test_a_location_that_another_council_registered_gets_no_user_of_this_file(people, others):
    load(people, a_row(contact_email="ours@quill.example"))
    load(others, a_row(contact_email="theirs@quill.example"))
    assert db.session.scalars(select(User).where(User.email == "theirs@quill.example")).all() == []


def test_provider_users_wait_on_the_list_of_the_council_that_brought_them_alone(client, people, others):
    load(others, a_row(contact_email="theirs@quill.example"))
    load(people, a_row(cqc_location_id="1-22222222", contact_email="ours@other.example"))
    db.session.commit()
    theirs = db.session.scalars(select(User).where(User.email == "theirs@quill.example")).one()
    client.sign_in(others["admin"])
    assert "theirs@quill.example" in client.get("/users/of-providers").text
    client.sign_out()
    client.sign_in(people["admin"])
    shown = client.get("/users/of-providers").text
    assert ("ours@other.example" in shown, "theirs@quill.example" in shown) == (True, False)
    assert client.submit("/users", {}, to=f"/users/of-providers/{theirs.id}/invite").status_code == 404
    entries = select(AuditEntry.authority_id).where(
        AuditEntry.tag == "user:created", AuditEntry.subject_id == theirs.id
    )
    assert db.session.scalars(entries).one() == others.council.id, "who brought somebody in reads it in the own audit"


def test_a_file_on_the_page_is_held_for_a_rise_and_says_so(client, people):
    low = a_member(a_scheme(people), a_provider("Low", rating=Rating.INADEQUATE))
    client.sign_in(people["contracts"])
    file = a_filters_file((low, "Good", DAY))
    answer = client.submit("/cqc/import", {"file": (io.BytesIO(file), "directory.csv")})
    run_queued()
    assert "A contract manager releases or refuses the data" in client.get(answer.location).text
    run = run_of_state(CqcImportState.HELD)
    client.sign_out()
    client.sign_in(people["manager"])
    assert client.submit(f"/cqc/{run.id}", {}, to=f"/cqc/{run.id}/release").status_code == 302
    assert rating(people, low) is Rating.GOOD


def run_of_state(state):
    return db.session.scalars(select(CqcImport).where(CqcImport.state == state)).one()


def test_another_authoritys_run_is_shown_only_with_the_providers_known_here(people, others):
    known, unknown = a_member(a_scheme(people)), a_member(a_scheme(others))
    run = take_in(others, (known, "Outstanding", DAY), (unknown, "Outstanding", DAY))
    shown = run_of_others(people.viewer("contracts"), run.id)
    assert shown.provider_ids == {known.id}


def test_no_refusal_tells_who_signs_in_for_a_provider_of_another_council(people, others):
    load(others, a_row(contact_email="shared@quill.example"))
    load(people, a_row(cqc_location_id="1-33333333", contact_email="shared@quill.example"))
    first, second = db.session.scalars(select(Provider).order_by(Provider.cqc_location_id)).all()
    assert first.organisation_id != second.organisation_id, "nobody is put among the users of a stranger"
    told = recipient_of(people.council.id, first).addresses
    assert [address.email for address in told] == ["shared@quill.example"], "and the contact hears of the offers"
    own = check_providers(
        a_scheme(people), a_file(a_row(cqc_location_id="1-44444444", contact_email="shared@quill.example")), "q.csv"
    )
    assert [bad.column for bad in own.bad_rows] == [], "still nothing is told of an account elsewhere"
