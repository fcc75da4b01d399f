"""What the slice `ranking` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, PageLink, PageSection, Slice, TimedJob
from app.parties.roles import Role
from brokerage.ranking import api, models, panels, routes, steps
from brokerage.ranking.commands import ranking_example_command
from brokerage.ranking.queries import DECIDERS, READERS
from brokerage.ranking.services import rank_due

TAGS = (
    Tag("ranking:made", "The answers were ranked", council=("number", "answers", "left_out", "digest", "order")),
    Tag("ranking:declared", "Somebody declared whether they have an interest in a provider", council=("conflict",)),
    Tag("ranking:early_closing_asked", "Somebody asked to close before the deadline", council=()),
    Tag("ranking:early_closing_agreed", "A second person agreed to close before the deadline", council=()),
    Tag("ranking:closed_early", "The round was closed early: everybody invited had answered", council=()),
)

RANKING = Slice(
    name="ranking",
    models=models,
    permissions=(
        Permission("rankings:read", "Reading rankings and the deadline board", READERS),
        Permission("rankings:declare", "Declaring interests and ranking answers", DECIDERS),
        Permission("rounds:close-early", "Closing a round before its deadline", (Role.BROKER,)),
    ),
    tags=TAGS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Board", "ranking.show_board", "rankings:read"),),
    panels=(panels.TO_DECIDE, panels.TO_AGREE),
    page_links=(PageLink("package", "How the answers rank", "rankings:read", panels.ranking_url),),
    page_sections=(
        PageSection("package", routes.said_about_package),
        PageSection("issue", routes.said_to_issue),
        PageSection("provider", routes.said_by_provider),
    ),
    jobs=(TimedJob("rank closed rounds", "Ranks and freezes the answers of every closed round.", rank_due, every=5),),
    commands=(ranking_example_command,),
)
