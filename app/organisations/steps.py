"""Each step about a whole organisation: proposed by one administrator, decided by another."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from wtforms.validators import InputRequired, Length

from app.organisations import queries, services
from app.organisations.models import OrganisationAct, OrganisationProposal
from app.parties.models import MOST_DOMAINS, Organisation
from app.steps import ButtonStep, PageStep, Step, Typed, at
from app.ui.fields import CountedTextField, TextField
from app.ui.forms import HomewardForm, ReasonForm

bp = Blueprint("organisation_steps", __name__)

PROPOSED = "A second administrator has been asked."
WHY = "A second administrator reads it and decides."


class DomainsForm(HomewardForm):
    """The domains of a council's addresses, and why they change."""

    domains = TextField(
        "Domains",
        description="What stands behind the @ of your officers' addresses, with a space between, such as testshire.gov.uk.",
        validators=[Length(max=MOST_DOMAINS)],
    )
    because = CountedTextField("Why", description=WHY, validators=[InputRequired("Say why."), Length(max=500)])

    def typed(self) -> tuple[str, str]:
        return self.domains.data or "", self.because.data or ""


class _Proposing(PageStep[Organisation, Typed]):
    permission = "organisations:manage"
    said = PROPOSED

    def caption(self, thing: Organisation) -> str:
        return thing.name

    def onwards(self, thing: Organisation, outcome: OrganisationProposal) -> str:
        return url_for("organisations.proposal", proposal_id=outcome.id)

    def back(self, thing: Organisation) -> str:
        return url_for("organisations.index")


class _ProposingAboutProvider(_Proposing[str]):
    form_class = ReasonForm
    wanted: OrganisationAct

    def load(self, **ids: UUID) -> Organisation:
        return queries.brought_organisation(self.viewer, ids["organisation_id"])

    def act(self, thing: Organisation, typed: str) -> OrganisationProposal:
        return services.propose(self.viewer, thing, self.wanted, typed)


@at(bp, "/organisations/domains")
class ChangeDomains(_Proposing[tuple[str, str]]):
    """Proposes other domains for the addresses of the viewer's own organisation."""

    form_class = DomainsForm
    heading, button = "Change the domains", "Propose the change"
    told = "An account with an address of another domain waits for a second administrator, whatever its roles."

    def load(self, **ids: UUID) -> Organisation:
        return queries.own_organisation(self.viewer)

    def blank(self, thing: Organisation) -> HomewardForm:
        return DomainsForm(domains=thing.email_domains)

    def act(self, thing: Organisation, typed: tuple[str, str]) -> OrganisationProposal:
        domains, because = typed
        kept = services.read_domains(domains)
        return services.propose(self.viewer, thing, OrganisationAct.DOMAINS, because, kept)


@at(bp, "/organisations/<uuid:organisation_id>/shut-out")
class ShutOut(_ProposingAboutProvider):
    """Proposes to shut a provider out whole."""

    wanted = OrganisationAct.SHUT_OUT
    heading, button = "Shut the organisation out", "Propose it"
    told = (
        "Once a second administrator agrees, every session, API token, invitation and link of its people ends at once. "
        "Care that is given now goes on. A contract manager suspends new offers. It can be let in again."
    )
    hurts = True


@at(bp, "/organisations/<uuid:organisation_id>/let-in")
class LetIn(_ProposingAboutProvider):
    """Proposes to let it in again."""

    wanted = OrganisationAct.LET_IN
    heading, button = "Let the organisation in again", "Propose it"
    told = "Its people sign in again with their passwords. Tokens and invitations that ended stay ended."


class _OrganisationStep(Step[OrganisationProposal]):
    permission = "organisations:manage"
    query = staticmethod(queries.proposal_for)
    leads_to = "organisations.proposal"


@at(bp, "/organisation-proposals/<uuid:proposal_id>/do")
class CarryOut(_OrganisationStep, ButtonStep[OrganisationProposal]):
    said = "It is done."

    def act(self, thing: OrganisationProposal) -> None:
        services.carry_out(self.viewer, thing)


@at(bp, "/organisation-proposals/<uuid:proposal_id>/refuse")
class RefuseOrganisationProposal(_OrganisationStep, PageStep[OrganisationProposal, str]):
    form_class = ReasonForm
    heading, button = "Refuse it", "Refuse"
    told = "Whoever proposed it reads why."
    said = "It is refused, and whoever proposed it has been told."

    def act(self, thing: OrganisationProposal, typed: str) -> None:
        services.refuse(self.viewer, thing, typed)

    def caption(self, thing: OrganisationProposal) -> str:
        return thing.target.name
