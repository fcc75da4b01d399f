"""Whether every page was reached: each GET route is visited by somebody, or stands here with the reason why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pagecheck.findings import Visit

NO_PAGES = {
    "auth.left": "JSON for the warning before a session ends",
    "brand": "a style sheet",
    "health.alive": "plain text for machines",
    "health.ready": "plain text for machines",
    "members.as_csv": "a CSV file",
    "metrics.show": "numbers for machines",
    "ranking.inputs": "a JSON file",
    "tasks.progress": "JSON for the progress bar",
    "tasks.report": "a CSV file",
}
"""GET routes that show no page."""


@dataclass(slots=True)
class Reach:
    """Which routes there are, which were not reached, and which need not be."""

    routes: int
    excused: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def reach_of(endpoints: Iterable[str], visits: Iterable[Visit], roles_without_anybody: Iterable[str]) -> Reach:
    """Compares the routes with the visits. An excuse for a route that is gone, or reached after all, is out of date."""
    known, visited = set(endpoints), {visit.endpoint for visit in visits if visit.status == 200}
    reach = Reach(len(known), NO_PAGES)
    reach.missing = [f"{endpoint}: nobody was shown this page" for endpoint in sorted(known - visited - set(NO_PAGES))]
    reach.missing += [f"{endpoint}: its excuse is out of date" for endpoint in sorted(set(NO_PAGES) & visited)]
    reach.missing += [f"{endpoint}: excused, and no such route" for endpoint in sorted(set(NO_PAGES) - known)]
    reach.missing += [f"the role {role}: nobody holds it here" for role in roles_without_anybody]
    return reach
