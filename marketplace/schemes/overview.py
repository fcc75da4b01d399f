"""What the page of a scheme shows, gathered once with a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app import clock
from app.audit.queries import TimelineItem, timeline
from app.audit.tags import Audience
from app.parties.models import Team
from app.parties.viewer import Viewer
from marketplace.schemes import queries
from marketplace.schemes.models import Lot, LotPrice, Scheme, SchemePolicy, Zone
from marketplace.schemes.policies import terms_of
from marketplace.schemes.price_rules import rows_in_force
from marketplace.schemes.regime_rules import REGIME_NAMES, end_warning
from marketplace.schemes.sentences import BANDS, UNITS, end_sentence, policy_sentences
from marketplace.vocabulary import AreaKind


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy with its sentences."""

    valid_from: date
    entered_by: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceView:
    """One row of floor and ceiling, in words and pence."""

    lot: str
    where: str
    when: str
    unit: str
    floor_pence: int
    ceiling_pence: int
    valid_from: date
    holds: bool


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A zone, its whole outcodes and its sectors."""

    name: str
    outcodes: tuple[str, ...]
    sectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemeView:
    """Everything the page of a scheme shows to one viewer."""

    scheme: Scheme
    regime: str
    end: str
    warning: str | None
    icb: str
    own: bool
    policy: PolicyView | None
    coming: tuple[PolicyView, ...]
    earlier: tuple[PolicyView, ...]
    prices: tuple[PriceView, ...]
    zones: tuple[ZoneView, ...]
    teams: Sequence[Team]
    entries: Sequence[TimelineItem]


def scheme_view(viewer: Viewer, scheme: Scheme) -> SchemeView:
    """The view; teams, coming and earlier policies and what has happened are for the scheme's own authority."""
    today, own = clock.today(), scheme.authority_id == viewer.authority_id
    policies = queries.policies_of(scheme.id)
    begun = [_policy(one, own) for one in policies if one.valid_from <= today]
    return SchemeView(
        scheme=scheme,
        regime=REGIME_NAMES[scheme.regime],
        end=end_sentence(scheme.ends_on),
        warning=end_warning(scheme.regime, today) if viewer.is_commissioner else None,
        icb=queries.organisation_name(scheme.default_icb_id),
        own=own,
        policy=begun[0] if begun else None,
        coming=tuple(_policy(one, own) for one in policies if own and one.valid_from > today),
        earlier=tuple(begun[1:]) if own else (),
        prices=_prices(scheme, today),
        zones=tuple(_zone(zone) for zone in scheme.zones),
        teams=queries.teams_of(scheme.authority_id) if own else (),
        entries=timeline(scheme.id, Audience.COUNCIL) if own else (),
    )


def _policy(policy: SchemePolicy, own: bool) -> PolicyView:
    return PolicyView(policy.valid_from, policy.created_by_label, policy_sentences(terms_of(policy), internal=own))


def _prices(scheme: Scheme, today: date) -> tuple[PriceView, ...]:
    """Lot by lot what holds, then what is to come."""
    zones = {zone.id: zone.name for zone in scheme.zones}
    rows = queries.prices_of(scheme.id)
    shown = []
    for lot in scheme.lots:
        own = [row for row in rows if row.lot_id == lot.id]
        now, coming = rows_in_force(own, today), [row for row in own if row.valid_from > today]
        views = [_price(lot, row, zones, row.valid_from <= today) for row in (*now, *coming)]
        shown += sorted(
            views, key=lambda view: (not view.holds, view.valid_from, view.where != "all zones", view.where)
        )
    return tuple(shown)


def _price(lot: Lot, row: LotPrice, zones: dict[UUID, str], holds: bool) -> PriceView:
    return PriceView(
        lot=lot.name,
        where=zones[row.zone_id] if row.zone_id else "all zones",
        when=BANDS[row.band] if row.band else "all hours",
        unit=UNITS[lot.unit],
        floor_pence=row.floor_pence,
        ceiling_pence=row.ceiling_pence,
        valid_from=row.valid_from,
        holds=holds,
    )


def _zone(zone: Zone) -> ZoneView:
    def areas(kind: AreaKind) -> tuple[str, ...]:
        return tuple(area.area for area in zone.areas if area.area_kind is kind)

    return ZoneView(zone.name, areas(AreaKind.OUTCODE), areas(AreaKind.SECTOR))
