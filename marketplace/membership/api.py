"""Memberships over the API."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.api.shell import Given, PageOf, PageQuery, api_blueprint
from app.auth import allows, current_viewer
from app.http.paging import Page, paged
from marketplace.membership.queries import memberships_page
from marketplace.membership.rules import MembershipState
from marketplace.providers.coverage import CoverageKind

bp = api_blueprint("membership", __name__, "Providers and memberships")


class AreaOut(Given):
    """One line of coverage; the most specific line decides."""

    kind: CoverageKind
    area: str


class MembershipOut(Given):
    """A provider's membership of one lot."""

    id: UUID
    scheme_id: UUID
    lot_id: UUID
    lot: str
    provider_id: UUID
    provider: str
    state: MembershipState
    since: date
    ended_on: date | None
    areas: list[AreaOut]


class MembershipPage(PageOf):
    """A page of memberships."""

    items: list[MembershipOut]


@bp.get("/memberships")
@allows("memberships:list")
@bp.input(PageQuery, location="query")
@bp.output(MembershipPage)
@bp.doc(security="bearer")
def memberships(query_data: PageQuery) -> dict[str, Any]:
    """The authority's memberships for councils; their own for people of a provider, in whoever's scheme."""
    page = paged(memberships_page(current_viewer()), number=query_data.page)
    return _framed(page, [_membership(one) for one in page.rows])


def _framed(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"page": page.number, "pages": page.pages, "total": page.total, "items": items}


def _membership(one: Any) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in MembershipOut.model_fields if name not in {"lot", "provider"}}
    return {**plain, "lot": one.lot.name, "provider": one.provider.name}
