"""What a browser would find to send: the forms of a page, with their fields and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit


@dataclass
class Form:
    """One form of a page: where it goes, how, and its fields in order (a name may come more than once)."""

    page: str
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes two forms the same kind of form: the shape of the address and the names of the fields."""
        shape = "/".join("*" if len(part) == 36 else part for part in urlsplit(self.action).path.split("/"))
        return (
            self.method,
            shape,
            tuple(sorted({name for name, _ in self.fields if "_" not in name or "-" not in name})),
        )


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms = page, list[Form]()
        self.open: Form | None = None
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action") or self.page
            self.open = Form(self.page, action, given.get("method", "get").upper())
            self.forms.append(self.open)
        if self.open is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        if tag == "button" and name:
            self.open.fields.append((name, given.get("value", "")))
        if tag == "textarea":
            self.area = name
            self.open.fields.append((name, ""))
        if tag == "select":
            self.select = name
            self.open.fields.append((name, ""))
        if tag == "option" and self.select and ("selected" in given or not self.open.fields[-1][1]):
            self.open.fields[-1] = (self.select, given.get("value", ""))

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self.open is not None
        kind = given.get("type", "text")
        if kind == "file":
            self.open.uploads.append(name)
        elif kind == "radio" and any(one == name for one, _ in self.open.fields):
            return
        else:
            self.open.fields.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.area is not None and self.open is not None:
            self.open.fields[-1] = (self.area, self.open.fields[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "textarea":
            self.area = None
        if tag == "select":
            self.select = None


def forms_of(page: str, text: str) -> list[Form]:
    """The forms of a page."""
    reader = _Reader(page)
    reader.feed(text)
    return reader.forms
