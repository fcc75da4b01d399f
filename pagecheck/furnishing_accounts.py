"""Accounts in every state that a page shows: invited, forgotten, waiting for a second person, on the way in."""

from __future__ import annotations

import json
from datetime import timedelta

from app import clock
from app.accounts.invitation_services import invite
from app.accounts.models import PasswordReset
from app.accounts.role_services import propose
from app.audit import SYSTEM
from app.auth.kept import PURPOSE as KEPT
from app.auth.keys import closed, hashed
from app.auth.models import KeptForm, SecondFactor
from app.auth.passwords import hash_password
from app.auth.second_factor import new_shared_secret
from app.auth.second_factor_services import PURPOSE as TELEPHONE
from app.database import db
from app.organisations.models import OrganisationAct
from app.organisations.services import propose as propose_act
from app.parties import services as parties
from app.parties.models import User
from app.parties.roles import OrganisationKind, Role
from app.parties.viewer import viewer_of
from app.tasks.models import Task, TaskState
from demo.accounts import PASSWORD
from pagecheck.ground import Somebody, officer_named

TOKEN = "the-link-of-the-audit-that-nobody-could-guess"
HASHED = hashed(TOKEN)
WITH_TELEPHONE, WITHOUT_TELEPHONE = "before the code", "before setting up"


def add_officer(name: str, role: Role) -> User:
    """One more officer of the demo's council, who can sign in."""
    council = officer_named("admin").organisation
    password = hash_password(PASSWORD)
    return parties.create_user(council, f"{name}@audit.example", name, [role], by=SYSTEM, password_hash=password)


def roles_to_decide() -> str:
    """A second administrator proposes roles; the one who visits decides."""
    other = viewer_of(add_officer("second-administrator", Role.ADMINISTRATOR))
    held = propose(other, officer_named("navigator"), None, [Role.CONTRACT_MANAGER], "Nadia stands in for Carys.")
    return f"/role-proposals/{held.id}"


def roles_that_wait() -> str:
    """The visiting administrator has proposed roles, and somebody else must decide."""
    own = viewer_of(officer_named("admin"))
    held = propose(own, officer_named("finance"), None, [Role.ADMINISTRATOR], "Two are needed while Alan is away.")
    return f"/role-proposals/{held.id}"


def an_invitation() -> None:
    """Somebody is invited, through a link that the audit knows."""
    invite(viewer_of(officer_named("admin")), "newcomer@audit.example", [Role.BROKER]).secret_hash = HASHED


def somebody_to_invite() -> None:
    """A provider's user who came with a list and has never signed in."""
    provider = parties.organisation_named(OrganisationKind.PROVIDER, "Newly Begun Care", by=SYSTEM)
    first = parties.create_user(provider, "first@audit.example", "First User", [Role.PROVIDER_ADMINISTRATOR], by=SYSTEM)
    parties.bring_users(officer_named("admin").organisation_id, {(provider.id, first.email)})


def an_organisation_to_decide() -> str:
    """A second administrator proposes domains; the one who visits decides."""
    other = add_officer("third-administrator", Role.ADMINISTRATOR)
    act, because = OrganisationAct.DOMAINS, "Two of our people wrote from elsewhere."
    held = propose_act(viewer_of(other), other.organisation, act, because, "lancashire.example audit.example")
    return f"/organisation-proposals/{held.id}"


def a_lost_password() -> None:
    """Somebody has asked for a new password, through a link that the audit knows."""
    user = officer_named("broker2")
    digest = hashed(user.password_hash or "")
    soon = clock.now() + timedelta(hours=1)
    db.session.add(PasswordReset(user_id=user.id, secret_hash=HASHED, password_digest=digest, expires_at=soon))


def a_kept_form() -> None:
    """What somebody had typed when their session ended waits for them."""
    typed = closed(KEPT, json.dumps([("name", "The monthly sheet"), ("scopes", "read")]))
    db.session.add(KeptForm(user_id=officer_named("finance").id, path="/account/tokens", content=typed))


def work_refused() -> str:
    """A file with rows to correct."""
    reason = "Give a postcode of the county, such as PR1 8XJ."
    rows = [{"line": line, "column": "postcode", "reason": reason} for line in range(2, 7)]
    return _work(TaskState.REFUSED, finished_at=clock.now(), report=rows)


def work_under_way() -> str:
    """Work that somebody waits for. Nothing takes it up: the audit has no timetable."""
    later = clock.now() + timedelta(hours=2)
    return _work(TaskState.RUNNING, lease_until=later, progress_done=120, progress_total=345)


def _work(state: TaskState, **values: object) -> str:
    owner = viewer_of(officer_named("navigator"))
    task = Task(authority_id=owner.authority_id, kind="packages:import", title="Import of packages", state=state)
    task.created_by, task.created_by_label, task.started_at = owner.user_id, owner.actor.label, clock.now()
    for name, value in values.items():
        setattr(task, name, value)
    db.session.add(task)
    db.session.flush()
    return f"/tasks/{task.id}"


def halfway_in() -> list[Somebody]:
    """Two who have typed their password and are not in yet: one has a second factor, one must set it up."""
    with_telephone = add_officer("with-telephone", Role.REFERRER)
    secret = closed(TELEPHONE, new_shared_secret())
    db.session.add(SecondFactor(user_id=with_telephone.id, secret=secret, last_step=0))
    without = add_officer("without-telephone", Role.REFERRER)
    db.session.commit()
    return [Somebody(WITH_TELEPHONE, (), with_telephone.email), Somebody(WITHOUT_TELEPHONE, (), without.email)]
