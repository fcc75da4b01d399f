"""What the audit says at the end: a table for people, a line of JSON for each fact for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from pagecheck.findings import Finding, Tally
from pagecheck.reach import Reach

MOST_SHOWN = 60


def lines(tally: Tally, reach: Reach, seconds: float) -> Iterator[str]:
    """The whole report, line by line."""
    findings = unique(tally.findings)
    yield from _table(tally)
    yield ""
    for check, count in Counter(one.check for one in findings).most_common():
        yield f"  {count:5}  {check}"
    for one in findings[:MOST_SHOWN]:
        yield f"  {one.check}: {one.visit.endpoint} {one.visit.path} as {one.visit.role}, {one.width or 'any'} px: {one.sentence}"
    if len(findings) > MOST_SHOWN:
        yield f"  … and {len(findings) - MOST_SHOWN} more; the lines of JSON have them all."
    yield from (f"  fault of the audit: {said}" for said in tally.errors)
    yield from (f"  not reached: {sentence}" for sentence in reach.missing)
    yield from (f"  left out: {endpoint}: {why}" for endpoint, why in sorted(reach.excused.items()))
    yield ""
    yield from _json(tally, findings, reach, seconds)


def is_clean(tally: Tally, reach: Reach) -> bool:
    """Whether nothing was found, everything was reached and the audit itself did not stumble."""
    return not (tally.findings or tally.errors or reach.missing)


def unique(findings: list[Finding]) -> list[Finding]:
    """Each finding once for a page and a width, whoever saw it."""
    seen: dict[tuple[str, str, int, str], Finding] = {}
    for one in findings:
        seen.setdefault((one.check, one.visit.endpoint, one.width, one.sentence), one)
    return list(seen.values())


def _table(tally: Tally) -> Iterator[str]:
    roles = Counter[str]()
    pages: dict[str, set[str]] = {}
    for (endpoint, role, _), count in tally.looks.items():
        roles[role] += count
        pages.setdefault(role, set()).add(endpoint)
    found = Counter(one.visit.role for one in tally.findings)
    yield f"  {'role':24}{'pages':>7}{'looks':>7}{'findings':>10}"
    for role in sorted(roles):
        yield f"  {role:24}{len(pages[role]):7}{roles[role]:7}{found[role]:10}"
    yield f"  {'together':24}{len(set().union(*pages.values())):7}{roles.total():7}{len(tally.findings):10}"


def _json(tally: Tally, findings: list[Finding], reach: Reach, seconds: float) -> Iterator[str]:
    for one in findings:
        visit = one.visit
        yield json.dumps(
            {
                "kind": "finding",
                "check": one.check,
                "page": visit.endpoint,
                "path": visit.path,
                "role": visit.role,
                "width": one.width,
                "sentence": one.sentence,
            },
            ensure_ascii=False,
        )
    facts = {
        "pages": len({endpoint for endpoint, _, _ in tally.looks}),
        "page_and_role": len({(endpoint, role) for endpoint, role, _ in tally.looks}),
        "looks": sum(tally.looks.values()),
        "close_looks": tally.closely,
        "forms_sent_empty": tally.forms,
        "walks_cut_short": tally.cut_short,
        "routes": reach.routes,
        "not_reached": len(reach.missing),
        "findings": len(findings),
        "seconds": round(seconds),
    }
    yield json.dumps({"kind": "summary", **facts})
