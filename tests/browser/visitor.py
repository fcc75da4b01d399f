"""A visitor: moves through pages as a person does, and looks at every page it comes to."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.database import db
from tests.people import PASSWORD

AXE = Axe()
NOT_SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


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
        let_go()
        self.page.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()
        self.look()

    def follow(self, name: str) -> None:
        """Follows a link and looks at the page it leads to."""
        let_go()
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Types into a field."""
        self.page.get_by_label(label).first.fill(text)

    def choose(self, label: str) -> None:
        """Ticks a box or a radio button."""
        self.page.get_by_label(label).first.check(force=True)

    def sees(self, text: str) -> None:
        """The page says this."""
        assert text in self.page.inner_text("main"), f"not on {self.page.url}: {text}\n{self.page.inner_text('main')[:2000]}"

    def look(self) -> None:
        """No sideways scroll; and axe finds nothing (axe needs JavaScript, and needs to see each page once)."""
        if not self.has_script:
            return
        assert self.page.evaluate(NOT_SIDEWAYS), f"{self.page.url} scrolls sideways"
        if self.page.url not in self.seen:
            self.seen.add(self.page.url)
            found = AXE.run(self.page, options=RULES)
            assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
