"""Where a postcode is."""

from app.database import db
from app.postcodes.centroids import centroid_of_outcode, centroid_of_sector, sectors_of
from app.postcodes.models import UnitPostcode
from app.postcodes.queries import locate_many


def locate(postcode):
    return locate_many([postcode]).get(postcode)


def test_an_imported_unit_postcode_is_found_exactly(session):
    db.session.add(UnitPostcode(postcode="PR1 8XJ", easting=353_001, northing=429_002))
    found = locate("pr18xj")
    assert (found.easting, found.northing, found.match_level) == (353_001, 429_002, "unit")


def test_without_its_unit_a_postcode_is_where_its_sector_is(session):
    found, sector = locate("PR1 8XJ"), centroid_of_sector("PR1 8")
    assert (found.easting, found.northing, found.match_level) == (sector.easting, sector.northing, "sector")


def test_a_sector_that_is_not_listed_falls_back_to_its_outcode(session):
    assert centroid_of_sector("LA1 8") is None
    found, outcode = locate("LA1 8AA"), centroid_of_outcode("LA1")
    assert (found.easting, found.northing, found.match_level) == (outcode.easting, outcode.northing, "outcode")


def test_what_is_no_postcode_or_nowhere_known_is_nowhere(session):
    assert locate("Preston") is None
    assert locate("BT1 1AA") is None


def test_many_are_found_under_the_texts_given_and_the_unknown_left_out(session):
    db.session.add(UnitPostcode(postcode="PR1 8XJ", easting=1, northing=2))
    found = locate_many(["PR1 8XJ", "pr1 8xj", "PR1 9AA", "nowhere"])
    assert {text: place.match_level for text, place in found.items()} == {
        "PR1 8XJ": "unit",
        "pr1 8xj": "unit",
        "PR1 9AA": "sector",
    }


def test_more_postcodes_than_one_question_takes_are_all_found(session):
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    codes = [f"PR1 {digit}{one}{two}" for digit in "89" for one in letters for two in letters]
    db.session.add_all(UnitPostcode(postcode=code, easting=n, northing=n) for n, code in enumerate(codes))
    db.session.flush()
    found = locate_many(codes)
    assert [found[code].easting for code in codes] == list(range(len(codes)))


def test_an_outcode_is_drawn_by_its_own_sectors_and_each_only_once():
    names = [centroid.area for centroid in sectors_of(["PR1", "PR1 8", "no such"])]
    assert names == sorted(set(names))
    assert "PR1 8" in names
    assert {centroid.outcode for centroid in sectors_of(["PR1"])} == {"PR1"}
