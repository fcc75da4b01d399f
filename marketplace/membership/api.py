"""Memberships over the API."""

from datetime import date
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator

from app.api.shell import Given, ListOut, PageQuery, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.http.paging import paged
from marketplace.membership.queries import memberships_page
from marketplace.membership.rules import MembershipState
from marketplace.providers.coverage import CoverageKind

bp = api_blueprint("membership", __name__, "Providers and memberships")

Name = Annotated[str, BeforeValidator(attrgetter("name"))]


class AreaOut(Given):
    """One line of coverage; the most specific line decides."""

    kind: CoverageKind
    area: str


class MembershipOut(Given):
    """A provider's membership of one lot."""

    id: UUID
    scheme_id: UUID
    lot_id: UUID
    lot: Name
    provider_id: UUID
    provider: Name
    state: MembershipState
    since: date
    ended_on: date | None
    areas: list[AreaOut]


@bp.get("/memberships")
@allows("memberships:list")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[MembershipOut])
def memberships(query_data: PageQuery) -> dict[str, Any]:
    """The authority's memberships for councils; their own for people of a provider, in whoever's scheme."""
    page = paged(memberships_page(current_viewer()), number=query_data.page)
    return list_out(page, page.rows)
