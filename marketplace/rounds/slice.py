"""What the slice `rounds` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import Gauge, PageLink, Panel, RowNote, Slice, TimedJob
from app.parties.roles import Role
from marketplace.invitations.reach import notes_of_nobody
from marketplace.rounds import api, letters, market, models, panels, steps
from marketplace.rounds.jobs import close_due, offers_overdue

OFFERING = (Role.NAVIGATOR, Role.BROKER)
WATCHING = (*OFFERING, Role.TEAM_MANAGER, Role.CONTRACT_MANAGER, Role.AUDITOR)

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
)

ROUNDS = Slice(
    name="rounds",
    models=models,
    permissions=(
        Permission("offers:issue", "Offering packages to providers", OFFERING),
        Permission("offers:watch", "Seeing who was asked, who was not and why", WATCHING),
        Permission("offers:extend", "Extending a deadline", OFFERING),
        Permission("offers:withdraw", "Taking an offer back", OFFERING),
    ),
    tags=TAGS,
    letters=letters.LETTERS,
    pages=(steps.bp, market.bp),
    endpoints=(api.bp,),
    panels=(
        Panel("Offers that end soon", "offers:extend", panels.ending_soon_count, panels.ending_soon),
        Panel("Providers not reached", "offers:extend", panels.bounced_count, panels.bounced),
    ),
    finders=(panels.find,),
    row_notes=(RowNote("package need", notes_of_nobody),),
    page_links=(PageLink("package", "Who was asked, and how far the offer is", "offers:watch", panels.issue_url),),
    jobs=(TimedJob("close offers", "Closes the rounds whose deadline has come.", close_due, every=5),),
    gauges=(Gauge("homeward_offers_overdue", "Issues open past their deadline.", offers_overdue),),
)
