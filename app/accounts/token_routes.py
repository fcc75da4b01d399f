"""The page of one's own API tokens: made, shown once, listed with the day of their last use, ended."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.forms import TokenForm
from app.auth import current_viewer, signed_in, tokens
from app.auth.fresh import password_again
from app.auth.scopes import Scope
from app.database import db
from app.errors import Refusal
from app.parties.models import User
from app.parties.viewer import Viewer

bp = Blueprint("tokens", __name__, url_prefix="/account/tokens")

SHOWN_ONCE = "new_token"


@bp.get("")
@signed_in
def index() -> str:
    """The viewer's tokens; a new one is shown here once and then never again."""
    return _page(current_viewer(), TokenForm(), session.pop(SHOWN_ONCE, None))


@bp.post("")
@signed_in
@password_again
def create() -> AnyResponse:
    """Makes a token. Its secret goes through the cookie to the next page, so that no kept answer holds it."""
    viewer, form = current_viewer(), TokenForm()
    if not form.validate_on_submit():
        form.renew()
        return Response(_page(viewer, form), status=422)
    try:
        user = db.session.get_one(User, viewer.user_id)
        secret = tokens.create_token(
            user, form.name.data or "", by=viewer.actor, scopes=form.named_scopes, days=form.lasting_days
        )
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_page(viewer, form), status=refusal.status)
    session[SHOWN_ONCE] = secret
    return redirect(url_for("tokens.index"))


@bp.post("/<uuid:token_id>/end")
@signed_in
def end(token_id: UUID) -> AnyResponse:
    """Ends one of the viewer's own."""
    viewer = current_viewer()
    tokens.end_token(viewer.user_id, token_id, by=viewer.actor)
    flash("The token can no longer be used.", "success")
    return redirect(url_for("tokens.index"))


def _page(viewer: Viewer, form: TokenForm, secret: str | None = None) -> str:
    names = {scope.value: scope.value for scope in Scope}
    found = tokens.tokens_of(viewer.user_id)
    return render_template("accounts/tokens.html", tokens=found, form=form, secret=secret, scopes=names)
