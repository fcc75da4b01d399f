"""What somebody decides about an award: make it, approve or refuse it, step back, end a round without one; and the same
for a whole batch at once.
"""

from collections.abc import Mapping
from typing import TypeVar, cast
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.errors import Refusal
from app.steps import ButtonStep, FormStep, PageStep, Step, at
from app.ui.drawing import visit_grid
from app.ui.forms import HomewardForm, ReasonForm
from app.values.words import counted
from brokerage.allocation import ending, proposals, queries, services
from brokerage.allocation.candidates import WantedAward
from brokerage.allocation.forms import ApprovalForm, AwardForm, NoneSuitableForm, edit_names
from brokerage.allocation.models import AllocationProposal, Award
from brokerage.allocation.proposals import LineEdit
from brokerage.allocation.routes import (
    award_page,
    declaration_first,
    declaration_of_issue,
    proposal_page,
    proposal_seen,
)
from brokerage.allocation.rules import AwardChoice, NextStep
from brokerage.ranking.queries import refuse_seeing
from marketplace.answers.views import answer_on
from marketplace.packages.visits import parse_weekly_visits
from marketplace.rounds.models import Issue, OfferLine, Round
from marketplace.rounds.queries import issue_for, line_for, round_for
from marketplace.schemes.regime_rules import Regime

bp = Blueprint("allocation_steps", __name__)

Typed = TypeVar("Typed")


@at(bp, "/offer-lines/<uuid:line_id>/award")
class MakeAward(PageStep[OfferLine, AwardChoice]):
    """Awards to one answer, or proposes it; the page says everything that this will do, and asks only what it must."""

    permission = "awards:make"

    def load(self, **ids: UUID) -> OfferLine:
        line = line_for(self.viewer, ids["line_id"])
        refuse_seeing(self.viewer, line.round.issue)
        return line

    def get(self, **ids: UUID) -> str | AnyResponse:
        """Asks; whoever has not declared their interests yet does so first."""
        return declaration_first(self.viewer, line_for(self.viewer, ids["line_id"]).round) or super().get(**ids)

    def form(self, thing: OfferLine) -> AwardForm:
        preview = self._preview(thing)
        is_market = thing.round.issue.scheme.regime is Regime.PA2023_DM
        form = AwardForm()
        form.ask_for(preview.fields_asked_for if preview else (), queries.approvers(self.viewer), exception=is_market)
        return form

    def blank(self, thing: OfferLine) -> AwardForm:
        """With all that the provider offered, and today."""
        form, said = self.form(thing), answer_on(thing.id)
        if form.agreed_on:
            form.agreed_on.data = clock.today()
        if form.agreed_visits and said:
            form.agreed_visits.data = said.other_visits.replace("; ", "\n")
        return form

    def act(self, thing: OfferLine, typed: AwardChoice) -> Award:
        (award,) = services.award([WantedAward(thing, typed)], by=self.viewer.actor)
        return award

    def says(self, thing: OfferLine, outcome: Award) -> str:
        return outcome.state.sentence

    def onwards(self, thing: OfferLine, outcome: Award) -> str:
        return url_for("allocation.show", award_id=outcome.id)

    def refused(self, form: HomewardForm, refusal: Refusal, thing: OfferLine) -> AnyResponse:
        """With the fields that the award asks for as things stand now."""
        return super().refused(self.form(thing), refusal, thing)

    def page(self, form: HomewardForm, thing: OfferLine) -> str:
        """With the preview as things stand; where the answer has no place at all the form says why."""
        said = answer_on(thing.id)
        return render_template(
            "brokerage/allocation/award.html",
            line=thing,
            form=form,
            preview=self._preview(thing, form),
            said=said,
            grid=visit_grid([visit.value for visit in thing.round.package.visits]),
            offered=visit_grid(parse_weekly_visits(said.other_visits)) if said and said.other_visits else None,
        )

    def _preview(self, line: OfferLine, form: HomewardForm | None = None) -> queries.AwardPreview | None:
        try:
            return queries.preview_of(self.viewer, line)
        except Refusal as refusal:
            if form is not None and not form.refusals:
                form.take(refusal)
            return None


@at(bp, "/rounds/<uuid:round_id>/none-suitable")
class EndWithoutAward(PageStep[Round, tuple[str, NextStep]]):
    """Ends a round without an award, with what comes next."""

    permission = "awards:make"
    form_class = NoneSuitableForm
    said = "The round has ended, and everybody who answered is told."
    leads_to = "allocation.show_list"

    def load(self, **ids: UUID) -> Round:
        round_ = round_for(self.viewer, ids["round_id"])
        refuse_seeing(self.viewer, round_.issue)
        return round_

    def get(self, **ids: UUID) -> str | AnyResponse:
        """Asks; whoever has not declared their interests yet does so first."""
        return declaration_first(self.viewer, round_for(self.viewer, ids["round_id"])) or super().get(**ids)

    def act(self, thing: Round, typed: tuple[str, NextStep]) -> Round:
        because, next_step = typed
        ending.none_suitable(thing, because, next_step, by=self.viewer.actor)
        return thing

    def page(self, form: HomewardForm, thing: Round) -> str:
        return render_template("brokerage/allocation/none_suitable.html", round=thing, form=form)


# ------------------------------------------------------------------------------------------- on the page of an award


class _AwardStep(FormStep[Award, Typed]):
    query = staticmethod(queries.award_for)
    leads_to = "allocation.show"

    def page(self, form: HomewardForm, thing: Award) -> str:
        return award_page(self.viewer, thing, reason=form)


class _ApproverStep(_AwardStep[Typed]):
    """A second person decides on a proposed award, who may see the answers."""

    permission = "awards:approve"

    def load(self, **ids: UUID) -> Award:
        award = super().load(**ids)
        refuse_seeing(self.viewer, award.round.issue)
        return award


@at(bp, "/awards/<uuid:award_id>/approve")
class ApproveAward(_ApproverStep[str]):
    """A second person approves, and that is the award."""

    form_class = ApprovalForm
    said = "Awarded. Everybody who answered is told."

    def act(self, thing: Award, typed: str) -> Award:
        return services.approve(thing, need_confirmed_with=typed, by=self.viewer.actor)

    def page(self, form: HomewardForm, thing: Award) -> str:
        return award_page(self.viewer, thing, approval=form)


@at(bp, "/awards/<uuid:award_id>/refuse")
class RefuseAward(_ApproverStep[str]):
    """Refuses a proposed award."""

    form_class = ReasonForm
    said = "Refused."

    def act(self, thing: Award, typed: str) -> None:
        ending.refuse_proposed(thing, typed, by=self.viewer.actor)


@at(bp, "/awards/<uuid:award_id>/pull-out")
class PullOut(_AwardStep[str]):
    """The provider awarded steps back before care begins; a broker may record it for them."""

    permission = "awards:pull-out"
    form_class = ReasonForm
    said = "Noted. The agreement is cancelled and the council is told."

    def act(self, thing: Award, typed: str) -> None:
        ending.pull_out(thing, typed, by=self.viewer.actor)


# -------------------------------------------------------------------------------------------------- whole batches


@at(bp, "/issues/<uuid:issue_id>/proposals")
class ProposeForBatch(ButtonStep[Issue]):
    """Proposes a provider for each package of an issue that waits."""

    permission = "awards:propose-batch"

    def load(self, **ids: UUID) -> Issue:
        issue = issue_for(self.viewer, ids["issue_id"])
        refuse_seeing(self.viewer, issue)
        return issue

    def post(self, **ids: UUID) -> AnyResponse:
        """Whoever has not declared their interests yet does so first."""
        return declaration_of_issue(self.viewer, issue_for(self.viewer, ids["issue_id"])) or super().post(**ids)

    def act(self, thing: Issue) -> AllocationProposal:
        return proposals.propose_for_batch(thing, by=self.viewer.actor)

    def onwards(self, thing: Issue, outcome: AllocationProposal) -> str:
        return url_for("allocation.show_proposal", proposal_id=outcome.id)


class _BatchProposalStep(Step[AllocationProposal]):
    permission = "awards:propose-batch"
    query = staticmethod(proposal_seen)
    leads_to = "allocation.show_list"


@at(bp, "/proposals/<uuid:proposal_id>/approve")
class ApproveProposal(_BatchProposalStep, FormStep[AllocationProposal, Mapping[str, LineEdit]]):
    """Awards every line as edited, all or none."""

    form_class = HomewardForm

    def typed(self, form: HomewardForm, thing: AllocationProposal) -> Mapping[str, LineEdit]:
        """What was chosen for each line, by the reference of its package."""
        return {str(stored["reference"]): _edit(stored) for stored in thing.lines}

    def act(self, thing: AllocationProposal, typed: Mapping[str, LineEdit]) -> list[Award]:
        return proposals.approve_proposal(thing, typed, by=self.viewer.actor)

    def says(self, thing: AllocationProposal, outcome: list[Award]) -> str:
        return f"Awarded or proposed for an award: {counted(len(outcome), 'package')}."

    def page(self, form: HomewardForm, thing: AllocationProposal) -> str:
        return proposal_page(thing, form=form)


def _edit(stored: Mapping[str, object]) -> LineEdit:
    """What was chosen for a line; an answer that was not on the page counts as left out."""
    line, reason, need = (request.form.get(name, "") for name in edit_names(str(stored["round_id"])))
    shown = {member["line_id"] for member in cast(list[dict[str, str]], stored["members"])}
    return LineEdit(UUID(line) if line in shown else None, reason[:1000], need[:200])


@at(bp, "/proposals/<uuid:proposal_id>/refuse")
class RefuseProposal(_BatchProposalStep, FormStep[AllocationProposal, str]):
    """Refuses the whole proposal."""

    form_class = ReasonForm

    def act(self, thing: AllocationProposal, typed: str) -> None:
        proposals.refuse_proposal(thing, typed, by=self.viewer.actor)

    def page(self, form: HomewardForm, thing: AllocationProposal) -> str:
        return proposal_page(thing, reason=form)
