"""Questions about applications, asked on behalf of a viewer."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, selectinload

from app import clock
from app.database import db, only_one
from app.parties.viewer import Viewer
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState, GateAnswer, gate
from marketplace.providers.known import known_to
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot
from marketplace.schemes.queries import policy_on

UNDECIDED = frozenset({ApplicationState.SUBMITTED, ApplicationState.CHECKING, ApplicationState.WAITING})


def visible_applications(viewer: Viewer) -> Select[Application]:
    """An authority's applications; for people of a provider, those of their own locations."""
    query = (
        select(Application)
        .join(Application.provider)
        .options(contains_eager(Application.provider), selectinload(Application.scheme))
    )
    if viewer.is_commissioner:
        return query.where(Application.authority_id == viewer.authority_id)
    return query.where(Provider.organisation_id == viewer.organisation_id)


def applications_list(viewer: Viewer, state: ApplicationState | None) -> Select[Application]:
    """The applications in a state, or all that are undecided, the first to be decided first."""
    query = visible_applications(viewer)
    wanted = Application.state == state if state else Application.state.in_(UNDECIDED)
    return query.where(wanted).order_by(Application.due_on, Application.reference)


def application_for(viewer: Viewer, application_id: UUID) -> Application:
    """One application with its checks; raises NotFoundForViewer."""
    provider = contains_eager(Application.provider)
    lists = provider.selectinload(Provider.skills), provider.selectinload(Provider.languages)
    query = visible_applications(viewer).where(Application.id == application_id)
    return only_one(query.options(selectinload(Application.checks), *lists))


def own_applications(viewer: Viewer) -> list[Application]:
    """The applications of the viewer's own locations, newest first."""
    query = visible_applications(viewer).where(Provider.organisation_id == viewer.organisation_id)
    return list(db.session.scalars(query.order_by(Application.submitted_at.desc(), Application.reference)))


def due_soon(viewer: Viewer) -> Select[Application]:
    """Every undecided application of the authority; each has its day."""
    return applications_list(viewer, None).where(Application.submitted_at <= clock.now())


def lots_of(application: Application) -> list[Lot]:
    """The lots that are applied for."""
    query = select(Lot).where(Lot.id.in_([UUID(lot_id) for lot_id in application.lot_ids]))
    return list(db.session.scalars(query.order_by(Lot.position)))


def gate_answers(scheme_id: UUID, providers: Iterable[Provider]) -> dict[UUID, GateAnswer]:
    """What the scheme's CQC gate says today about each of these locations, by its id."""
    policy = policy_on(scheme_id, clock.today())
    limits = policy.min_cqc_rating, policy.unrated_policy
    known = known_to(policy.authority_id, providers)
    return {provider_id: gate(one.rating, *limits) for provider_id, one in known.items()}


def gate_answer(application: Application) -> GateAnswer:
    """What it says about the location that applies."""
    return gate_answers(application.scheme_id, [application.provider])[application.provider_id]
