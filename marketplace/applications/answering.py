"""What the pages of applications and memberships share: one form, one service, one commit."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.database import db
from app.errors import Refusal
from app.ui.forms import HomewardForm


def answered(
    form: HomewardForm, do: Callable[[], object], page: Callable[[], str], then: Callable[[], str], said: str
) -> AnyResponse:
    """Does what the form asks for, commits and goes on to `then`; a refusal shows `page` with everything typed."""
    if not form.validate_on_submit():
        form.renew()
        return Response(page(), status=422)
    try:
        do()
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(page(), status=refusal.status)
    flash(said, "success")
    return redirect(then())


def form_page(form: HomewardForm, heading: str, button: str, back: str, caption: str = "", told: str = "") -> str:
    """A page with one form on it."""
    return render_template(
        "marketplace/applications/form.html",
        form=form,
        heading=heading,
        button=button,
        back=back,
        caption=caption,
        told=told,
    )
