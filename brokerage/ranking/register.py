"""What the slice `ranking` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem, Panel, TimedJob
from app.parties.roles import Role
from brokerage.ranking import api, board, early_routes, routes
from brokerage.ranking.access import DECIDERS, READERS
from brokerage.ranking.commands import ranking_example_command
from brokerage.ranking.jobs import rank_due


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
