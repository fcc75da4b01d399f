"""What is done with schemes: one press of a button each."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from app.import_steps import File, ImportStep
from app.steps import at
from app.tasks import Task
from app.ui.forms import HomewardForm
from marketplace.schemes.forms import SchemeFileForm
from marketplace.schemes.services import queue_scheme_file

bp = Blueprint("scheme_steps", __name__, url_prefix="/schemes")


@at(bp, "/import")
class ImportScheme(ImportStep[None, File]):
    """A scheme is set up or brought up to date from its file."""

    permission = "schemes:manage"
    form_class = SchemeFileForm
    said = ""

    def load(self, **ids: UUID) -> None:
        return None

    def act(self, thing: None, typed: File) -> Task:
        return queue_scheme_file(self.viewer, *typed, by=self.viewer.actor)

    def page(self, form: HomewardForm, thing: None) -> str:
        return render_template("marketplace/schemes/import.html", form=form)
