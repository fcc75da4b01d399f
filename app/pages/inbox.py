"""The inbox: every message of the viewer's organisation; and in demo mode the mailbox of all emails."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template
from sqlalchemy import Select, or_, select
from werkzeug.wrappers import Response

from app import clock
from app.auth import anyone, current_viewer, signed_in
from app.database import only_one
from app.http.paging import paged
from app.messages.letters import SUMMARY
from app.messages.models import Delivery, Message
from app.parties.viewer import Viewer

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@signed_in
def show() -> str:
    """The viewer's messages, newest first."""
    query = _visible(current_viewer()).order_by(Message.created_at.desc(), Message.id)
    return render_template("pages/inbox.html", page=paged(query))


@bp.get("/inbox/<uuid:message_id>")
@signed_in
def message(message_id: UUID) -> str:
    """One message and what became of its emails."""
    found = only_one(_visible(current_viewer()).where(Message.id == message_id))
    return render_template("pages/message.html", message=found)


@bp.post("/inbox/<uuid:message_id>/read")
@signed_in
def mark_read(message_id: UUID) -> Response:
    """Notes that somebody of the recipient has read it, and goes to what it is about."""
    found = only_one(_visible(current_viewer()).where(Message.id == message_id))
    found.read_at = found.read_at or clock.now()
    return redirect(found.path)


@bp.get("/mailbox")
@anyone
def mailbox() -> str:
    """Demo only: the emails that would have left, newest first."""
    if not current_app.extensions["config"].demo:
        abort(404)
    query = select(Delivery).join(Message).order_by(Message.created_at.desc(), Delivery.id)
    return render_template("pages/mailbox.html", page=paged(query))


def _visible(viewer: Viewer) -> Select[Message]:
    mine = or_(Message.user_id.is_(None), Message.user_id == viewer.user_id)
    return select(Message).where(Message.organisation_id == viewer.organisation_id, mine, Message.kind != SUMMARY)
