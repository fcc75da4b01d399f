"""What the slice `offers` brings to the house: first the council's side, then the providers'."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import Gauge, NavigationItem, PageLink, Panel, Slice, TimedJob
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.offers import (
    api_council,
    api_provider,
    letters,
    market_routes,
    models,
    panels_council,
    panels_provider,
    routes_council,
    routes_link,
    routes_phone,
    routes_provider,
)
from marketplace.offers.jobs import close_due, offers_overdue
from marketplace.offers.queries_provider import unanswered_count
from marketplace.offers.sealing import seal_of_answers, seal_of_drafts

OFFERING = (Role.NAVIGATOR, Role.BROKER)
WATCHING = (*OFFERING, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)

# No fact is a price: until the deadline the audit holds digests only, and afterwards the responses hold the prices.
# Until then the council learns that there is an answer, not which one. Auditors read every fact of an entry, so
# answers are sealed for them as for everybody of the council.
ANSWER = ("package", "kind", "came_by", "version")
ANSWERED = ("package", "came_by")
TAGS = (
    Tag("issue:made", "Offered to every eligible member", council=("packages", "offers", "lines", "deadline")),
    Tag("issue:extended", "The deadline was extended", council=("was", "becomes")),
    Tag("issue:withdrawn", "The offer was withdrawn", council=("rounds",)),
    Tag("issue:closed", "The deadline passed and the rounds closed", council=("rounds", "with_yes")),
    Tag("issue:closed_early", "The rounds were closed before the deadline", council=("was",)),
    Tag("round:ended", "The round ended", council=("state", "number")),
    Tag("round:package_withdrawn", "The package was taken back while its round was live", council=("number",)),
    Tag("round:reopened", "The ranking of the round is open again", council=("number",)),
    Tag("offer:stopped", "A suspension stops this offer", council=()),
    Tag("response:saved", "An answer was saved as a draft", provider=ANSWER, seal=seal_of_drafts),
    Tag("response:sent", "An answer was sent", council=ANSWERED, provider=ANSWER, seal=seal_of_answers),
    Tag(
        "response:changed",
        "An answer that had been sent was changed",
        council=ANSWERED,
        provider=ANSWER,
        seal=seal_of_answers,
    ),
    Tag("response:withdrawn", "An answer was taken back", council=ANSWERED, provider=ANSWER, seal=seal_of_answers),
    Tag("offers:exported", "Own offers and answers were exported", council=("rows",), provider=("rows", "format")),
    Tag("offer:link_spent", "The link in an email was used to answer", council=(), provider=()),
)

OFFERS = Slice(
    name="offers",
    models=models,
    permissions=(
        Permission("offers:issue", "Offering packages to providers", OFFERING),
        Permission("offers:watch", "Seeing who was asked, who was not and why", WATCHING),
        Permission("offers:extend", "Extending a deadline", OFFERING),
        Permission("offers:withdraw", "Taking an offer back", OFFERING),
        Permission("responses:by-phone", "Entering an answer heard by telephone", (Role.BROKER,)),
        Permission("offers:answer", "Answering offers", tuple(PROVIDER_ROLES)),
        Permission("offers:export", "Exporting the own offers and answers", (Role.PROVIDER_ADMINISTRATOR,)),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(routes_council.bp, routes_phone.bp, market_routes.bp, routes_provider.bp, routes_link.bp),
    endpoints=(api_council.bp, api_provider.bp),
    navigation=(NavigationItem("Offers", "provider_offers.inbox", "offers:answer"),),
    panels=(
        Panel("Offers that end soon", "offers:extend", panels_council.ending_soon_count, panels_council.ending_soon),
        Panel("Providers not reached", "offers:extend", panels_council.bounced_count, panels_council.bounced),
        Panel("Offers to answer", "offers:answer", unanswered_count, panels_provider.unanswered),
    ),
    finders=(panels_council.find, panels_provider.find),
    page_links=(
        PageLink("package", "Who was asked, and how far the offer is", "offers:watch", panels_council.issue_url),
    ),
    jobs=(TimedJob("close offers", "Closes the rounds whose deadline has come.", close_due, every=5),),
    gauges=(Gauge("homeward_offers_overdue", "Issues open past their deadline.", offers_overdue),),
)
