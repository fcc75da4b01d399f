"""The composition root: names the slices in their order, says what follows from what, and builds the app."""

from __future__ import annotations

import atexit
import gc

import click
from flask.cli import ScriptInfo

from app.accounts.slice import ACCOUNTS
from app.api.slice import API
from app.audit.slice import AUDIT
from app.auth.slice import AUTH
from app.cli import SHELL
from app.factory import create_app
from app.house import House
from app.http.slice import HTTP
from app.imports.slice import IMPORTS
from app.logs import prepare_logs
from app.messages.channel import SmtpChannel
from app.messages.slice import MESSAGES
from app.organisations.services import shutting_out
from app.organisations.slice import ORGANISATIONS
from app.pages.slice import PAGES
from app.parties.slice import PARTIES
from app.postcodes.slice import POSTCODES
from app.scheduler import Timekeeper
from app.tasks.slice import TASKS
from brokerage.allocation import ending as awards
from brokerage.allocation.slice import ALLOCATION
from brokerage.feedback.slice import FEEDBACK
from brokerage.outside import services as outside
from brokerage.outside.slice import OUTSIDE
from brokerage.ranking.slice import RANKING
from config import Config
from contracts.agreements import services as agreements
from contracts.agreements.slice import AGREEMENTS
from contracts.changes import services as changes
from contracts.changes.slice import CHANGES
from demo.slice import DEMO
from marketplace.answers.slice import ANSWERS
from marketplace.applications.services import application_checked, applications_admitted
from marketplace.applications.slice import APPLICATIONS
from marketplace.batches import moves as batches
from marketplace.batches.slice import BATCHES
from marketplace.holidays.services import holiday_entered
from marketplace.holidays.slice import HOLIDAYS
from marketplace.membership.removals import membership_removed
from marketplace.membership.services import begin_memberships, refuse_joined_lots, refuse_known_elsewhere
from marketplace.membership.slice import MEMBERSHIP
from marketplace.membership.suspensions import hold_members_to_gate, membership_suspended
from marketplace.packages.services import package_held, package_splitting, package_withdrawn
from marketplace.packages.slice import PACKAGES
from marketplace.people.matching import records_joined
from marketplace.people.moves import person_moved, record_changed
from marketplace.people.slice import PEOPLE
from marketplace.providers.cqc_services import ratings_taken_in
from marketplace.providers.slice import PROVIDERS
from marketplace.register.slice import REGISTER
from marketplace.rounds import services as rounds
from marketplace.rounds.slice import ROUNDS
from marketplace.schemes.slice import SCHEMES
from marketplace.whereabouts import services as whereabouts
from marketplace.whereabouts.slice import WHEREABOUTS

SLICES = (
    *(SHELL, HTTP, PARTIES, POSTCODES, IMPORTS, ACCOUNTS, ORGANISATIONS, TASKS, MESSAGES, AUDIT, PAGES, AUTH, API),
    *(HOLIDAYS, SCHEMES, PEOPLE, PROVIDERS, APPLICATIONS, REGISTER, MEMBERSHIP),
    *(PACKAGES, WHEREABOUTS, BATCHES, ROUNDS, ANSWERS),
    *(AGREEMENTS, CHANGES),
    *(RANKING, ALLOCATION, OUTSIDE, FEEDBACK),
    DEMO,
)
"""The floor, then the three areas, lowest first. Work lists, the header and the timetable keep this order."""


def connect_hooks() -> None:
    """The one table of consequences, in order; all in the transaction of what caused them."""
    shutting_out.connect(refuse_known_elsewhere)
    holiday_entered.connect(rounds.extend_for_holiday)
    application_checked.connect(refuse_joined_lots)
    applications_admitted.connect(begin_memberships)
    ratings_taken_in.connect(hold_members_to_gate)
    membership_suspended.connect(rounds.stop_offers_of)
    membership_removed.connect()
    person_moved.connect(whereabouts.follow_moved)
    record_changed.connect(whereabouts.follow_record, agreements.tell_of_changed_record)
    records_joined.connect(whereabouts.follow_joined)
    package_withdrawn.connect(
        batches.let_go_of,
        rounds.withdraw_round_of,
        agreements.cancel_for_withdrawn_package,
        awards.cancel_for_withdrawn_package,
        outside.cancel_for_package,
        changes.fall_with_successor,
    )
    package_held.connect(
        batches.let_go_of,
        rounds.withdraw_round_of,
        awards.cancel_for_withdrawn_package,
        outside.cancel_for_package,
    )
    package_splitting.connect(changes.refuse_split_of_successor)
    agreements.agreement_agreed.connect(changes.follow_successors)
    agreements.agreement_cancelled.connect(changes.go_on_without_successor)
    agreements.agreement_started.connect(awards.release_at_start, changes.end_predecessor)
    agreements.agreement_ended.connect(changes.drop_open_changes)


NEW_OBJECTS = 50_000
"""So many more objects than went make the collector look. Python's own 700 are those of one row or two."""


def build(config: Config | None = None) -> House:
    """The whole application."""
    connect_hooks()
    return create_app(config or Config.from_environment(), SLICES)


def leave_in_peace() -> None:
    """Takes what stays as long as the process out of the collector's sight.

    Modules, tables and routes are half a million objects; to look through them again and again takes a third of a
    second each time, which one request after another would wait for. What is made later is looked through seldom:
    almost all of it goes by itself, and at its usual pace the collector costs a bulk act a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 50)


def _is_served() -> bool:
    """Whether a server asks for the application, and not a command, for which any key will do; `flask run` serves."""
    context = click.get_current_context(silent=True)
    return context is None or not isinstance(context.obj, ScriptInfo) or context.info_name == "run"


def run_timetable(house: House) -> None:
    """Runs the timetable in threads of this process until it ends; of several such processes one leads."""
    keeper = Timekeeper(house)
    keeper.start()
    atexit.register(keeper.stop)


def __getattr__(name: str) -> House:
    """Servers ask for `wsgi:app`; importing this module builds nothing."""
    if name == "app":
        config, served = Config.from_environment(), _is_served()
        if served:
            config.refuse_weak_key()
        prepare_logs(config.log_format, config.log_level)
        app = build(config)
        leave_in_peace()
        if served and isinstance(channel := app.extensions["mail_channel"], SmtpChannel):
            channel.refuse_open_line()
        if served and config.scheduler:
            run_timetable(app)
        return app
    raise AttributeError(name)
