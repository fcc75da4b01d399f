"""The choices of the slice's forms: lots by scheme, the viewer's teams, providers, and a stored need typed back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.database import db
from app.parties.viewer import Viewer
from app.ui.fields import choice
from marketplace.packages.forms import FilterForm, NeedForm
from marketplace.packages.listing import ALL_STATES, choices, schemes_with_zones, teams_for
from marketplace.packages.needs import Need
from marketplace.packages.rules import PackageStatus
from marketplace.packages.visits import weekly_visits_text
from marketplace.packages.words import SOURCES, URGENCIES
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme

ALL = choice("", "All")
WAITING = choice("", "Waiting for care")
NONE = choice("", "None chosen")


def with_choices(form: NeedForm, viewer: Viewer) -> list[Scheme]:
    """Fills the selects of a need; the schemes whose lots can be chosen."""
    schemes = schemes_with_zones(viewer)
    form.lot.choices = [choice("", "Choose a lot"), *_lots(schemes)]
    form.team.choices = [NONE, *(choice(str(team.id), team.name) for team in teams_for(viewer))]
    providers = db.session.execute(select(Provider.id, Provider.name).order_by(Provider.name, Provider.id))
    form.incumbent.choices = [NONE, *(choice(str(row.id), row.name) for row in providers)]
    return schemes


def scheme_of_lot(schemes: list[Scheme], lot_id: str) -> Scheme:
    """The scheme to which a chosen lot belongs; the form has made sure that there is one."""
    return next(scheme for scheme in schemes for lot in scheme.lots if str(lot.id) == lot_id)


def filter_form(viewer: Viewer, asked: Any) -> FilterForm:
    """The filter above the list, showing what was asked."""
    form = FilterForm(asked)
    found = choices(viewer)
    form.status.choices = [
        WAITING,
        choice(ALL_STATES, "All"),
        *(choice(status.value, status.label) for status in PackageStatus),
    ]
    form.urgency.choices = [ALL, *(choice(one.value, label) for one, label in URGENCIES.items())]
    form.source.choices = [ALL, *(choice(one.value, label) for one, label in SOURCES.items())]
    for field, kind in ((form.lot, "lot"), (form.zone, "zone")):
        field.choices = [ALL, *(choice(str(one.id), one.name, group=one.scheme) for one in found if one.kind == kind)]
    return form


def _lots(schemes: list[Scheme]) -> list[Any]:
    return [choice(str(lot.id), lot.name, group=scheme.name) for scheme in schemes for lot in scheme.lots]


def typed_back(need: Need, version: int) -> dict[str, Any]:
    """A stored need as its form shows it."""
    ceiling = need.cost_ceiling_pence
    return {
        "lot": str(need.lot_id),
        "source": need.source.value,
        "urgency": need.urgency.value,
        "planned_start": need.planned_start,
        "postcode": need.postcode.text,
        "visits": weekly_visits_text(need.visits, with_tasks=True).replace("; ", "\n"),
        "time_critical": any(visit.time_critical for visit in need.visits),
        "short_visit_reason": need.short_visit_reason,
        "pen_picture": need.pen_picture,
        "carer_gender": need.carer_gender.value,
        "carer_gender_reason": need.carer_gender_reason,
        "skills": "\n".join(need.skills),
        "language": need.language,
        "health_percent": str(need.split.health_percent),
        "cost_ceiling": "" if ceiling is None else f"{ceiling // 100}.{ceiling % 100:02d}",
        "team": str(need.referring_team_id or ""),
        "incumbent": str(need.incumbent_provider_id or ""),
        "version": str(version),
    }
