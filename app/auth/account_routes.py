"""One's own account: the second factor, where one is signed in, and what was kept when a session ended."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.auth import kept as kept_forms
from app.auth import sessions
from app.auth.permissions import signed_in
from app.auth.second_factor import codes_left, has_second_factor
from app.database import db
from app.http.viewer import current_viewer
from app.parties.models import User
from app.ui.forms import LOOK_AGAIN

bp = Blueprint("account", __name__)


@bp.get("/account")
@signed_in
def show() -> str:
    """What there is to an account, and where it is changed."""
    user_id = current_viewer().user_id
    return render_template(
        "auth/account.html",
        second_factor=has_second_factor(user_id),
        codes_left=codes_left(user_id),
        sessions=len(sessions.sessions_of(user_id)),
    )


@bp.get("/account/sessions")
@signed_in
def list_sessions() -> str:
    found = sessions.sessions_of(current_viewer().user_id)
    return render_template("auth/sessions.html", sessions=found, this=current_user.session.session_id)


@bp.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> AnyResponse:
    viewer = current_viewer()
    sessions.end_session(viewer.user_id, session_id, by=viewer.actor)
    flash("That browser is signed out.", "success")
    return redirect(url_for("account.list_sessions"))


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> AnyResponse:
    viewer, this = current_viewer(), current_user.session.session_id
    user = db.session.get_one(User, viewer.user_id)
    count = sessions.end_sessions_of(user, except_=this, because="The user ended all others.", by=viewer.actor)
    flash(f"{count} other session{'' if count == 1 else 's'} ended.", "success")
    return redirect(url_for("account.list_sessions"))


@bp.get("/account/kept")
@signed_in
def kept() -> str:
    """What was typed when a session had ended, to go on with."""
    found = kept_forms.kept_for(current_viewer().user_id)
    return render_template("auth/kept.html", forms=found, field=kept_forms.FIELD, look_again=LOOK_AGAIN)


@bp.post("/account/kept/<uuid:kept_id>/drop")
@signed_in
def drop_kept(kept_id: UUID) -> AnyResponse:
    kept_forms.throw_away(current_viewer().user_id, kept_id)
    return redirect(url_for("account.kept"))
