"""Pages of awards outside the system: the list, one of them, and the share of awards that were made on the system."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, current_app, render_template, url_for
from sqlalchemy import select

from app.audit.queries import timeline
from app.auth import allows, current_viewer
from app.database import db
from app.house import House
from app.pages.context import may
from app.parties.roles import Role
from app.parties.viewer import Viewer
from brokerage.outside import queries
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import LIVE, PUBLISHED_SHARE, STATES_FOR, OutsideGround, OutsideState, added_up
from brokerage.outside.steps import steps_now
from contracts.agreements.queries import audience_of, may_read
from contracts.agreements.rules import AgreementState
from marketplace.packages.models import Package
from marketplace.packages.queries import reads_reasons

bp = Blueprint("outside", __name__)


@bp.get("/outside-awards")
@allows("outside:read")
def show_list() -> str:
    """What was asked for and awarded outside the system."""
    viewer = current_viewer()
    return render_template("brokerage/outside/list.html", page=queries.outside_page(viewer))


@bp.get("/outside-awards/<uuid:award_id>")
@allows("outside:read")
def show(award_id: UUID) -> str:
    """One of them: from whom, at which price, why, who agreed, and what can be done now."""
    viewer = current_viewer()
    award = queries.outside_award_for(viewer, award_id)
    agreement = queries.agreement_of(award)
    steps = steps_now(award, viewer.user_id, lambda permission: may(cast(House, current_app), permission))
    care_begun = agreement is not None and agreement.state is not AgreementState.AWAITING_START
    return render_template(
        "brokerage/outside/show.html",
        award=award,
        agreement=agreement if agreement and may_read(viewer, agreement) else None,
        steps=[] if award.state is OutsideState.AWARDED and care_begun else steps,
        reads_why=reads_why(viewer, award),
        history=timeline(award.id, audience_of(viewer), reasons=reads_why(viewer, award)),
    )


@bp.get("/outside-awards/share")
@allows("outside:figures")
def show_share() -> str:
    """How many awards were made on the system, month by month, with how it is counted."""
    shares = queries.shares_by_month(current_viewer())
    year, published = added_up(shares), PUBLISHED_SHARE
    return render_template("brokerage/outside/share.html", shares=shares, year=year, published=published)


def reads_why(viewer: Viewer, award: OutsideAward) -> bool:
    """Who decides, and who may know the person, reads the reason; others read that there is one."""
    return viewer.has(Role.TEAM_MANAGER, Role.CONTRACT_MANAGER) or reads_reasons(viewer, award.package)


def asking_url(viewer: Viewer, package_id: UUID) -> str | None:
    """Where an award outside the system is asked for, while the package is in a state for it and none is live."""
    live = select(OutsideAward.id).where(OutsideAward.package_id == package_id, OutsideAward.state.in_(LIVE))
    states = STATES_FOR[OutsideGround.URGENT]
    query = select(Package.id).where(Package.id == package_id, Package.status.in_(states), ~live.exists())
    own = db.session.scalar(query.where(Package.authority_id == viewer.authority_id))
    return url_for("outside_steps.ask_outside", package_id=package_id) if own else None


def live_url(viewer: Viewer, package_id: UUID) -> str | None:
    """The page of the live one of a package."""
    live = select(OutsideAward.id).where(OutsideAward.package_id == package_id, OutsideAward.state.in_(LIVE))
    award_id = db.session.scalar(live.where(queries.scope(viewer)))
    return url_for("outside.show", award_id=award_id) if award_id else None


def award_url(viewer: Viewer, agreement_id: UUID) -> str | None:
    """The page of the award outside the system on which an agreement rests."""
    award_id = db.session.scalar(queries.of_agreement(viewer, agreement_id))
    return url_for("outside.show", award_id=award_id) if award_id else None
