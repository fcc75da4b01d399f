"""What the slice `answers` brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Panel, RowNote, Slice
from app.parties.roles import PROVIDER_ROLES, Role
from marketplace.answers import api, panels, routes
from marketplace.answers.queries import seal_of_answers, seal_of_drafts, unanswered_count

# No fact is a price: until the deadline the audit holds digests only, and afterwards the responses hold the prices.
# Until then the council learns that there is an answer, not which one. Auditors read every fact of an entry, so
# answers are sealed for them as for everybody of the council.
ANSWER = ("package", "kind", "came_by", "version")
ANSWERED = ("package", "came_by")
TAGS = (
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

ANSWERS = Slice(
    name="answers",
    permissions=(
        Permission("responses:by-phone", "Entering an answer heard by telephone", (Role.BROKER,)),
        Permission("offers:answer", "Answering offers", tuple(PROVIDER_ROLES)),
        Permission("offers:export", "Exporting the own offers and answers", (Role.PROVIDER_ADMINISTRATOR,)),
    ),
    tags=TAGS,
    pages=routes.PAGES,
    endpoints=(api.bp,),
    navigation=(NavigationItem("Offers", "provider_offers.inbox", "offers:answer"),),
    panels=(Panel("Offers to answer", "offers:answer", unanswered_count, panels.unanswered),),
    finders=(panels.find,),
    row_notes=(RowNote("package", panels.what_was_answered),),
)
