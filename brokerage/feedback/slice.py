"""What the slice `feedback` brings to the house."""

from app.audit import Tag
from app.auth import Permission
from app.house import NavigationItem, Slice, TimedJob
from app.parties.roles import Role
from brokerage.feedback import models, routes
from brokerage.feedback.letters import LETTERS
from brokerage.feedback.services import write_due

PROVIDERS = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
READERS = (Role.BROKER, Role.NAVIGATOR, Role.CONTRACT_MANAGER, Role.AUDITOR)

FEEDBACK = Slice(
    name="feedback",
    models=models,
    permissions=(
        Permission("feedback:own", "Reading how one's own answers came out", PROVIDERS),
        Permission("feedback:read", "Reading what providers were told", READERS),
        Permission("feedback:letter", "Reading a letter of feedback", (*PROVIDERS, *READERS)),
    ),
    tags=(Tag("feedback:written", "Everybody who answered was told the outcome", council=("outcome", "letters")),),
    letters=LETTERS,
    pages=(routes.bp,),
    navigation=(NavigationItem("Outcomes", "feedback.show_own", "feedback:own"),),
    jobs=(
        TimedJob(
            "tell of rounds without a yes", "Tells everybody who declined how the round ended.", write_due, every=60
        ),
    ),
)
