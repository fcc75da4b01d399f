"""What the slice `ranking` brings to the house."""

from __future__ import annotations

from uuid import UUID

from flask import url_for

from app.house import House, NavigationItem, PageLink, Panel, TimedJob
from app.parties.roles import Role
from app.parties.viewer import Viewer
from brokerage.ranking import api, board, early_routes, routes
from brokerage.ranking.access import DECIDERS, READERS
from brokerage.ranking.commands import ranking_example_command
from brokerage.ranking.jobs import rank_due
from marketplace.offers.queries_council import newest_round
from marketplace.offers.rules import RoundState

RANKED = frozenset({RoundState.CLOSED, RoundState.AWARDED, RoundState.NONE_SUITABLE})


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    house.permissions.add("rankings:read", "Reading rankings and the deadline board", *READERS)
    house.permissions.add("rankings:declare", "Declaring interests and ranking answers", *DECIDERS)
    house.permissions.add("rounds:close-early", "Closing a round before its deadline", Role.BROKER)
    house.register_blueprint(routes.bp)
    house.register_blueprint(early_routes.bp)
    house.register_blueprint(api.bp)
    house.extensions["csrf_protect"].exempt(api.bp)
    house.panels.append(Panel("To decide", "rankings:declare", board.number_to_decide, board.work_to_decide))
    house.navigation.append(NavigationItem("Board", "ranking.show_board", "rankings:read"))
    house.timetable.append(
        TimedJob("rank closed rounds", "Ranks and freezes the answers of every closed round.", rank_due, every=5)
    )
    house.cli.add_command(ranking_example_command)
    house.page_links.append(PageLink("package", "How the answers rank", "rankings:read", _ranking_url))


def _ranking_url(_viewer: Viewer, package_id: UUID) -> str | None:
    newest = newest_round(package_id)
    return url_for("ranking.show", round_id=newest.id) if newest and newest.state in RANKED else None
