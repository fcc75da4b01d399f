"""Loading providers from a file: all rows or none, decided by the gate, once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Conflict
from app.messages.models import Message
from app.parties.models import User
from app.parties.roles import Role
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState
from marketplace.membership.models import Capacity, Membership
from marketplace.providers.models import CqcRating, Provider
from marketplace.register.services import check_providers, import_providers
from tests.marketplace.makers import a_scheme
from tests.marketplace.register.makers import LANCASHIRE, a_file, a_lancashire_scheme, a_row


def load(scheme, data, filename="providers.csv"):
    plan = check_providers(scheme, data, filename)
    assert not plan.bad_rows, plan.bad_rows[:5]
    return import_providers(scheme, plan, by=SYSTEM)


def count(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_the_lancashire_file_gives_69_members_8_refused_and_7_waiting(people):
    scheme = a_lancashire_scheme(people)
    done = load(scheme, LANCASHIRE.read_bytes())
    assert (done.providers, done.admitted, done.refused, done.waiting) == (84, 69, 8, 7)
    assert count(Provider) == 84
    assert db.session.scalar(select(func.count(func.distinct(Membership.provider_id)))) == 69
    assert count(Capacity) == 69
    waiting = db.session.scalars(select(Application).where(Application.state == ApplicationState.SUBMITTED)).all()
    assert len(waiting) == 7
    assert all(one.due_on for one in waiting)
    assert count(Message, Message.kind == "application_decided") == 77


def test_a_row_becomes_a_location_with_ratings_contact_user_and_place(people):
    scheme = a_scheme(people)
    load(scheme, a_file(a_row()))
    provider = db.session.scalars(select(Provider)).one()
    assert {one.skill for one in provider.skills} == {"dementia", "PEG feeding"}
    assert {one.language for one in provider.languages} == {"Gujarati", "Punjabi"}
    assert provider.base_easting
    assert [one.email for one in provider.contacts] == ["coordinator1@provider001.example"]
    rating = db.session.scalars(select(CqcRating)).one()
    assert (rating.overall, rating.well_led, rating.published_on.isoformat()) == ("Good", "Good", "2025-10-12")
    user = db.session.scalars(select(User).where(User.organisation_id == provider.organisation_id)).one()
    assert {held.role for held in user.roles} == {Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR}
    assert user.password_hash is None
    assert db.session.scalars(select(Capacity.declared_minutes)).one() == 4830
    membership = db.session.scalars(select(Membership)).one()
    assert sorted(area.area for area in membership.areas) == ["PR1", "PR2 1"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", ""),
        ("cqc_location_id", "1 2"),
        ("cqc_report_date", "12/14/2025"),
        ("cqc_report_date", "2199-01-01"),
        ("base_postcode", "QR1 1AA"),
        ("lots", "gardening"),
        ("lots", ""),
        ("outcodes", "PR"),
        ("outcodes", "PR1 8XJ"),
        ("capacity_hours_per_week", "NaN"),
        ("capacity_hours_per_week", "-5"),
        ("carers_female", "many"),
        ("carers_male", "1e3"),
        ("entry_assessment_score", "101"),
        ("contact_email", "nobody"),
        ("telephone", "ring the bell"),
        ("skills", "x" * 81),
    ],
)
def test_one_bad_cell_loads_nothing_and_names_its_line_and_column(people, column, cell):
    scheme = a_scheme(people)
    other = {"cqc_location_id": "1-111111111", "contact_email": "other@provider002.example"}
    plan = check_providers(scheme, a_file(a_row(), a_row(**{**other, column: cell})), "providers.csv")
    assert plan.rows == ()
    assert {(bad.line, bad.column) for bad in plan.bad_rows} == {(3, column)}


def test_every_bad_row_is_named_with_every_reason(people):
    scheme = a_scheme(people)
    plan = check_providers(scheme, a_file(a_row(lots="x", outcodes="y"), a_row(carers_male="")), "providers.csv")
    assert [(bad.line, bad.column) for bad in plan.bad_rows] == [
        (2, "lots"),
        (2, "outcodes"),
        (3, "carers_male"),
        (3, "contact_email"),
        (3, "cqc_location_id"),
    ]


def test_a_reason_never_repeats_a_contact(people):
    scheme = a_scheme(people)
    plan = check_providers(scheme, a_file(a_row(contact_email="ZZ secret", telephone="ZZ 1")), "providers.csv")
    assert "ZZ" not in " ".join(bad.reason for bad in plan.bad_rows)


def test_the_same_file_is_recognised_the_second_time(people):
    scheme = a_scheme(people)
    plan = check_providers(scheme, a_file(a_row()), "providers.csv")
    import_providers(scheme, plan, by=SYSTEM)
    with pytest.raises(Conflict, match="already imported on"):
        import_providers(scheme, plan, by=SYSTEM)
    with pytest.raises(Conflict, match="already imported on"):
        check_providers(scheme, a_file(a_row()), "another-name.csv")


def test_a_location_joins_a_second_scheme_without_being_registered_twice(people):
    first, second = a_scheme(people), a_scheme(people)
    load(first, a_file(a_row()))
    load(second, a_file(a_row()))
    assert count(Provider) == 1
    assert count(Membership) == 2


def test_two_providers_of_one_name_stay_two_organisations_unless_the_file_says_so(people):
    scheme = a_scheme(people)
    again = a_row(cqc_location_id="1-222222222", contact_email="other@provider002.example")
    load(scheme, a_file(a_row(), again))
    assert db.session.scalar(select(func.count(func.distinct(Provider.organisation_id)))) == 2


def test_sister_locations_share_an_organisation_and_its_coordinator(people):
    scheme = a_scheme(people)
    first = a_row(organisation="Thistle Group")
    load(scheme, a_file(first, {**first, "cqc_location_id": "1-222222222"}))
    assert db.session.scalar(select(func.count(func.distinct(Provider.organisation_id)))) == 1
    assert count(User, User.email == "coordinator1@provider001.example") == 1


def test_a_file_puts_nobody_among_the_users_of_a_provider_that_is_registered(people):
    load(a_scheme(people), a_file(a_row(organisation="Thistle Group")))
    new = a_row(cqc_location_id="1-222222222", organisation="Thistle Group", contact_email="stranger@nowhere.example")
    other = a_scheme(people)
    plan = check_providers(other, a_file(new), "providers.csv")
    assert [(bad.column, bad.reason.startswith("An organisation of this name")) for bad in plan.bad_rows] == [
        ("organisation", True)
    ]
    load(other, a_file({**new, "contact_email": "Coordinator1@provider001.example"}))
    assert db.session.scalar(select(func.count(func.distinct(Provider.organisation_id)))) == 1
    assert count(User, User.email == "coordinator1@provider001.example") == 1
    assert count(User, User.email == "stranger@nowhere.example") == 0
    assert count(Provider) == 2


def test_a_contact_of_one_organisation_is_not_the_contact_of_another(people):
    load(a_scheme(people), a_file(a_row(organisation="Thistle Group")))
    for named in ("", "Another Group"):
        plan = check_providers(
            a_scheme(people), a_file(a_row(cqc_location_id="1-222222222", organisation=named)), "providers.csv"
        )
        assert [bad.column for bad in plan.bad_rows] == ["contact_email"]


def test_every_user_that_a_file_makes_is_in_the_audit(people):
    load(a_scheme(people), a_file(a_row()))
    user = db.session.scalars(select(User).where(User.email == "coordinator1@provider001.example")).one()
    made = db.session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == user.id)).all()
    assert made == ["user:created"]


def test_an_address_of_somebody_else_is_refused(people):
    scheme = a_scheme(people)
    plan = check_providers(scheme, a_file(a_row(contact_email="broker@testshire.example")), "providers.csv")
    assert [bad.column for bad in plan.bad_rows] == ["contact_email"]


def test_an_unrated_location_waits_and_a_low_one_is_refused_with_the_reason(people):
    scheme = a_scheme(people)
    low = a_row(cqc_overall="Requires Improvement", cqc_location_id="1-222222222", contact_email="b@p2.example")
    done = load(scheme, a_file(a_row(cqc_overall="Inspected but not rated"), low))
    assert (done.admitted, done.refused, done.waiting) == (0, 1, 1)
    refused = db.session.scalars(select(Application).where(Application.state == ApplicationState.REFUSED)).one()
    assert "Requires improvement" in refused.decision_reason


def test_branches_of_one_name_are_shown_apart_also_when_the_second_comes_later(people):
    scheme = a_scheme(people)
    load(scheme, a_file(a_row()))
    assert db.session.scalars(select(Provider.name)).all() == ["Thistle Care"]
    own = {"cqc_location_id": "1-93394916534", "contact_email": "coordinator2@provider002.example"}
    load(scheme, a_file(a_row(base_postcode="LA1 1AA", name="Thistle care", **own)), "more.csv")
    db.session.expire_all()
    shown = db.session.execute(select(Provider.name, Provider.registered_name).order_by(Provider.name)).all()
    assert [tuple(row) for row in shown] == [
        ("Thistle Care, PR3", "Thistle Care"),
        ("Thistle care, LA1", "Thistle care"),
    ]
