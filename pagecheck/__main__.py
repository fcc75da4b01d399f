"""`python -m pagecheck [--database PLACE] [--only WORD] [--json FILE]`: the whole audit, in two Chromiums."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from app.database import db
from app.house import House
from app.parties.roles import Role
from demo.screenshots import served
from pagecheck import report
from pagecheck.addresses import Explorer, Hints, page_rules, unused_roles
from pagecheck.findings import Finding, Tally, Visit
from pagecheck.furnishing import furnish
from pagecheck.furnishing_accounts import TOKEN, halfway_in
from pagecheck.ground import (
    Somebody,
    a_copy,
    everybody,
    second_factor_required,
    what_no_title_says,
    without_a_database,
)
from pagecheck.jobs import WORKERS, Crew, after_a_step, forms, looks, recovery_codes
from pagecheck.reach import Reach, reach_of


def main() -> int:
    """Does the audit and tells what was found; 1 when something was."""
    options = asked()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        house = a_copy(Path(folder) / "audit.sqlite", options.database)
        people, halfway, hints = furnished(house)
        tally, visits = explored(house, people, hints)
        with second_factor_required(house):
            tally, on_the_way = explored(house, halfway, hints, tally)
        reach = reached(house, [*visits, *on_the_way], people)
        visits, on_the_way = chosen(visits, options.only), chosen(on_the_way, options.only)
        say(f"{len(visits) + len(on_the_way)} pages found", started)
        steps = [] if options.only else after_a_step(house)
        with served(house) as address:
            crew = Crew(address, [*people, *halfway], tally)
            crew.work(looks(visits))
            say("every page looked at", started)
            crew.work([*forms(visits), *steps])
            say(f"{tally.forms} forms came back", started)
            with second_factor_required(house):
                crew.work([*looks(on_the_way), *forms(on_the_way)])
                crew.work([] if options.only else recovery_codes())
        with without_a_database(Path(folder)) as shut, served(shut) as address:
            Crew(address, [], tally).work(looks([Visit("nobody", "no database", f"/new-password/{TOKEN}", 503)]))
    return told(tally, reach, time.monotonic() - started, options.json)


def furnished(house: House) -> tuple[list[Somebody], list[Somebody], Hints]:
    """Who visits, who is halfway in, and what leads to every page."""
    with house.app_context():
        people = everybody()
        addresses = furnish(next(who.email for who in people if Role.PROVIDER_COORDINATOR in who.roles))
        halfway = halfway_in()
        hints = Hints(TOKEN, tuple(addresses), what_no_title_says())
        db.session.rollback()  # what has read may yet write, and would keep everybody else from writing
    return people, halfway, hints


def chosen(visits: list[Visit], word: str) -> list[Visit]:
    """Those to pages with this word in their name."""
    return [visit for visit in visits if word in visit.endpoint]


def asked() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="pagecheck", description=__doc__)
    parser.add_argument("--database", type=Path, help="a demo database to copy, instead of instance/demo.sqlite")
    parser.add_argument("--only", default="", help="look only at pages with this word in their name")
    parser.add_argument("--json", type=Path, help="write the lines of JSON to this file, too")
    return parser.parse_args()


def say(sentence: str, started: float) -> None:
    """Tells how far the audit is."""
    print(f"  {time.monotonic() - started:5.0f} s  {sentence}", flush=True)


def explored(
    house: House, people: list[Somebody], hints: Hints, tally: Tally | None = None
) -> tuple[Tally, list[Visit]]:
    """Every page of everybody, and what is wrong with its HTML; two processes share the people."""
    tally, visits = tally or Tally(), []
    with ProcessPoolExecutor(WORKERS, get_context("fork"), _apart, (house,)) as pool:
        for found, seen in pool.map(partial(_explored_by, hints), people):
            tally.findings += found
            visits += seen
    return tally, visits


_HOUSES: list[House] = []


def _apart(house: House) -> None:
    """A process of its own needs connections of its own."""
    _HOUSES[:] = [house]
    with house.app_context():
        db.engine.dispose(close=False)


def _explored_by(hints: Hints, who: Somebody) -> tuple[list[Finding], list[Visit]]:
    with _HOUSES[0].app_context():
        explorer = Explorer(_HOUSES[0], who, hints)
        explorer.explore()
    return explorer.findings, explorer.visits


def reached(house: House, visits: list[Visit], people: list[Somebody]) -> Reach:
    """Whether every page is among the visits."""
    return reach_of({rule.endpoint for rule in page_rules(house)}, visits, unused_roles(house, people))


def told(tally: Tally, reach: Reach, seconds: float, place: Path | None) -> int:
    """Prints the report; the exit code."""
    lines = list(report.lines(tally, reach, seconds))
    print("\n".join(lines))
    if place:
        place.write_text("\n".join(line for line in lines if line.startswith("{")) + "\n", encoding="utf-8")
    return 0 if report.is_clean(tally, reach) else 1


if __name__ == "__main__":
    sys.exit(main())
