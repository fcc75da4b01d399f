"""A step: one thing that somebody does with one press of a button, declared in one small class.

A class says who may (`permission`), what is loaded through the viewer (`query`, or `load`), which form (`form_class`),
what is done (`act`), what is said (`said`) and where to go (`leads_to`, or `onwards`). The rest follows: a wrong form or
a refusal shows the page again with everything typed; what was done is committed with its answer
(`app/http/transaction.py`).

    ButtonStep   a button on somebody else's page: nothing is typed, a refusal has a page of its own
    FormStep     a form on somebody else's page, which `page` draws again when it is refused
    PageStep     a form with a page of its own: GET asks, POST does

The API endpoint of the same change calls `take` with the same typed value, so a page and its endpoint are two edges of
one step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.views import MethodView
from werkzeug.wrappers import Response as AnyResponse

from app.auth.door import refused_page
from app.auth.fresh_routes import password_again
from app.auth.permissions import ANYONE, SIGNED_IN, allows, anyone, signed_in
from app.database import db
from app.errors import NotFoundForViewer, Refusal
from app.http.viewer import current_viewer
from app.parties.viewer import Viewer
from app.ui.forms import HomewardForm

Thing = TypeVar("Thing")
"""What the step is taken with: an offer, a package; None where something is made."""
Typed = TypeVar("Typed")
"""What was typed, as a value: a reason, an answer, a need; None where nothing is."""
WORD_BEGINS = re.compile(r"(?<!^)(?=[A-Z])")


class Step(MethodView, Generic[Thing]):
    """What every step says of itself."""

    permission: ClassVar[str]
    needs_password: ClassVar[bool] = False
    """Whether the password is asked for again where it was last typed more than ten minutes ago."""
    query: ClassVar[Callable[..., Any] | None] = None
    """Asks for what the address names, with the viewer and its ids in order; none where something is made."""
    said: ClassVar[str] = ""
    """What the next page says was done; nothing where the page shows it anyway."""
    leads_to: ClassVar[str] = ""
    """The endpoint of the next page, where its address has no ids but those of the step's own."""

    @property
    def viewer(self) -> Viewer:
        return current_viewer()

    def load(self, **ids: Any) -> Thing:
        """What the address names, through the viewer; raises NotFoundForViewer for somebody else's."""
        return cast(Thing, self.query(self.viewer, *ids.values()) if self.query else None)

    def says(self, thing: Thing, outcome: Any) -> str:
        return self.said

    def onwards(self, thing: Thing, outcome: Any) -> str:
        """The address of the next page."""
        return _address(self.leads_to)

    def done(self, thing: Thing, outcome: Any) -> AnyResponse:
        if words := self.says(thing, outcome):
            flash(words, "success")
        return redirect(self.onwards(thing, outcome))


S = TypeVar("S", bound=type[Step[Any]])


def at(bp: Blueprint, path: str) -> Callable[[S], S]:
    """Puts a step at an address of a blueprint, behind its permission; its endpoint is its name in small letters."""

    def put(step: S) -> S:
        name = WORD_BEGINS.sub("_", step.__name__).lower()
        if step.needs_password:
            step.post = password_again(step.post)  # type: ignore[attr-defined]
        bp.add_url_rule(path, endpoint=name, view_func=_guarded(step.permission)(step.as_view(name)))
        return step

    return put


def _address(endpoint: str) -> str:
    ids, expects = request.view_args or {}, current_app.url_map.is_endpoint_expecting
    return url_for(endpoint, **{name: value for name, value in ids.items() if expects(endpoint, name)})


def _guarded(permission: str) -> Callable[[Any], Any]:
    return {ANYONE: anyone, SIGNED_IN: signed_in}.get(permission) or allows(permission)


class ButtonStep(Step[Thing]):
    """One press of a button."""

    def act(self, thing: Thing) -> Any:
        """Does it, by one service; raises a Refusal. What it returns is the outcome."""
        raise NotImplementedError

    @classmethod
    def take(cls, **ids: Any) -> Any:
        """The same step over the API: the outcome, for the endpoint to answer with."""
        step = cls()
        return step.act(step.load(**ids))

    def post(self, **ids: Any) -> AnyResponse:
        """Does it and goes on; a refusal is a page that says why."""
        thing = self.load(**ids)
        return self.done(thing, self.act(thing))


class FormStep(Step[Thing], Generic[Thing, Typed]):
    """A form that stands on another page."""

    form_class: ClassVar[type[HomewardForm]]

    def act(self, thing: Thing, typed: Typed) -> Any:
        """Does it, by one service; raises a Refusal. What it returns is the outcome."""
        raise NotImplementedError

    @classmethod
    def take(cls, typed: Typed, **ids: Any) -> Any:
        """The same step over the API: the outcome, for the endpoint to answer with."""
        step = cls()
        return step.act(step.load(**ids), typed)

    def form(self, thing: Thing) -> HomewardForm:
        """The form as it was sent, or blank; with choices that depend on the thing."""
        return self.form_class()

    def typed(self, form: HomewardForm, thing: Thing) -> Typed:
        """What was typed, as a value; raises Invalid at its field."""
        return cast(Typed, form.typed())

    def page(self, form: HomewardForm, thing: Thing) -> str:
        """The page with the form on it."""
        raise NotImplementedError

    def post(self, **ids: Any) -> AnyResponse:
        """Does what the form asks for; a wrong form or a refusal shows the page again with everything typed."""
        thing = self.load(**ids)
        form = self.form(thing)
        if not form.validate_on_submit():
            form.renew()
            return Response(self.page(form, thing), status=422)
        try:
            outcome = self.act(thing, self.typed(form, thing))
        except NotFoundForViewer:
            raise
        except Refusal as refusal:
            return self.refused(form, refusal, self._anew(ids))
        return self.done(thing, outcome)

    def refused(self, form: HomewardForm, refusal: Refusal, thing: Thing) -> AnyResponse:
        """The page again, with why; after too many tries with how long to wait."""
        form.take(refusal)
        return refused_page(self.page(form, thing), refusal)

    def _anew(self, ids: dict[str, Any]) -> Thing:
        """The thing as it stands, without what the refused step had begun."""
        db.session.rollback()
        return self.load(**ids)


class PageStep(FormStep[Thing, Typed]):
    """A form with a page of its own: a heading, a line above, the form, a button and a way back."""

    template: ClassVar[str] = "steps/form.html"
    heading: ClassVar[str] = ""
    button: ClassVar[str] = ""
    told: ClassVar[str] = ""
    """What somebody should know before they fill it in."""
    hurts: ClassVar[bool] = False
    """Whether its button is red."""
    back_to: ClassVar[str] = ""
    """The endpoint to which the way back leads, where that is not the next page."""

    def get(self, **ids: Any) -> str | AnyResponse:
        thing = self.load(**ids)
        return self.page(self.blank(thing), thing)

    def blank(self, thing: Thing) -> HomewardForm:
        """The form before anything is typed, with what is known already."""
        return self.form(thing)

    def caption(self, thing: Thing) -> str:
        """The line above the heading: what it is about, without personal data."""
        return ""

    def back(self, thing: Thing) -> str:
        return _address(self.back_to) if self.back_to else self.onwards(thing, None)

    def page(self, form: HomewardForm, thing: Thing) -> str:
        """The page; steps with more to show have a template of their own, which is handed the thing."""
        shown = {"thing": thing, "back": self.back(thing), "hurts": self.hurts}
        return render_template(self.template, form=form, **shown, **self.words(thing))

    def words(self, thing: Thing) -> dict[str, str]:
        """What the page says around the form; where it depends on the thing, a step adds its own."""
        return {"heading": self.heading, "button": self.button, "told": self.told, "caption": self.caption(thing)}
