"""Which emails one gets; and, for those who look after it, what the mail server has not taken."""

from __future__ import annotations

from itertools import groupby
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer, signed_in
from app.house import House
from app.http.paging import paged
from app.messages import holding
from app.messages.letters import DeliveryState, MailWish, Topic
from app.messages.models import Delivery
from app.messages.queries import waiting, wishes_of
from app.messages.services import choose
from app.messages.templates import LetterTemplate, topics_for
from app.ui.fields import RadioField, choice
from app.ui.forms import HomewardForm

bp = Blueprint("mail", __name__)

SHOWN = (DeliveryState.QUEUED, DeliveryState.HELD)
WISHES = [
    choice(MailWish.AT_ONCE.value, "At once"),
    choice(MailWish.DAILY.value, "Once a day, in a summary at 7:30am"),
    choice(MailWish.NEVER.value, "No email"),
]


@bp.get("/account/emails")
@signed_in
def wishes() -> str:
    """How the viewer wants emails, topic by topic."""
    return _wishes_page(_form())


@bp.post("/account/emails")
@signed_in
def save_wishes() -> AnyResponse:
    form, viewer = _form(), current_viewer()
    if not form.validate_on_submit():
        return Response(_wishes_page(form), status=422)
    chosen = {topic.name: MailWish(form[topic.name].data) for topic in _topics()}
    choose(viewer.organisation_id, viewer.email, chosen)
    flash("Your choice of emails is saved.", "success")
    return redirect(url_for("mail.wishes"))


@bp.get("/mail")
@allows("mail:watch")
def outbox() -> str:
    """What waits and what is held back, of the viewer's authority, oldest first."""
    query = _unsent(current_viewer().authority_id)
    return render_template(
        "pages/outbox.html",
        page=paged(query.order_by(Delivery.queued_at, Delivery.id)),
        waiting=waiting(),
        held=DeliveryState.HELD,
    )


@bp.get("/letters")
@allows("letters:read")
def letters() -> str:
    """Every letter that the system sends, by what people choose by, each as it reads with the values of an example."""
    groups = groupby(sorted(_house().letters, key=_label), key=_label)
    return render_template("pages/letters.html", groups=[(label, list(letters)) for label, letters in groups])


@bp.post("/mail/release")
@allows("mail:release")
def release() -> AnyResponse:
    """Sends what is held back after all."""
    viewer = current_viewer()
    count = holding.release(viewer.authority_id, by=viewer.actor)
    flash(f"{count} held emails are being sent.", "success")
    return redirect(url_for("mail.outbox"))


@bp.post("/mail/set-aside")
@allows("mail:release")
def set_aside() -> AnyResponse:
    """Gives up what is held back."""
    viewer = current_viewer()
    count = holding.set_aside(viewer.authority_id, by=viewer.actor)
    flash(f"{count} held emails will not be sent.", "success")
    return redirect(url_for("mail.outbox"))


def _unsent(authority_id: UUID) -> Select[Delivery]:
    query = select(Delivery).where(Delivery.state.in_(SHOWN), holding.of_authority(authority_id))
    return query.options(joinedload(Delivery.message))


def _topics() -> list[Topic]:
    return topics_for(_house().letters, current_viewer().organisation_kind.value)


def _house() -> House:
    return cast(House, current_app)


def _label(letter: LetterTemplate) -> str:
    return letter.topic.label if letter.topic else ""


def _form() -> HomewardForm:
    """A choice for each topic that people of the viewer's organisation get."""
    viewer, fields = current_viewer(), {}
    now = wishes_of(viewer.organisation_id, viewer.email)
    for topic in _topics():
        wish = now.get(topic.name, MailWish.AT_ONCE)
        fields[topic.name] = RadioField(topic.label, choices=WISHES, default=wish.value, description=topic.hint)
    made: type[HomewardForm] = type("WishesForm", (HomewardForm,), fields)
    return made()


def _wishes_page(form: HomewardForm) -> str:
    return render_template("pages/wishes.html", form=form, email=current_viewer().email, topics=_topics())
