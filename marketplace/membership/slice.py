"""What the slice `membership` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice, TimedJob
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.membership import api, jobs, letters, models, own_steps, panels, routes, steps

READERS = (Role.NAVIGATOR, Role.BROKER, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.AUDITOR)
"""Who reads of admission, suspension and removal (role matrix, row 25)."""
MANAGERS = (Role.CONTRACT_MANAGER,)
APPROVERS = (Role.TEAM_MANAGER, Role.CONTRACT_MANAGER)
PROVIDERS = tuple(PROVIDER_ROLES)

TAGS = (
    Tag("membership:began", "The membership began", council=("lot",), provider=("lot",)),
    Tag("membership:areas_changed", "The areas changed", council=("areas",), provider=("areas",)),
    Tag("membership:standing_price_set", "The standing price changed", provider=()),
    Tag("membership:left", "The provider left", council=(), provider=("reason",)),
    Tag("capacity:declared", "Capacity was declared", council=("minutes", "zone"), provider=("minutes", "zone")),
    Tag("pause:started", "The provider paused new offers", council=("zone",), provider=("zone",)),
    Tag("pause:ended", "The provider takes new offers again", council=("zone",), provider=("zone",)),
    Tag(
        "suspension:made",
        "New offers were suspended",
        council=("lot", "zone", "ends_on"),
        provider=("reason", "ends_on"),
    ),
    Tag("suspension:reviewed", "The suspension was reviewed", council=("ends_on",), provider=("reason", "ends_on")),
    Tag("suspension:lifted", "The suspension was lifted", council=(), provider=("reason",)),
    Tag("override:made", "The CQC gate was overridden", council=("rating", "ends_on"), provider=("reason", "ends_on")),
    Tag("override:ended", "The override of the CQC gate was taken back", council=(), provider=("reason",)),
    Tag("document:reminded", "The provider was reminded of a document", council=("check", "days"), provider=("check",)),
    Tag("removal:proposed", "The provider was told of a removal", council=("until",), provider=("reason", "until")),
    Tag("removal:answered", "The provider answered", council=(), provider=()),
    Tag("removal:approved", "A second person approved the removal", council=(), provider=("reason",)),
    Tag("removal:dropped", "The removal was dropped", council=(), provider=("reason",)),
)

MEMBERSHIP = Slice(
    name="membership",
    models=models,
    permissions=(
        Permission("memberships:read", "Reading memberships and suspensions", READERS),
        Permission("memberships:list", "Reading memberships over the API", (*READERS, *PROVIDERS)),
        Permission("memberships:own", "Looking after one's own memberships", PROVIDERS),
        Permission("suspensions:manage", "Suspending members and lifting suspensions", MANAGERS),
        Permission("ratings:override", "Overriding the CQC gate for one member, with a reason", MANAGERS),
        Permission("removals:propose", "Proposing the removal of a member", MANAGERS),
        Permission("removals:approve", "Deciding on a removal as the second person", APPROVERS),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(routes.bp, routes.removals_bp, routes.own_bp, routes.public_bp, steps.bp, own_steps.bp),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Our memberships", "our_memberships.index", "memberships:own"),),
    panels=panels.panels(),
    jobs=(
        TimedJob(
            "remind of suspension reviews",
            "Writes to contract managers about suspensions whose review is due.",
            jobs.remind_of_reviews,
            daily_at="06:10",
        ),
        TimedJob(
            "remind of documents",
            "Writes to providers whose documents expire in 60, 30 or 7 days.",
            jobs.remind_of_documents,
            daily_at="06:15",
        ),
    ),
)
