"""What the slice `allocation` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, PageLink, PageSection, Slice, TimedJob
from app.parties.roles import Role
from brokerage.allocation import api, ending, letters, models, panels, routes, steps
from brokerage.allocation.candidates import APPROVERS

PROVIDERS = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)
DECIDERS = (Role.BROKER,)

DECISION = ("reference", "provider", "place", "price_pence", "weekly_cost_pence", "below_quality_minimum", "skipped")

TAGS = (
    Tag(
        "award:made",
        "The package was awarded",
        council=DECISION,
        person=("provider",),
    ),
    Tag(
        "award:proposed",
        "An award was proposed, for a second person to approve",
        council=DECISION,
    ),
    Tag("award:approved", "A second person approved the award", council=("reference", "provider")),
    Tag("award:refused", "The proposed award was refused", council=("reference", "provider")),
    Tag("award:lapsed", "Nobody approved the proposed award in time", council=("reference", "provider")),
    Tag(
        "award:pulled_out",
        "The provider withdrew before care began, so the ranking is open again",
        council=("reference", "provider", "open_until"),
    ),
    Tag("award:cancelled", "The award ended because the package was withdrawn", council=("reference", "provider")),
    Tag("award:none_suitable", "No answer was suitable", council=("next_step",)),
    Tag("award:reopening_ended", "The ranking is no longer open again", council=()),
    Tag("allocation:proposed", "Awards for the whole batch were proposed", council=("lines", "without_provider")),
    Tag("allocation:approved", "The proposal for the whole batch was approved", council=("awarded", "left_out")),
    Tag("allocation:refused", "The proposal for the whole batch was refused", council=()),
)

ALLOCATION = Slice(
    name="allocation",
    models=models,
    permissions=(
        Permission("awards:read", "Reading awards", (*READERS, *PROVIDERS)),
        Permission("awards:make", "Awarding a package, or ending a round without an award", DECIDERS),
        Permission("awards:approve", "Approving a proposed award", APPROVERS),
        Permission("awards:propose-batch", "Awarding a whole batch at once", DECIDERS),
        Permission("awards:pull-out", "Withdrawing after an award, before care begins", (*PROVIDERS, Role.BROKER)),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(routes.bp, steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Awards", "allocation.show_list", "awards:read"),),
    panels=(panels.TO_APPROVE,),
    finders=(panels.find,),
    page_sections=(PageSection("agreement", routes.said_under_agreement),),
    page_links=(PageLink("agreement", "The award it rests on", "awards:read", panels.award_url),),
    jobs=(
        TimedJob("lapse proposed awards", "Proposed awards end after two working days", ending.lapse_due, every=900),
        TimedJob(
            "end reopened rankings",
            "Rankings opened again end when their time is over",
            ending.end_reopened,
            daily_at="03:10",
        ),
    ),
)
