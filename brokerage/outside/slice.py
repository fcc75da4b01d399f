"""What the slice `outside` brings to the house."""

from flask import url_for

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, PageLink, Slice, WorkItem, panel_of
from app.parties.roles import Role
from brokerage.outside import api, letters, models, queries, routes, steps
from brokerage.outside.models import OutsideAward

ASKERS = (Role.NAVIGATOR, Role.BROKER)
DECIDERS = (Role.TEAM_MANAGER, Role.CONTRACT_MANAGER)
READERS = (*ASKERS, *DECIDERS, Role.FINANCE, Role.AUDITOR)
FACTS = ("reference", "provider", "ground", "price_pence", "weekly_cost_pence", "interest")

TAGS = (
    Tag("outside:asked", "An award outside the system was asked for", council=FACTS),
    Tag("outside:seconded", "A second person agreed; a contract manager must decide too", council=FACTS),
    Tag("outside:awarded", "The package was awarded outside the system", council=FACTS, person=("provider",)),
    Tag("outside:refused", "The award outside the system was refused", council=FACTS),
    Tag("outside:taken_back", "The award outside the system was taken back", council=FACTS),
    Tag("outside:pulled_out", "The provider withdrew before care began", council=FACTS),
    Tag("outside:cancelled", "The award outside the system fell with the package", council=FACTS),
)


def _work_item(award: OutsideAward) -> WorkItem:
    return WorkItem(
        f"Decide on the award outside the system {award.reference} of package {award.package.reference}",
        "A colleague asked for it. No provider knows until it is decided.",
        award.asked_at,
        url_for("outside.show", award_id=award.id),
        "Decide",
    )


OUTSIDE = Slice(
    name="outside",
    models=models,
    permissions=(
        Permission("outside:read", "Reading awards outside the system", READERS),
        Permission("outside:ask", "Asking for an award outside the system, and taking that back", ASKERS),
        Permission("outside:second", "Agreeing to it as the second person", (Role.TEAM_MANAGER,)),
        Permission(
            "outside:clear",
            "Agreeing to it where the provider is below the gate or suspended",
            (Role.CONTRACT_MANAGER,),
        ),
        Permission("outside:refuse", "Refusing an award outside the system", DECIDERS),
        Permission("outside:pull-out", "Recording that its provider withdraws before care begins", (Role.BROKER,)),
        Permission("outside:figures", "Reading the share of awards on the system", (*DECIDERS, Role.AUDITOR)),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Outside the system", "outside.show_list", "outside:read"),),
    panels=(
        panel_of("Awards outside the system to agree to", "outside:second", queries.to_second, _work_item),
        panel_of("Awards outside the system to decide on", "outside:clear", queries.to_clear, _work_item),
    ),
    page_links=(
        PageLink("package", "Award it outside the system", "outside:ask", routes.asking_url),
        PageLink("package", "Its award outside the system", "outside:read", routes.live_url),
        PageLink("agreement", "The award outside the system it rests on", "outside:read", routes.award_url),
    ),
)
