"""What can be said of a page from its HTML alone: valid, one h1, a title of its own, labels, references that lead on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html.parser import HTMLParser

import html5lib
from html5lib.constants import voidElements

TOLERATED = frozenset({"non-void-element-with-trailing-solidus"})
ENDING = " – Homeward"
UNLABELLED = frozenset({"hidden", "submit", "button", "image", "reset"})
POINTERS = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "list", "headers")
PURPOSES = {"email": {"username", "email"}, "password": {"current-password", "new-password"}, "tel": {"tel", "off"}}
"""What `autocomplete` must say for these kinds of field, so that a browser can fill them in (WCAG 1.3.5 and 3.3.8)."""

Attributes = dict[str, str]


class Outline(HTMLParser):
    """The tags of a page with their attributes, its title, and the looks it is built of."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.title = ""
        self.links: list[str] = []
        self._open: list[str] = []
        self._in_title = False
        self.wrapped: set[int] = set()
        self._within: list[str] = []
        self._places: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the tag; a field inside a label needs no `for`."""
        found = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title" and "svg" not in self._open
        if "label" in self._open:
            self.wrapped.add(len(self.tags))
        if tag in {"label", "svg"}:
            self._open.append(tag)
        self.tags.append((tag, found))
        self._enter(tag, _part(tag, found))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        """Closes a label, a drawing or the title."""
        self._in_title = False
        self._leave(tag)
        if tag in self._open:
            self._open.remove(tag)

    def _enter(self, tag: str, part: str) -> None:
        """Notes the part with all that it lies in."""
        self._places.add(f"{' '.join(self._within)} {part}")
        if tag not in voidElements:
            self._within.append(tag)

    def _leave(self, tag: str) -> None:
        """Goes back to what the closed tag lay in; one that is closed out of turn, or was not open, is a place too."""
        if tag in voidElements:
            return
        if self._within[-1:] != [tag]:
            self._places.add(f"{' '.join(self._within)} /{tag}")
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Reads the title."""
        if self._in_title:
            self.title += data

    @property
    def shape(self) -> str:
        """The same for two pages whose main content is built of the same kinds of parts, whatever they say."""
        return _digest(_part(tag, attrs) for tag, attrs in self.main)

    @property
    def whole_shape(self) -> str:
        """The same for two pages in which the same kinds of parts lie in one another in the same way."""
        return _digest([*self._places, f"{' '.join(self._within)} is open"])

    @property
    def main(self) -> list[tuple[str, Attributes]]:
        """The tags of the main content and all after it."""
        return self.tags[next((number for number, (tag, _) in enumerate(self.tags) if tag == "main"), 0) :]

    @property
    def has_form(self) -> bool:
        """Whether the main content has a form that changes something."""
        return any(tag == "form" and attrs.get("method") == "post" for tag, attrs in self.main)

    @property
    def named(self) -> set[str]:
        """Every id."""
        return {attrs["id"] for _, attrs in self.tags if "id" in attrs}


def _part(tag: str, attrs: Attributes) -> str:
    return f"{tag}.{attrs.get('class', '')}.{attrs.get('type', '')}"


def _digest(parts: Iterable[str]) -> str:
    return sha256("\n".join(sorted(set(parts))).encode()).hexdigest()[:12]


_PARSED: set[tuple[str, str]] = set()


def problems_of(page: str, outline: Outline, endpoint: str, secrets: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Each thing that is wrong, as the name of the check and a sentence. `secrets`: what no title may say.

    Of each endpoint one page of each shape is parsed: parsing takes most of the time, and shows the same for each.
    """
    if (kind := (endpoint, outline.whole_shape)) not in _PARSED:
        _PARSED.add(kind)
        yield from _invalid(page)
    yield from _title(outline, secrets)
    yield from _names(outline)
    yield from _fields(outline)


def _invalid(page: str) -> Iterator[tuple[str, str]]:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page)
    lines = page.splitlines()
    for (line, _), code, _data in parser.errors:
        if code not in TOLERATED:
            yield "valid HTML", f"{code}: {lines[line - 1].strip()[:160]}"


def _title(outline: Outline, secrets: Iterable[str]) -> Iterator[tuple[str, str]]:
    title = " ".join(outline.title.split())
    if not title.endswith(ENDING) or len(title) <= len(ENDING):
        yield "title", f"The title must be “what the page is{ENDING}”, and is “{title}”."
    if any(secret in title for secret in secrets):
        yield "title", "The title names a person."
    count = sum(tag == "h1" for tag, _ in outline.tags)
    if count != 1:
        yield "one h1", f"The page has {count} h1."
    if not any(tag == "html" and attrs.get("lang") for tag, attrs in outline.tags):
        yield "language", "The page does not say its language."


def _names(outline: Outline) -> Iterator[tuple[str, str]]:
    for name, count in Counter(attrs["id"] for _, attrs in outline.tags if "id" in attrs).items():
        if count > 1:
            yield "unique ids", f"The id {name} stands {count} times."
    for tag, attrs in outline.tags:
        for pointer in POINTERS:
            for name in attrs.get(pointer, "").split():
                if name not in outline.named:
                    yield "references", f"{pointer} of a {tag} names {name}, and there is no such id."
        href = attrs.get("href", "")
        if tag == "a" and re.fullmatch(r"#.+", href) and href[1:] not in outline.named:
            yield "references", f"A link leads to {href}, and there is no such id."


def _fields(outline: Outline) -> Iterator[tuple[str, str]]:
    labelled = {attrs["for"] for tag, attrs in outline.tags if tag == "label" and "for" in attrs}
    for number, (tag, attrs) in enumerate(outline.tags):
        kind = attrs.get("type", "text")
        if tag not in {"input", "select", "textarea"} or kind in UNLABELLED or "hidden" in attrs:
            continue
        if not (
            attrs.get("id") in labelled or number in outline.wrapped or {"aria-label", "aria-labelledby"} & set(attrs)
        ):
            yield "labels", f"The field {attrs.get('name') or attrs.get('id')} has no label."
        wanted = PURPOSES.get(kind)
        if wanted and not wanted & set(attrs.get("autocomplete", "").split()) | ({"off"} & {attrs.get("autocomplete")}):
            yield "autocomplete", f"The field {attrs.get('name')} does not say what fills it in ({kind})."
        if {"onpaste", "oncopy"} & set(attrs):
            yield "paste", f"The field {attrs.get('name')} interferes with pasting."
