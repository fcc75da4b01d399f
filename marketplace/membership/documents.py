"""Documents of members that expire."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from app import clock
from app.parties.viewer import Viewer
from marketplace.applications.models import Application, ApplicationCheck
from marketplace.membership.models import Membership
from marketplace.membership.rules import MEMBER_STATES


def documents_of_members() -> Select[Any]:
    """The documents with an expiry on which a standing membership rests, with application and provider."""
    standing = select(Membership.application_id).where(
        Membership.state.in_(MEMBER_STATES), Membership.application_id.is_not(None)
    )
    return (
        select(ApplicationCheck)
        .join(ApplicationCheck.application)
        .join(Application.provider)
        .options(contains_eager(ApplicationCheck.application).contains_eager(Application.provider))
        .where(ApplicationCheck.expires_on.is_not(None), ApplicationCheck.application_id.in_(standing))
        .order_by(ApplicationCheck.expires_on, ApplicationCheck.id)
    )


def lapsed(viewer: Viewer) -> Select[Any]:
    """The documents of an authority's members that have lapsed, longest ago first."""
    mine = ApplicationCheck.authority_id == viewer.authority_id
    return documents_of_members().where(mine, ApplicationCheck.expires_on < clock.today())
