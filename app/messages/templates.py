"""Letters as text: each is a file in the folder `letters` of its slice, declared there once as a `LetterTemplate`.

The first line of a file is `Subject: …`; behind a blank line stands the body, each paragraph on one line. In the same
folder `about.toml` says when each letter is sent and to whom, and has the values of an example: the page that shows
every letter is made from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from jinja2 import Environment, StrictUndefined, Template

from app.calendar.deadlines import local_text
from app.messages.letters import Letter, Topic
from app.values.days import date_text
from app.values.rounding import decimal_text
from app.values.words import counted

SUBJECT, LONGEST_SUBJECT = "Subject: ", 200
END_OF_SUBJECT = "\x00"
"""Stands in no text that can be kept."""

ENVIRONMENT = Environment(
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 (letters are plain text; nothing in them is read as a page)
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals.clear()  # a letter has its values and nothing else; what is there is copied for each letter
ENVIRONMENT.filters.update(day=date_text, moment=local_text, counted=counted, decimal=decimal_text)


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A letter that the system sends. `folder` is the package whose file `name.txt` holds the text.

    `about` is the table of the thing it tells of, `link` the page that it leads to, with `{id}` for that thing.
    """

    name: str
    kind: str
    _: KW_ONLY
    folder: str
    about: str
    link: str
    topic: Topic | None = None

    @property
    def sent(self) -> Mapping[str, str]:
        """When it is sent (`when`) and to whom (`to`)."""
        sent: Mapping[str, str] = notes_of(self.folder)[self.name]
        return sent

    def write(self, about_id: UUID, authority_id: UUID | None = None, /, **values: Any) -> Letter:
        """The letter about one thing, with these values in its text."""
        subject, _, body = _template(self.folder, self.name).render(values).partition(END_OF_SUBJECT)
        return Letter(
            kind=self.kind,
            subject=subject[:LONGEST_SUBJECT],
            body=body.rstrip(),
            path=self.link.format(id=about_id),
            about_type=self.about,
            about_id=about_id,
            authority_id=authority_id,
            topic=self.topic,
        )

    def sample(self) -> Letter:
        return self.write(UUID(int=0), **notes_of(self.folder)["example"])


def source_of(folder: str, name: str) -> tuple[str, str]:
    """The subject and the body of a letter's file, as they are written there."""
    head, _, body = files(folder).joinpath(f"{name}.txt").read_text("utf-8").partition("\n\n")
    if not head.startswith(SUBJECT) or not body:
        raise ValueError(f"The letter {name} in {folder} needs a first line `{SUBJECT}…`, a blank line and a body.")
    return head.removeprefix(SUBJECT), body


@cache
def notes_of(folder: str) -> Mapping[str, Any]:
    """What is noted about the letters of a folder: a table for each, and `example`, the values that all of them take."""
    return tomllib.loads(files(folder).joinpath("about.toml").read_text("utf-8"))


def topics_for(templates: Iterable[LetterTemplate], organisation_kind: str) -> list[Topic]:
    """What the letters are about that people of such an organisation get, by label."""
    topics = {template.topic for template in templates if template.topic}
    return sorted((topic for topic in topics if organisation_kind in topic.readers), key=lambda topic: topic.label)


@cache
def _template(folder: str, name: str) -> Template:
    return ENVIRONMENT.from_string(END_OF_SUBJECT.join(source_of(folder, name)))
