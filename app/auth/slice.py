"""What signing in brings to the house."""

from __future__ import annotations

from app.audit import Tag
from app.auth import account_routes, fresh_routes, models, routes
from app.auth.jobs import forget_answers, forget_failures, forget_kept_forms
from app.auth.letters import LETTERS
from app.house import Slice, TimedJob

TAGS = (
    Tag("session:started", "Signed in"),
    Tag("session:ended", "Signed out"),
    Tag("sessions:ended", "All sessions of a user were ended"),
    Tag("sign_in:alarm", "So many sign-ins failed in five minutes that sign-in was closed to unknown browsers"),
    Tag("token:created", "An API token was made"),
    Tag("token:ended", "An API token was ended"),
    Tag("second_factor:set_up", "A second factor was set up"),
    Tag("second_factor:forgotten", "The second factor was taken away, to be set up anew"),
    Tag("second_factor:recovered", "A recovery code was used to sign in"),
    Tag("second_factor:codes_renewed", "New recovery codes were made"),
    Tag("user:password_changed", "The password was changed"),
)

AUTH = Slice(
    name="auth",
    models=models,
    tags=TAGS,
    pages=(routes.bp, account_routes.bp, fresh_routes.bp),
    letters=LETTERS,
    jobs=(
        TimedJob("forget failed sign-ins", "Deletes what no limit counts any more.", forget_failures, every=600),
        TimedJob("forget kept forms", "Deletes what waited an hour for its owner.", forget_kept_forms, every=600),
        TimedJob("forget kept answers", "Deletes first answers a week after.", forget_answers, every=3600),
    ),
)
