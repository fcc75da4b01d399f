"""What is typed on the pages of the register, turned into typed values."""

from __future__ import annotations

from typing import IO

from wtforms.validators import InputRequired

from app.ui.fields import (
    UploadField,
)
from app.ui.forms import HomewardForm


class FileForm(HomewardForm):
    """A file to load."""

    file = UploadField("File", validators=[InputRequired("Choose a file.")])

    @property
    def upload(self) -> tuple[IO[bytes], str]:
        """The file as it came, on the disk when it is large, and its name."""
        return self.file.data.stream, self.file.data.filename or ""
