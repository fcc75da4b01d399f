"""What the slice `feedback` brings to the house."""

from __future__ import annotations

from app.house import House, NavigationItem, TimedJob
from app.parties.roles import Role
from brokerage.feedback import routes
from brokerage.feedback.jobs import write_due

PROVIDERS = (Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
READERS = (Role.BROKER, Role.NAVIGATOR, Role.CONTRACT_MANAGER, Role.AUDITOR)


def register(house: House) -> None:
    """Adds permissions, pages, jobs and commands."""
    house.permissions.add("feedback:own", "Reading how one's own answers came out", *PROVIDERS)
    house.permissions.add("feedback:read", "Reading what providers were told", *READERS)
    house.permissions.add("feedback:letter", "Reading a letter of feedback", *PROVIDERS, *READERS)
    house.register_blueprint(routes.bp)
    house.navigation.append(NavigationItem("Outcomes", "feedback.show_own", "feedback:own"))
    house.timetable.append(
        TimedJob(
            "tell of rounds without a yes", "Tells everybody who declined how the round ended.", write_due, every=60
        )
    )
