"""What the slice `agreements` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, PageLink, Slice, TimedJob
from app.parties.roles import Role
from contracts.agreements import api, models, panels, routes
from contracts.agreements.jobs import start_due
from contracts.agreements.letters import LETTERS
from contracts.agreements.queries import READERS

EXPORTERS = (Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.PROVIDER_ADMINISTRATOR)
WATCHERS = (Role.NAVIGATOR, Role.BROKER)
EVERY_TEN_MINUTES = 600

TAGS = (
    Tag("agreements:exported", "Agreements were exported", council=("rows",), provider=("rows",)),
    Tag(
        "agreement:put_in_force",
        "The agreement was put in force",
        council=("reference", "provider", "version", "starts_on", "weekly_hours", "weekly_cost_pence", "price_pence"),
        provider=("reference", "version", "starts_on", "weekly_hours", "weekly_cost_pence", "price_pence"),
        person=("provider", "starts_on", "weekly_hours"),
    ),
    Tag("agreement:started", "Care began", council=("started_on",), provider=("started_on",), person=("started_on",)),
    Tag(
        "agreement:start_moved",
        "The first day of care was moved",
        council=("from_day", "to_day"),
        provider=("from_day", "to_day", "reason"),
        person=("to_day",),
    ),
    Tag(
        "agreement:end_dated",
        "The last day of care was set",
        council=("ends_on",),
        provider=("ends_on",),
        person=("ends_on",),
    ),
    Tag("agreement:suspended", "Care rests", council=("until",), provider=("until", "reason"), person=("until",)),
    Tag("agreement:resumed", "Care goes on", council=(), provider=(), person=()),
    Tag(
        "agreement:ended",
        "The agreement ended",
        council=("ends_on",),
        provider=("ends_on", "reason"),
        person=("ends_on",),
    ),
    Tag(
        "agreement:cancelled",
        "The agreement was cancelled before care began",
        council=(),
        provider=("reason",),
        person=(),
    ),
)

AGREEMENTS = Slice(
    name="agreements",
    models=models,
    permissions=(
        Permission("agreements:read", "Reading agreements", READERS),
        Permission("agreements:export", "Exporting the own agreements", EXPORTERS),
        Permission("agreements:watch-starts", "Confirming that care is still needed before it begins", WATCHERS),
    ),
    tags=TAGS,
    letters=LETTERS,
    pages=(routes.bp,),
    endpoints=(api.bp,),
    navigation=(NavigationItem("Agreements", "agreements.show_list", "agreements:read"),),
    panels=(panels.STARTING_SOON, panels.STARTS_TO_CONFIRM),
    finders=(panels.find,),
    page_links=(PageLink("package", "The agreement", "agreements:read", panels.agreement_url),),
    jobs=(
        TimedJob(
            "start agreements", "Care begins on the first day of its agreement", start_due, every=EVERY_TEN_MINUTES
        ),
    ),
)
