"""What somebody does about a ranking: declare their interests, rank again, close a round before its deadline."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from wtforms.validators import InputRequired

from app.steps import ButtonStep, PageStep, Step, at
from app.ui.fields import LongTextField, RadioField, choice, is_yes
from app.ui.forms import HomewardForm
from brokerage.ranking import queries, services
from brokerage.ranking.models import ConflictDeclaration
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.queries import all_have_answered, issue_for

bp = Blueprint("ranking_steps", __name__)


class DeclarationForm(HomewardForm):
    """Whether somebody has an interest in one of the invited providers."""

    has_conflict = RadioField(
        "Do you have an interest in any of these providers?",
        description="You, or somebody close to you, works there, owns part of it, or gains from its awards.",
        choices=[
            choice("no", "No, I have none"),
            choice("yes", "Yes", "You will not see, rank or award this. A colleague does it."),
        ],
        coerce=is_yes,
        validators=[InputRequired("Choose yes or no.")],
    )
    note = LongTextField("If yes: which provider, and what your interest is")


class EarlyClosingForm(HomewardForm):
    """Why a round must close before its deadline."""

    reason = LongTextField(
        "Why must it close before the deadline?",
        description="Everybody invited is told this reason. Write nothing about the person.",
        validators=[InputRequired("Say why the round must close early.")],
    )


class _IssueStep(Step[Issue]):
    query = staticmethod(issue_for)


@at(bp, "/issues/<uuid:issue_id>/declaration")
class Declare(_IssueStep, PageStep[Issue, tuple[bool, str]]):
    """Declares interests in the providers invited, and goes on to the ranking for which that was asked."""

    permission = "rankings:declare"
    form_class = DeclarationForm
    said = "Your declaration is written down."

    def act(self, thing: Issue, typed: tuple[bool, str]) -> ConflictDeclaration:
        has_conflict, note = typed
        return services.declare_conflict(thing, has_conflict, note, by=self.viewer.actor)

    def onwards(self, thing: Issue, outcome: Any) -> str:
        round_id = _round_wanted(thing)
        return url_for("ranking.show", round_id=round_id) if round_id else url_for("ranking.show_board")

    def page(self, form: HomewardForm, thing: Issue) -> str:
        return render_template(
            "brokerage/ranking/declaration.html",
            issue=thing,
            form=form,
            invited=queries.names_invited(thing),
            declared=queries.declaration_of(self.viewer.user_id, thing),
            action=url_for("ranking_steps.declare", issue_id=thing.id, round=_round_wanted(thing)),
        )


def _round_wanted(issue: Issue) -> UUID | None:
    """The round whose ranking led to the declaration, if it is one of this issue."""
    wanted = request.args.get("round", "")
    return next((round_.id for round_ in issue.rounds if str(round_.id) == wanted), None)


@at(bp, "/rounds/<uuid:round_id>/ranking")
class RankAgain(ButtonStep[Round]):
    """Ranks now; a new ranking is made only if something has changed."""

    permission, leads_to = "rankings:declare", "ranking.show"
    query = staticmethod(queries.round_opened)

    def act(self, thing: Round) -> None:
        services.rank_round(thing, because="Ranked again on request.", by=self.viewer.actor)


@at(bp, "/issues/<uuid:issue_id>/early-closing")
class AskToCloseEarly(_IssueStep, PageStep[Issue, str]):
    """Asks a second person to agree to close before the deadline; the page shows the request that waits."""

    permission, leads_to = "rounds:close-early", "ranking_steps.ask_to_close_early"
    form_class = EarlyClosingForm
    said = "Asked. A second broker can agree on this page; until then nothing changes."

    def blank(self, thing: Issue) -> HomewardForm:
        services.refuse_unless_open(thing)
        return self.form(thing)

    def act(self, thing: Issue, typed: str) -> None:
        services.ask_to_close_early(thing, typed, by=self.viewer.actor)

    def page(self, form: HomewardForm, thing: Issue) -> str:
        closing_request, user_id = queries.open_request(thing), self.viewer.user_id
        return render_template(
            "brokerage/ranking/early_closing.html",
            issue=thing,
            form=form,
            closing_request=closing_request,
            is_own_request=closing_request is not None and closing_request.asked_by == user_id,
            is_answered=all_have_answered(thing),
            refused=services.ENTERED_BY_PHONE if queries.entered_by_phone(thing, user_id) else "",
        )


class _ClosingStep(_IssueStep, ButtonStep[Issue]):
    permission, leads_to = "rounds:close-early", "ranking.show_board"
    said = "The round is closed, and everybody invited is being told. Its ranking will be here within a minute."


@at(bp, "/issues/<uuid:issue_id>/early-closing/agreement")
class AgreeToCloseEarly(_ClosingStep):
    """The second person agrees: the round closes now."""

    def act(self, thing: Issue) -> None:
        services.agree_to_close_early(thing, by=self.viewer.actor)


@at(bp, "/issues/<uuid:issue_id>/early-closing/answered")
class CloseWhenAnswered(_ClosingStep):
    """Everybody has answered: the round closes now."""

    def act(self, thing: Issue) -> None:
        services.close_when_answered(thing, by=self.viewer.actor)
