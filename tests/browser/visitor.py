"""A visitor: moves through pages as a person does, and looks at every page it comes to."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from app.database import db
from tests.people import PASSWORD

AXE = Axe()
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PICTURES = os.environ.get("HOMEWARD_PICTURES", "")
"""A folder in which to keep a picture of each page that is looked at; none unless the environment names it."""

NOT_SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def let_go() -> None:
    """Commits what the test has prepared and ends its transaction: the server works on the same database."""
    db.session.commit()


class Visitor:
    """Somebody in front of a browser."""

    def __init__(self, page: Page, *, has_script: bool) -> None:
        self.page = page
        self.has_script = has_script
        self.seen: set[str] = set()

    def go(self, path: str) -> None:
        """Opens an address and looks at the page."""
        let_go()
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        self.look()

    def sign_in(self, email: str) -> None:
        """Signs in by the form, ending any session before."""
        self.page.context.clear_cookies()
        self.go("/sign-in")
        self.page.get_by_label("Email address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")

    def press(self, name: str) -> None:
        """Presses a button and looks at the page it leads to."""
        self.leave_by(self.page.get_by_role("button", name=name).first)

    def follow(self, name: str) -> None:
        """Follows a link and looks at the page it leads to."""
        self.leave_by(self.page.get_by_role("link", name=name).first)

    def leave_by(self, way: Locator) -> None:
        """Clicks on what leads to another page, waits until that page is there, and looks at it."""
        let_go()
        with self.page.expect_navigation(wait_until="load"):
            way.click()
        self.look()

    def open_in_menu(self, name: str) -> None:
        """Follows a link of the main menu, which a phone shows behind a button."""
        button = self.page.get_by_role("button", name="Menu")
        if button.is_visible():
            button.click()
        self.follow(name)

    def fill(self, label: str, text: str) -> None:
        """Types into a field."""
        self.page.get_by_label(label).first.fill(text)

    def choose(self, label: str) -> None:
        """Ticks a box or a radio button."""
        self.page.get_by_label(label).first.check(force=True)

    def fill_day(self, group: str, day: date) -> None:
        """Types a date into its three boxes."""
        boxes = self.page.get_by_role("group", name=group)
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            boxes.get_by_label(label).fill(str(number))

    def says_at_field(self, sentence: str) -> None:
        """The page came back with this sentence in its summary and at a field."""
        self.sees("There is a problem")
        for place in (".govuk-error-summary", ".govuk-error-message"):
            assert sentence in self.page.locator(place).first.inner_text()

    def sees(self, text: str) -> None:
        """The page says this."""
        assert text in self.page.inner_text("main"), (
            f"not on {self.page.url}: {text}\n{self.page.inner_text('main')[:2000]}"
        )

    def look(self) -> None:
        """No sideways scroll; and axe finds nothing (axe needs JavaScript, and needs to see each kind of page once)."""
        if not self.has_script:
            return
        assert self.page.evaluate(NOT_SIDEWAYS), f"{self.page.url} scrolls sideways"
        if self._kind_of_page() not in self.seen:
            self.seen.add(self._kind_of_page())
            self._keep_picture()
            found = AXE.run(self.page, options=RULES)
            assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"

    def _kind_of_page(self) -> tuple[str, str, bool]:
        """Two packages look alike; a form that came back, and a page for somebody else, do not."""
        name = self.page.locator(".hw-account__who span").first
        who = name.inner_text() if name.count() else ""
        return UUID.sub("*", self.page.url), who, self.page.locator(".govuk-error-summary").count() > 0

    def _keep_picture(self) -> None:
        if PICTURES:
            width = self.page.viewport_size["width"] if self.page.viewport_size else 0
            path = re.sub(r"\W+", "-", UUID.sub("", self.page.url.partition("//")[2].partition("/")[2])) or "home"
            self.page.screenshot(path=Path(PICTURES) / f"{width}-{len(self.seen):02}-{path[:60]}.png", full_page=True)
