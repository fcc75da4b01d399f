"""Each step of the council: offering a batch or a package, more time, and taking an offer back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.errors import Conflict, NotFoundForViewer
from app.house import House
from app.steps import PageStep, at
from app.ui.drawing import time_left
from app.ui.forms import HomewardForm
from marketplace.batches.models import Batch
from marketplace.batches.queries import batch_for
from marketplace.invitations.reach import OfferPreview, preview_of
from marketplace.packages.models import Package
from marketplace.packages.queries import at_same_times_as, package_for
from marketplace.rounds.forms import ExtendForm, OfferAgainForm, WithdrawForm
from marketplace.rounds.issuing import issue_batch, issue_package, window_of
from marketplace.rounds.models import Issue
from marketplace.rounds.overview import deadline_changes, view_of
from marketplace.rounds.queries import issue_for, newest_round
from marketplace.rounds.rules import NOTICE_COLOURS, OfferState
from marketplace.rounds.services import extend, withdraw_issue

bp = Blueprint("offers", __name__)

Thing = TypeVar("Thing")
Typed = TypeVar("Typed")

STATE_SENTENCES = {
    OfferState.OPEN: "Providers can answer until the deadline.",
    OfferState.CLOSED: "The rounds are closed. The answers are on the ranking of each package.",
    OfferState.WITHDRAWN: "The offer was taken back, and everybody who was asked was told.",
}


@bp.get("/issues/<uuid:issue_id>")
@allows("offers:watch")
def show(issue_id: UUID) -> str:
    """One issue: who was asked, with proof of notice; who was not and why; how much time is left."""
    issue = issue_for(current_viewer(), issue_id)
    return render_template(
        "marketplace/rounds/issue.html",
        issue=issue,
        view=view_of(issue),
        changes=deadline_changes(issue),
        left=time_left(clock.now(), issue.issued_at, issue.deadline),
        is_open=issue.takes_answers,
        state_sentences=STATE_SENTENCES,
        notice_colours=NOTICE_COLOURS,
        sections=cast(House, current_app).sections_about(current_viewer(), Issue.__tablename__, issue.id),
        entries=timeline(issue.id, Audience.COUNCIL),
    )


class _OfferStep(PageStep[Thing, Typed]):
    """Offers something; asked first, it shows what that would do now."""

    permission = "offers:issue"
    template = "marketplace/rounds/preview.html"

    def preview(self, thing: Thing) -> OfferPreview | None:
        raise NotImplementedError

    def onwards(self, thing: Thing, outcome: Any) -> str:
        return url_for("offers.show", issue_id=outcome.id)

    def page(self, form: HomewardForm, thing: Thing) -> str:
        preview = self.preview(thing)
        packages = [one.package for one in preview.packages] if preview else []
        shown = {"title": self.caption(thing), "back": self.back(thing), "preview": preview}
        same_times = at_same_times_as(self.viewer, packages)
        return render_template(self.template, form=form, same_times=same_times, **shown)


@at(bp, "/batches/<uuid:batch_id>/offer")
class OfferBatch(_OfferStep[Batch, str]):
    """Offers a sealed batch of the viewer's own authority, if nobody changed it since the page was opened."""

    form_class = HomewardForm
    query = staticmethod(batch_for)
    back_to = "batches.show"

    def typed(self, form: HomewardForm, thing: Batch) -> str:
        return request.form.get("version", "")

    def act(self, thing: Batch, typed: str) -> Issue:
        if typed and typed != str(thing.version):
            raise Conflict("The batch has changed since you opened it. Reload its page, check it and offer it then.")
        return issue_batch(thing, by=self.viewer.actor)

    def caption(self, thing: Batch) -> str:
        return f"batch {thing.reference}"

    def preview(self, thing: Batch) -> OfferPreview | None:
        return preview_of(thing.scheme, thing.packages, thing.window) if thing.packages else None


@at(bp, "/packages/<uuid:package_id>/offer")
class OfferPackage(_OfferStep[Package, str]):
    """Offers one package of the viewer's own authority; from its second round on, with what has changed."""

    back_to = "packages.show"

    def load(self, **ids: UUID) -> Package:
        package = package_for(self.viewer, ids["package_id"])
        if package.authority_id != self.viewer.authority_id:
            raise NotFoundForViewer
        return package

    def form(self, thing: Package) -> HomewardForm:
        return OfferAgainForm() if newest_round(thing.id) else HomewardForm()

    def act(self, thing: Package, typed: str) -> Issue:
        return issue_package(thing, by=self.viewer.actor, changed_since=typed or "")

    def caption(self, thing: Package) -> str:
        return f"package {thing.reference}"

    def preview(self, thing: Package) -> OfferPreview:
        return preview_of(thing.scheme, [thing], window_of(thing))


class _ChangeStep(PageStep[Issue, Typed]):
    """Changes an offer that is out."""

    query = staticmethod(issue_for)
    said = "Everybody who was asked has been told."
    leads_to = "offers.show"


@at(bp, "/issues/<uuid:issue_id>/extend")
class ExtendDeadline(_ChangeStep[tuple[datetime, str]]):
    """Gives everybody more time."""

    permission = "offers:extend"
    form_class = ExtendForm
    template = "marketplace/rounds/extend.html"

    def blank(self, thing: Issue) -> ExtendForm:
        form, deadline = ExtendForm(), thing.deadline.astimezone(clock.LONDON)
        form.deadline.data, form.at.data = deadline.date(), f"{deadline:%H:%M}"
        return form

    def act(self, thing: Issue, typed: tuple[datetime, str]) -> None:
        deadline, reason = typed
        extend(thing, deadline, reason, by=self.viewer.actor)


@at(bp, "/issues/<uuid:issue_id>/withdraw")
class WithdrawOffer(_ChangeStep[str]):
    """Takes the whole offer back."""

    permission = "offers:withdraw"
    form_class = WithdrawForm
    template = "marketplace/rounds/withdraw.html"

    def act(self, thing: Issue, typed: str) -> None:
        withdraw_issue(thing, typed, by=self.viewer.actor)
