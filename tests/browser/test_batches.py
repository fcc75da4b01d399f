"""Batches in a real browser: proposed on a map, looked at, changed by hand and sealed."""

from __future__ import annotations

from app.postcodes.centroids import sectors_of
from app.tasks.jobs import run_queued
from marketplace.packages.rules import Source
from tests.marketplace.makers import a_package, a_scheme, a_zone

AREAS = ("PR1", "PR2", "PR4", "PR5", "PR25")


def packages_about_preston(scheme, count=40):
    """Reallocated packages spread over the sectors of five districts."""
    sectors = sectors_of(AREAS)
    for number in range(count):
        sector = sectors[number * 7 % len(sectors)]
        a_package(
            scheme,
            source=Source.REALLOCATION,
            postcode=f"{sector.area}AA",
            easting=sector.easting + number * 37 % 900 - 450,
            northing=sector.northing + number * 53 % 900 - 450,
        )


def test_a_navigator_proposes_batches_looks_at_one_changes_it_and_seals_it(visitor, people):
    scheme = a_scheme(people, batch_max_km=20)
    a_zone(scheme, "Around Preston", *AREAS[2:])
    packages_about_preston(scheme)
    extra = a_package(scheme, postcode="PR1 8XJ").reference
    visitor.sign_in(people["navigator"].email)
    visitor.go("/batches")
    visitor.sees("There are no batches yet.")
    visitor.press("Propose batches")
    visitor.page.get_by_label("Scheme and lot").select_option(label=f"{scheme.name}: all lots")
    visitor.press("Propose batches")
    assert run_queued() == 1
    visitor.go(visitor.page.url)
    visitor.follow("See the drafts")
    visitor.sees("Packages left out, and why")
    visitor.leave_by(visitor.page.locator("table a[id^=batch-]").first)
    visitor.sees("straight line")
    visitor.page.get_by_text("Add a package by its reference").click()
    visitor.fill("Package reference", extra)
    visitor.press("Add package")
    visitor.sees(f"{extra} was added.")
    visitor.page.get_by_text("Lift a package out").click()
    visitor.page.get_by_label("Reason").select_option(label="The person would rather have it so")
    visitor.fill("In your words", "Wants to keep the carer who comes now")
    visitor.press("Lift out")
    visitor.sees("was lifted out and is ready again.")
    visitor.press("Seal the batch")
    visitor.sees("The batch is sealed and can be offered.")
    visitor.go("/batches")
    visitor.sees("Sealed (1)")
