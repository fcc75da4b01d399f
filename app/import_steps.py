"""The step of bringing a file: a page asks for it and shows its columns, and the work that is queued shows the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any, ClassVar

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Length

from app.auth.fresh_routes import password_again
from app.errors import Refusal
from app.imports.columns import Column
from app.imports.kinds import SheetChoice
from app.imports.queuing import AlreadyImported
from app.steps import PageStep, Thing, Typed
from app.tasks import Task
from app.ui.fields import TextField, TickField, UploadField, looks
from app.ui.forms import HomewardForm

File = tuple[IO[bytes], str]
"""A file as it came, on the disk when it is large, and its name."""
TableFile = tuple[IO[bytes], str, SheetChoice]
"""A file of rows, its name, and what was said of it where it is a workbook."""


class FileForm(HomewardForm):
    """A file to load."""

    file = UploadField("File", validators=[InputRequired("Choose a file.")])

    def typed(self) -> Any:
        return self.file.data.stream, self.file.data.filename or ""


class TableFileForm(FileForm):
    """A file of rows to load: CSV or a workbook."""

    sheet = TextField(
        "Sheet of the workbook",
        description="Only needed when several sheets hold something. Hidden sheets are passed over.",
        validators=[Length(max=100)],
        render_kw=looks(width=20),
    )
    with_hidden_rows = TickField("Load rows that a filter hides, too")

    def typed(self) -> Any:
        """The file that was chosen, and what was said of it."""
        return *FileForm.typed(self), SheetChoice(self.sheet.data or "", bool(self.with_hidden_rows.data))


class ImportStep(PageStep[Thing, Typed]):
    """A file of one kind is queued; the password is asked for again. `act` returns the task."""

    form_class = FileForm
    needs_password = True
    said = "The file is being checked."
    columns: ClassVar[Sequence[Column]] = ()
    """The columns of the file, where it is a table."""
    before: str | None = None
    """Where to see what came of the same file before."""

    def get(self, **ids: Any) -> str | AnyResponse:
        """Asks, of whoever has shown again who they are."""
        return password_again(super().get)(**ids)  # type: ignore[return-value]

    def onwards(self, thing: Thing, outcome: Task) -> str:
        return url_for("tasks.show", task_id=outcome.id)

    def refused(self, form: HomewardForm, refusal: Refusal, thing: Thing) -> AnyResponse:
        """The page again; with what was loaded from the same file, for whoever may see that work."""
        if isinstance(refusal, AlreadyImported) and refusal.task_id:
            self.before = url_for("tasks.show", task_id=refusal.task_id)
        return super().refused(form, refusal, thing)

    def page(self, form: HomewardForm, thing: Thing) -> str:
        words = {"heading": self.heading, "button": self.button, "told": self.told, "caption": self.caption(thing)}
        return render_template(
            "steps/import.html",
            form=form,
            back=self.back(thing),
            columns=self.columns,
            before=self.before,
            hurts=False,
            action=request.path,  # without the fragment of a page that was reached by a skip link
            **words,
        )
