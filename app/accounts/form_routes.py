"""What the pages of accounts share: one form, one service, one commit."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.database import db
from app.errors import NotFoundForViewer, Refusal
from app.ui.forms import HomewardForm


def answered(
    form: HomewardForm, do: Callable[[], object], page: Callable[[], str], then: Callable[[], str], said: str = ""
) -> AnyResponse:
    """Does what the form asks for, commits and goes on to `then`; a refusal shows `page` with everything typed."""
    if not form.validate_on_submit():
        form.renew()
        return Response(page(), status=422)
    try:
        do()
    except NotFoundForViewer:
        raise
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(page(), status=refusal.status)
    if said:
        flash(said, "success")
    return redirect(then())


def form_page(
    form: HomewardForm,
    heading: str,
    button: str,
    back: str,
    told: str = "",
    caption: str = "",
    *,
    warning: bool = False,
) -> str:
    """A page with one form on it; `warning`: its button is red, because what it does hurts."""
    words = {"heading": heading, "button": button, "told": told, "caption": caption}
    return render_template("steps/form.html", form=form, back=back, hurts=warning, **words)


def words_asked() -> str:
    """What was typed into the search box above a list."""
    return request.args.get("q", "").strip()[:100]
