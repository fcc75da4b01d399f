"""Rounds that are past their deadline, with yeses, for tests of rankings made from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from app import clock
from app.audit import SYSTEM, Actor
from app.database import db
from brokerage.ranking import queries, services
from brokerage.ranking.explanations import ExplainedRanking
from brokerage.ranking.models import Ranking
from marketplace.membership.models import Suspension
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, OfferLine, Round
from marketplace.schemes.models import Scheme
from tests.marketplace.makers import a_member, a_package, a_provider, a_response, a_scheme, an_issue, line_of
from tests.people import People

YESES = (("Ash", 80, 2600), ("Birch", 70, 2400), ("Cedar", 70, 3300))
"""Name, entry score, price: with CQC Good, Ash has quality 78, the others 72."""


@dataclass
class Scene:
    """One package, offered to some providers who said yes."""

    scheme: Scheme
    package: Package
    providers: list[Provider]
    issue: Issue

    @property
    def round(self) -> Round:
        """Its only round."""
        return db.session.query(Round).filter_by(issue_id=self.issue.id, package_id=self.package.id).one()

    def line(self, name: str) -> OfferLine:
        """The line of the provider with this name."""
        return line_of(self.issue, self.package, self.provider(name))

    def provider(self, name: str) -> Provider:
        """The provider with this name."""
        return next(provider for provider in self.providers if provider.name == name)


def a_scene(people: People, yeses=YESES, *, closed: bool = True, **changes) -> Scene:
    """A closed round with these yeses; `changes` go to the issue."""
    scheme = a_scheme(people)
    providers = [a_member(scheme, a_provider(name), entry_score=score) for name, score, _ in yeses]
    package = a_package(scheme)
    issue = an_issue(scheme, [package], providers, closed=closed, **changes)
    scene = Scene(scheme, package, providers, issue)
    for name, _, pence in yeses:
        a_response(scene.line(name), price_pence=pence)
    return scene


def a_ranked_scene(people: People, **changes) -> Scene:
    """The same, ranked by the system."""
    scene = a_scene(people, **changes)
    services.rank_issue(scene.issue, by=SYSTEM)
    return scene


class CountedSelects:
    """Counts the reading statements inside."""

    def __enter__(self):
        self.seen = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_):
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith("SELECT"):
            self.seen.append(statement)


def names(ranking: ExplainedRanking) -> list[str]:
    """Who is ranked, the first first."""
    return [place.scored.entry.name for place in ranking.places]


def ranked(scene: Scene, because: str = "The deadline passed.", by: Actor = SYSTEM) -> tuple[Ranking, ExplainedRanking]:
    """Ranks the scene's round; the row and what it says."""
    services.rank_round(scene.round, because=because, by=by)
    return queries.ranking_of(scene.round)


def a_suspension(scene: Scene, name: str, **changes: Any) -> None:
    """A suspension of this provider in the scene's lot that covers today."""
    today = clock.today()
    values = {
        "reason": "Missed visits in May",
        "starts_on": today - timedelta(days=9),
        "review_on": today - timedelta(days=2),
        "ends_on": today + timedelta(days=9),
        "lot_id": scene.issue.lot_id,
        "made_by_label": "Test",
        **changes,
    }
    both = {"scheme_id": scene.scheme.id, "provider_id": scene.provider(name).id}
    if values["ends_on"] < values["review_on"]:
        values["review_on"] = values["ends_on"]
    db.session.add(Suspension(authority_id=scene.scheme.authority_id, **both, **values))
    db.session.flush()
