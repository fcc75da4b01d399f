"""Somebody who uses the keyboard only: goes from place to place with Tab, and types where the focus is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from playwright.sync_api import FileChooser, FilePayload, Page

from tests.browser.visitor import let_go
from tests.people import PASSWORD

MOST_STOPS = 120

FOCUSED = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return ['', '']
  const says = one.getAttribute('aria-label') || [...(one.labels ?? [])].map(label => label.innerText).join(' ') || one.innerText
  const kind = one.tagName.toLowerCase()
  return [kind === 'input' ? one.type : kind, (says || one.value || '').trim().replace(/\\s+/g, ' ')]
}"""
CHOSEN = "() => document.activeElement.selectedOptions[0]?.innerText ?? ''"


class Hands:
    """Two hands on a keyboard. No pointer is ever used, and nothing gets the focus but by a key."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start_at(self, path: str) -> None:
        """Opens an address, as from a bookmark or an email; everything after that is keys."""
        let_go()
        self.page.goto(path)

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Signs in."""
        self.start_at("/sign-in")
        self.write("Email address", email)
        self.write("Password", password)
        self.press("Sign in")

    # ------------------------------------------------------------------------------------------ finding the way

    def reach(self, kind: str, name: str, key: str = "Tab") -> str:
        """Goes on with Tab (or with Shift+Tab) until the focus is at such a thing; what it says in full."""
        met: list[str] = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press(key)
            found, says = self.page.evaluate(FOCUSED)
            if found == kind and name in says:
                return str(says)
            met.append(f"{found} “{says[:40]}”")
        raise AssertionError(f"{kind} “{name}” is not reached on {self.page.url}; met: {', '.join(met)}")

    def into_the_page(self) -> None:
        """Takes the first link of every page, which leads past the header."""
        self.reach("a", "Skip to main content")
        self.page.keyboard.press("Enter")

    # -------------------------------------------------------------------------------------------- doing something

    def follow(self, name: str) -> str:
        """Follows a link with Enter; what the link said."""
        says = self.reach("a", name)
        self._leave("Enter")
        return says

    def press(self, name: str, key: str = "Enter") -> None:
        """Presses a button with Enter, or with the space bar."""
        self.reach("button", name)
        self._leave(key)

    def go_on(self) -> None:
        """Follows the link that has the focus already."""
        self._leave("Enter")

    def open_fold(self, name: str) -> None:
        """Opens what is folded."""
        self.reach("summary", name)
        self.page.keyboard.press("Space")

    def write(self, label: str, text: str, kind: str = "") -> None:
        """Types into a field, in the place of what stands there."""
        self._reach_field(label, kind)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def write_day(self, day: date) -> None:
        """Types a date into the next three boxes."""
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            self.write(label, str(number))

    def choose(self, label: str) -> None:
        """Goes to the next group of radio buttons and with the arrow keys to one of them."""
        self._reach_field("", "radio")
        self.page.keyboard.press("Space")
        self._arrow(lambda: str(self.page.evaluate(FOCUSED)[1]), label)

    def tick(self, label: str) -> None:
        """Ticks a box with the space bar."""
        self.reach("checkbox", label)
        self.page.keyboard.press("Space")

    def pick(self, label: str, option: str) -> None:
        """Chooses in a select with the arrow keys."""
        self.reach("select", label)
        self._arrow(lambda: str(self.page.evaluate(CHOSEN)), option)

    def attach(self, label: str, name: str, content: bytes) -> None:
        """Opens the choice of files with Enter; the file itself is chosen in the system's own window."""
        self.reach("file", label)
        file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content}
        with self.page.expect_file_chooser() as opened:
            # Keys take a way of their own into the browser, and can overtake the news that somebody waits for the choice.
            self.page.evaluate("null")
            self.page.keyboard.press("Enter")
        chooser: FileChooser = opened.value
        chooser.set_files(file)

    # ---------------------------------------------------------------------------------------------------- looking

    def sees(self, text: str) -> None:
        """The page says this."""
        said = self.page.inner_text("main")
        assert text in said, f"not on {self.page.url}: {text}\n{said[:1500]}"

    def _reach_field(self, label: str, kind: str) -> None:
        kinds = (kind,) if kind else ("text", "email", "password", "search", "tel", "textarea", "number")
        met: list[str] = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            found, says = self.page.evaluate(FOCUSED)
            if found in kinds and says.startswith(label):
                return
            met.append(f"{found} “{says[:40]}”")
        raise AssertionError(f"The field “{label}” is not reached on {self.page.url}; met: {', '.join(met)}")

    def _arrow(self, now: Callable[[], str], wanted: str) -> None:
        for _ in range(40):
            if wanted in now():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrow keys do not lead to “{wanted}” on {self.page.url}.")

    def _leave(self, key: str) -> None:
        let_go()
        going: Any
        with self.page.expect_navigation(wait_until="load") as going:
            self.page.keyboard.press(key)
        assert going.value is None or going.value.status < 500
