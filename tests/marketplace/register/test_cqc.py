"""CQC data: three layouts, unknown strings, vanished locations, held runs, and what follows for members."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.audit import SYSTEM
from app.database import db
from app.errors import Conflict, Invalid
from app.files.source import UnreadableFile
from app.imports.kinds import AS_SHOWN, SheetChoice
from app.messages.models import Message
from marketplace.membership.models import Membership, Suspension
from marketplace.membership.rules import MembershipState
from marketplace.providers import cqc_services
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_services import refuse_run, release_run
from marketplace.providers.models import CqcImportState, CqcRating
from marketplace.vocabulary import Rating
from tests.app.files.books import a_book, error
from tests.marketplace.makers import a_member, a_scheme
from tests.marketplace.register.makers import a_filters_file


def take_in(people, data, filename="cqc.csv", choice=AS_SHOWN):
    file = read_cqc(data, filename, choice)
    return cqc_services.take_in(file, filename, authority_id=people.council.id, by=SYSTEM, shared=True)


def members(people, count):
    scheme = a_scheme(people)
    return [a_member(scheme) for _ in range(count)]


def all_good(providers):
    return [(one, "Good", "01/10/2026") for one in providers]


def an_answer(provider, **changes):
    """One location of the API."""
    return {
        "locationId": provider.cqc_location_id,
        "registrationStatus": "Registered",
        "currentRatings": {"overall": {"rating": "Good", "reportDate": "2025-06-02", "keyQuestionRatings": []}},
        **changes,
    }


def test_a_fall_below_the_gate_stops_new_offers_and_keeps_the_membership(people):
    providers = members(people, 12)
    run = take_in(
        people, a_filters_file((providers[0], "Requires improvement", "01/10/2026"), *all_good(providers[1:]))
    )
    assert (run.state, run.seen, run.changed, run.fallen) == (CqcImportState.APPLIED, 12, 1, 1)
    suspension = db.session.scalars(select(Suspension)).one()
    assert (suspension.provider_id, suspension.by_gate, suspension.new_offers_only) == (providers[0].id, True, True)
    assert "Requires improvement" in suspension.reason
    standing = db.session.scalars(select(Membership.state).where(Membership.provider_id == providers[0].id)).one()
    assert standing is MembershipState.ACTIVE
    assert len(db.session.scalars(select(Message).where(Message.kind == "suspended")).all()) == 1
    take_in(people, a_filters_file((providers[0], "Requires improvement", "02/10/2026"), *all_good(providers[1:])))
    assert len(db.session.scalars(select(Suspension)).all()) == 1


def test_more_than_a_tenth_falling_is_held_and_changes_nothing_until_released(people):
    providers = members(people, 12)
    low = [(one, "Inadequate", "01/10/2026") for one in providers[:2]]
    run = take_in(people, a_filters_file(*low, *all_good(providers[2:])))
    assert run.state is CqcImportState.HELD
    assert {one.cqc_rating for one in providers} == {Rating.GOOD}
    assert db.session.scalars(select(Suspension)).all() == []
    release_run(run, by=SYSTEM)
    assert [one.cqc_rating for one in providers[:2]] == [Rating.INADEQUATE] * 2
    assert len(db.session.scalars(select(Suspension)).all()) == 2
    with pytest.raises(Conflict):
        release_run(run, by=SYSTEM)


def test_a_held_run_can_be_refused_with_a_reason(people):
    providers = members(people, 2)
    run = take_in(people, a_filters_file((providers[0], "Inadequate", "01/10/2026"), *all_good(providers[1:])))
    with pytest.raises(Invalid):
        refuse_run(run, " ", by=SYSTEM)
    refuse_run(run, "The file was cut off.", by=SYSTEM)
    assert run.state is CqcImportState.REFUSED
    assert providers[0].cqc_rating is Rating.GOOD


def test_an_unknown_rating_is_unrated_and_suspends_nobody(people):
    providers = members(people, 12)
    take_in(people, a_filters_file((providers[0], "Inspected but not rated", "01/10/2026"), *all_good(providers[1:])))
    assert providers[0].cqc_rating is Rating.UNRATED
    assert db.session.scalars(select(Suspension)).all() == []


def test_an_older_publication_changes_nothing(people):
    [provider] = members(people, 1)
    run = take_in(people, a_filters_file((provider, "Inadequate", "01/10/2020")))
    assert (run.state, run.changed) == (CqcImportState.APPLIED, 0)
    assert provider.cqc_rating is Rating.GOOD


def test_a_row_without_rating_and_date_leaves_what_is_known(people):
    providers = members(people, 2)
    run = take_in(people, a_filters_file((providers[0], "", ""), (providers[1], "Good", "2026-10-01")))
    assert (run.state, run.changed, providers[0].cqc_rating) == (CqcImportState.APPLIED, 0, Rating.GOOD)


def test_a_location_that_vanishes_is_marked_and_comes_back(people):
    providers = members(people, 12)
    run = take_in(people, a_filters_file(*all_good(providers[1:])))
    assert run.vanished == 1
    assert providers[0].vanished_at is not None
    take_in(people, a_filters_file(*all_good(providers)))
    assert providers[0].vanished_at is None


def test_an_excerpt_marks_nobody_as_gone(people):
    providers = members(people, 12)
    run = take_in(people, a_filters_file(*all_good(providers[:3])))
    assert run.vanished == 0
    assert "excerpt" in run.sentence


def test_the_weekly_directory_says_who_is_there_and_has_no_ratings(people):
    providers = members(people, 12)
    lines = [
        "CQC directory",
        "This data was produced on 29 July 2026",
        "",
        "",
        "Name,Also known as,Postcode,Provider name,Location URL,CQC Location (for office use only,CQC Provider ID",
        *(f'"{one.name}",,PR1 8XJ,Ltd,https://x,{one.cqc_location_id},1-1' for one in providers[1:]),
    ]
    run = take_in(people, "\n".join(lines).encode())
    assert (run.state, run.seen, run.changed, run.vanished) == (CqcImportState.APPLIED, 11, 0, 1)


def test_the_monthly_workbook_is_read_from_its_own_sheet(people):
    [provider] = members(people, 1)
    book = Workbook()
    book.active.title = "README"
    sheet = book.create_sheet("HSCA_Active_Locations")
    sheet.append(["Text above"])
    sheet.append(["Location ID", "Location Latest Overall Rating", "Publication Date"])
    sheet.append([provider.cqc_location_id, "Outstanding", "01/10/2026"])
    data = io.BytesIO()
    book.save(data)
    take_in(people, data.getvalue(), "10_October_2026_HSCA_Active_Locations.xlsx")
    assert provider.cqc_rating is Rating.OUTSTANDING


def test_the_newest_of_old_and_new_style_assessments_counts(people):
    [provider] = members(people, 1)
    questions = [{"name": "Well-led", "rating": "Outstanding", "status": "Active"}]
    new = [
        {
            "assessmentPlanPublishedDateTime": "2026-05-01T00:00:00Z",
            "ratings": {"overall": [{"rating": "Outstanding", "status": "Active", "keyQuestionRatings": questions}]},
        },
        {
            "assessmentPlanPublishedDateTime": "2026-09-01T00:00:00Z",
            "ratings": {"overall": [{"rating": "Inadequate", "status": "Inactive"}]},
        },
    ]
    take_in(people, json.dumps(an_answer(provider, assessment=new)).encode(), "location.json")
    assert provider.cqc_rating is Rating.OUTSTANDING
    newest = db.session.scalars(select(CqcRating).order_by(CqcRating.published_on.desc())).first()
    assert (newest.style, newest.well_led, newest.safe) == ("new", "Outstanding", "Unrated")


def test_a_deregistered_location_is_marked_and_others_are_left_alone(people):
    providers = members(people, 3)
    answer = an_answer(providers[0], registrationStatus="Deregistered")
    run = take_in(people, json.dumps({"locations": [answer]}).encode(), "location.json")
    assert run.vanished == 1
    assert [one.vanished_at is not None for one in providers] == [True, False, False]


@pytest.mark.parametrize(
    ("data", "filename", "sentence"),
    [
        (b"", "x.csv", "empty"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "x.xlsx", "OpenDocument"),
        (b"anything", "x.ods", "OpenDocument"),
        (b"{not json", "x.json", "not whole JSON"),
        (b"[]", "x.json", "no locations"),
        (b'[{"name": "x"}]', "x.json", "no locationId"),
        (b"a,b\n1,2", "x.csv", "not a file of the CQC"),
        (b"Location ID,Name\n1-1,x", "x.csv", "is missing"),
        (b"Location ID,Location Latest Overall Rating,Publication Date\n", "x.csv", "no locations"),
        (b"Location ID,Location Latest Overall Rating,Publication Date\n1-123,Good,soon", "x.csv", "Line 2"),
        (b"Location ID,Location Latest Overall Rating,Publication Date\n,Good,2026-01-01", "x.csv", "Line 2"),
        (b"\xff\xfeL\x00", "x.csv", "UTF-8"),
        (b'Name,CQC Location\n"a', "x.csv", "location id is missing"),
    ],
)
def test_a_file_that_is_none_of_them_is_refused_in_words(people, data, filename, sentence):
    members(people, 1)
    with pytest.raises(UnreadableFile, match=sentence):
        take_in(people, data, filename)


def test_a_file_with_none_of_our_locations_is_held(people):
    members(people, 1)
    rows = b"Location ID,Location Latest Overall Rating,Publication Date\n1-999999999,Good,2026-01-01"
    assert take_in(people, rows).state is CqcImportState.HELD


def test_a_rating_of_a_day_to_come_would_count_for_ever_and_is_refused_with_its_file(people):
    one, other = members(people, 2)
    with pytest.raises(UnreadableFile, match=f"in the future, of {one.cqc_location_id}. Correct"):
        take_in(people, a_filters_file((one, "Outstanding", "01/10/2099"), (other, "Good", "01/10/2026")))
    overall = {"overall": {"rating": "Outstanding", "reportDate": "2099-06-02", "keyQuestionRatings": []}}
    answer = json.dumps(an_answer(other, currentRatings=overall)).encode()
    with pytest.raises(UnreadableFile, match="in the future"):
        take_in(people, answer, "answer.json")
    assert {one.cqc_rating, other.cqc_rating} == {Rating.GOOD}


RATINGS_HEADER = (
    "Location ID,Location ODS Code,Location Name,Care Home?,Location Type/Sector,Service / Population Group,Domain,"
    "Latest Rating,Publication Date,Report Type,Inherited Rating (Y/N),URL"
)


def a_ratings_file(*rows):
    """The monthly file of ratings: location, service, domain, rating and day of each row."""
    lines = [f"{one},,Thistle,N,Social Care Org,{service},{domain},{rating},{day},Location,N,http://x"
             for one, service, domain, rating, day in rows]  # fmt: skip
    return "\n".join([RATINGS_HEADER, *lines]).encode()


def a_service(name, rating, status="Current", questions=()):
    """The rating of one service in an assessment (A5)."""
    rated = [{"name": question, "rating": answer, "status": "Assessed"} for question, answer in questions]
    return {
        "name": name,
        "title": f"{name} assessment",
        "rating": rating,
        "status": status,
        "keyQuestionRatings": rated,
    }


def a_plan(day, *services):
    return {"assessmentPlanPublishedDateTime": f"{day} 09:00:00", "ratings": {"overall": [], "asgRatings": [*services]}}


def rated(people, provider, **changes):
    take_in(people, json.dumps(an_answer(provider, **changes)).encode(), "location.json")
    db.session.expire_all()
    newest = db.session.scalars(select(CqcRating).order_by(CqcRating.published_on.desc(), CqcRating.style)).first()
    return provider.cqc_rating, provider.cqc_published_on, newest


def test_a_social_care_rating_stands_with_its_service_while_overall_is_empty(people):
    [provider, *_] = members(people, 11)
    provider.cqc_rating = Rating.UNRATED
    questions = [("Safe", "Requires Improvement"), ("Effective", "Good"), ("Well-led", "Requires Improvement")]
    plan = a_plan(
        "2026-05-19",
        a_service("Homecare", "Requires Improvement", questions=questions),
        a_service("Homecare", "Inadequate", "Historic"),
    )
    rating, day, newest = rated(people, provider, assessment=[plan])
    assert (rating, day) == (Rating.REQUIRES_IMPROVEMENT, date(2026, 5, 19))
    assert (newest.style, newest.safe, newest.effective, newest.caring) == (
        "new", "Requires improvement", "Good", "Unrated",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("services", "rating"),
    [
        ([("Homecare", "Outstanding"), ("Care home", "Inadequate")], Rating.OUTSTANDING),
        (
            [("Homecare agencies", "Good"), ("Domiciliary care service", "Requires improvement")],
            Rating.REQUIRES_IMPROVEMENT,
        ),
        ([("Supported living", "Good"), ("Extra care", "Inadequate")], Rating.INADEQUATE),
        ([("Homecare", "Inspected but not rated"), ("Homecare", "Outstanding")], Rating.OUTSTANDING),
    ],
)
def test_of_several_services_the_worst_of_home_care_counts(people, services, rating):
    [provider, *_] = members(people, 11)
    provider.cqc_rating = Rating.UNRATED
    plan = a_plan("2026-05-19", *(a_service(*service) for service in services))
    assert rated(people, provider, assessment=[plan])[0] is rating


def test_a_location_named_twice_in_one_file_keeps_its_newest_and_not_its_last_row(people):
    [provider, *others] = members(people, 12)
    twice = [(provider, "Outstanding", "01/10/2026"), *all_good(others), (provider, "Inadequate", "01/10/2020")]
    take_in(people, a_filters_file(*twice))
    assert provider.cqc_rating is Rating.OUTSTANDING
    answers = [
        an_answer(provider, currentRatings={"overall": {"rating": "Outstanding", "reportDate": "2026-11-01"}}),
        an_answer(provider, currentRatings={"overall": {"rating": "Inadequate", "reportDate": "2020-06-02"}}),
    ]
    take_in(people, json.dumps(answers).encode(), "locations.json")
    assert (provider.cqc_rating, str(provider.cqc_published_on)) == (Rating.OUTSTANDING, "2026-11-01")


def test_the_monthly_file_of_ratings_is_taken_with_its_key_questions_and_marks_nobody_as_gone(people):
    [provider, other, *rest] = members(people, 12)
    rows = [
        (provider.cqc_location_id, "Overall", "Safe", "Requires improvement", "01/10/2026"),
        (provider.cqc_location_id, "Overall", "Well-led", "Good", "01/10/2026"),
        (provider.cqc_location_id, "Overall", "Overall", "Requires improvement", "01/10/2026"),
        (provider.cqc_location_id, "Care home service", "Overall", "Inadequate", "02/10/2026"),
        (other.cqc_location_id, "Domiciliary care service", "Overall", "Outstanding", "01/10/2026"),
        *((one.cqc_location_id, "Overall", "Overall", "Good", "01/10/2026") for one in rest[:9]),
    ]
    run = take_in(people, a_ratings_file(*rows), "Latest_ratings.csv")
    assert (run.state, run.seen, run.vanished) == (CqcImportState.APPLIED, 11, 0)
    assert (provider.cqc_rating, other.cqc_rating) == (Rating.REQUIRES_IMPROVEMENT, Rating.OUTSTANDING)
    newest = db.session.scalars(
        select(CqcRating).where(CqcRating.provider_id == provider.id).order_by(CqcRating.published_on.desc())
    ).first()
    assert (newest.safe, newest.well_led, newest.caring) == ("Requires improvement", "Good", "Unrated")


def test_another_layout_is_refused_naming_those_that_are_taken(people):
    members(people, 1)
    with pytest.raises(UnreadableFile) as refusal:
        take_in(people, b"Location ID,Rating\n1-123,Good", "ratings.csv")
    for named in ("weekly directory", "monthly directory with filters", "monthly file of ratings", "API (JSON)"):
        assert named in refusal.value.sentence


def test_the_sheet_and_hidden_rows_of_a_cqc_workbook_are_told_and_asked_about(people):
    [provider] = members(people, 1)
    head = ["Location ID", "Location Latest Overall Rating", "Publication Date"]
    table = [head, [provider.cqc_location_id, "Outstanding", "01/10/2026"]]
    book = a_book(("README", "visible", [["x"]]), ("HSCA_Active_Locations", "visible", table), hidden_rows=(2,))
    with pytest.raises(UnreadableFile, match="1 row of the sheet “HSCA_Active_Locations” cannot be seen"):
        take_in(people, book, "a.xlsx")
    take_in(people, book, "a.xlsx", SheetChoice("", with_hidden_rows=True))
    assert provider.cqc_rating is Rating.OUTSTANDING


def test_an_error_in_a_column_that_nobody_reads_does_no_harm_and_in_another_is_named_by_its_cell(people):
    [provider] = members(people, 1)
    head = ["Location ID", "Location Latest Overall Rating", "Publication Date", "Location Telephone Number"]
    row = [provider.cqc_location_id, "Outstanding", "01/10/2026", error("#N/A")]
    take_in(people, a_book(("HSCA_Active_Locations", "visible", [head, row])), "a.xlsx")
    assert provider.cqc_rating is Rating.OUTSTANDING
    row[1] = error("#REF!")
    with pytest.raises(UnreadableFile, match="The cell B2 holds #REF!"):
        take_in(people, a_book(("HSCA_Active_Locations", "visible", [head, row])), "a.xlsx")
