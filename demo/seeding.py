"""Filling an empty database with the demo: officers, the scheme, 84 applicants, 600 packages, and weeks of work."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_migrate import upgrade
from sqlalchemy import case, event, select, update

from app import clock
from app.audit import COMMAND, Actor
from app.audit.jobs import seal_entries
from app.auth.passwords import hash_password
from app.database import db
from app.demo_mode import MARKER
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from app.parties.models import InstallationFact, Team, User
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from contracts.agreements.jobs import start_due
from demo import county
from demo.accounts import PASSWORD, TEAM, add_officers, join_team
from demo.behaviour import BOUNCING
from demo.simulator import Cast, Simulation
from marketplace.membership.models import Membership
from marketplace.packages.importing import queue_import
from marketplace.providers.models import Provider, ProviderContact
from marketplace.register.services import check_providers, import_providers
from marketplace.schemes.importing import import_scheme
from marketplace.schemes.models import Scheme

Say = Callable[[str], None]
MEMBERS_SINCE = timedelta(weeks=len(county.PAST_WEEKS) + 1)


def seed(*, say: Say, weeks: Sequence[county.Week] = ()) -> None:
    """Does everything, telling each step; the database must be empty. `weeks`: those of the whole county, unless told."""
    with _hurried():
        upgrade()
        now = datetime.now(UTC)
        weeks = weeks or county.weeks_until(now.astimezone(clock.LONDON).date())
        begins = now - MEMBERS_SINCE - timedelta(days=now.weekday())
        with clock.moved_to(begins):
            say("  the council, its officers and its scheme …")
            db.session.add(InstallationFact(key=MARKER, value="yes"))
            users = add_officers()
            scheme = import_scheme(county.SCHEME.read_bytes(), by=COMMAND).scheme
            join_team(users, db.session.scalars(select(Team.id).where(Team.name == TEAM)).one())
            db.session.commit()
            say("  84 providers apply …")
            _load_providers(scheme, viewer_of(users["contracts@lancashire.example"]).actor)
        say(f"  {len(weeks)} weeks of offers, answers and awards …")
        _simulate(scheme.id, users, now, weeks)
        seal_entries()
    say("The demo is ready.")


@contextmanager
def _hurried() -> Iterator[None]:
    """A half-made demo is thrown away, so nothing is waited for while it is made, nor is memory tidied up."""

    def hurry(connection: Any, _record: object) -> None:
        if db.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(db.engine, "connect", hurry)
    db.engine.dispose()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        event.remove(db.engine, "connect", hurry)
        db.session.remove()
        db.engine.dispose()


def _load_providers(scheme: Scheme, by: Actor) -> None:
    plan = check_providers(scheme, county.PROVIDERS.read_bytes(), county.PROVIDERS.name)
    import_providers(scheme, plan, by=by, password_hash=hash_password(PASSWORD))
    members = select(Membership.provider_id).order_by(Membership.provider_id)
    bouncing = db.session.scalars(members.distinct()).all()[BOUNCING]
    gone = {"email": "coordinator@bounce.example"}
    db.session.execute(update(ProviderContact).where(ProviderContact.provider_id == bouncing).values(**gone))
    db.session.commit()


def _work_off(task: Task) -> None:
    """Runs a task that was just queued; the demo's own files are never refused."""
    task_id = task.id
    db.session.commit()
    run_queued()
    done = db.session.get_one(Task, task_id, populate_existing=True)
    if done.state is not TaskState.DONE:
        raise RuntimeError(f"{done.title}: {done.sentence} {(done.report or [])[:3]}")


def _simulate(scheme_id: UUID, users: dict[str, User], now: datetime, weeks: Sequence[county.Week]) -> None:
    navigator = viewer_of(db.session.merge(users["navigator@lancashire.example"])).actor
    broker = viewer_of(db.session.merge(users["broker@lancashire.example"]))

    def load(week: county.Week) -> None:
        scheme = db.session.get_one(Scheme, scheme_id)
        _work_off(queue_import(scheme, week.content, f"packages-{week.monday}.csv", by=navigator))

    cast = Cast(navigator, broker.actor, broker.user_id, *_coordinators())
    db.session.commit()
    simulation = Simulation(scheme_id, cast, now, load, _night)
    simulation.plan(weeks)
    simulation.run()
    _deliver_mail()
    db.session.commit()


def _coordinators() -> tuple[dict[UUID, Actor], dict[UUID, int]]:
    """Each provider's coordinator as an actor, and each provider's place in the register."""
    rows = db.session.execute(
        select(Provider.id, User)
        .join(User, User.organisation_id == Provider.organisation_id)
        .order_by(Provider.created_at, Provider.cqc_location_id)
    ).all()
    actors = {provider_id: viewer_of(user).actor for provider_id, user in rows}
    return actors, {provider_id: place for place, provider_id in enumerate(actors)}


def _night() -> None:
    """What happens while the county sleeps: mail has arrived, care starts, the audit is sealed."""
    _deliver_mail()
    db.session.commit()
    start_due()
    seal_entries()


def _deliver_mail() -> None:
    """The outbox of the past, in one statement: each mail left when it was written, or bounced."""
    bounces = Delivery.email.like("%@bounce.example")
    values = {
        "state": case((bounces, DeliveryState.BOUNCED), else_=DeliveryState.SENT),
        "sent_at": case((bounces, None), else_=Delivery.due_at),
        "bounced_at": case((bounces, Delivery.due_at), else_=None),
        "attempts": 1,
    }
    waiting = Delivery.state == DeliveryState.QUEUED
    db.session.execute(update(Delivery).where(waiting).values(**values).execution_options(synchronize_session=False))
