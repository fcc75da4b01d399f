"""Opening pages in Chromium and measuring them: a few things at every page, everything at each kind of page once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, StorageState
from playwright.sync_api import Error as BrowserError

from demo.screenshots import sign_in
from pagecheck.findings import Finding, Kind, Tally, Visit
from pagecheck.ground import Somebody
from pagecheck.markup import Outline, problems_of

WIDTHS = (1280, 320)
HALF = 640
"""1280 px at 200 %."""
MOST_STOPS = 160
MEASURES = (Path(__file__).parent / "measures.js").read_text("utf-8")
RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}
SAID_BY_REFUSALS = "Failed to load resource"
"""What Chromium's console says of every page that is refused."""


Sessions = dict[str, tuple[float, StorageState]]
"""By role: when somebody signed in, and their cookies."""
FRESH_SECONDS = 300
"""A session serves so long; after ten minutes pages ask for the password again."""


class Inspector:
    """One Chromium with one page in it, of whoever visits at the time. `sessions` are shared: all sign in once."""

    def __init__(self, browser: Browser, address: str, people: list[Somebody], sessions: Sessions) -> None:
        self.browser, self.address, self.sessions = browser, address, sessions
        self.people = {who.role: who for who in people}
        self.role, self.page = "", browser.new_page()
        self.walked: set[tuple[str, int]] = set()
        self.heard: list[str] = []
        self.tally = Tally()
        self.axe = Axe()

    def look(self, visit: Visit, *, closely: bool) -> None:
        """Opens a page at both widths and notes what is wrong with it."""
        try:
            self._pages(visit, closely=closely)
        except BrowserError as error:
            self.tally.errors.append(f"{visit.role} {visit.path}: {str(error).splitlines()[0]}")

    def _pages(self, visit: Visit, *, closely: bool) -> None:
        page = self.page_of(visit.role)
        self.heard.clear()
        for number, width in enumerate(WIDTHS):
            page.set_viewport_size({"width": width, "height": 800})
            if number == 0 or closely:
                answer = page.goto(visit.path)
                self._arrived(visit, answer, page, width)
            self.measure(visit, page, width, closely=closely)
            if closely:
                self._walk(visit, page, width)
            if closely and width > HALF:
                self._zoom(visit, page)
        self._note(visit, 0, [("console", said) for said in self.heard if not said.startswith(SAID_BY_REFUSALS)])

    def measure(self, visit: Visit, page: Page, width: int, *, closely: bool) -> None:
        """Measures the page as it stands there."""
        self.tally.looked(visit, width)
        self._note(visit, width, measured(page, "cheap"))
        if not closely:
            return
        self.tally.closely += 1
        self._note(visit, width, measured(page, "spaced"))
        found = self.axe.run(page, options=RULES).response["violations"]
        for rule in found:
            places = "; ".join(" ".join(map(str, node["target"])) for node in rule["nodes"][:3])
            self._note(visit, width, [("axe", f"{rule['id']}: {rule['help']} ({len(rule['nodes'])}: {places})")])

    def _walk(self, visit: Visit, page: Page, width: int) -> None:
        """Goes through the page with the Tab key. What surrounds every page is walked once for each role and width."""
        whole = (visit.role, width) not in self.walked
        self.walked.add((visit.role, width))
        stops = measured(page, "beginWalk", "body" if whole else "main")
        presses = min(stops, MOST_STOPS)
        self.tally.cut_short += stops > MOST_STOPS
        for _ in range(presses):
            page.keyboard.press("Tab")
        self._note(visit, width, measured(page, "endWalk", presses))

    def _zoom(self, visit: Visit, page: Page) -> None:
        """Zooms to 200 %, which is half the width."""
        page.set_viewport_size({"width": HALF, "height": 800})
        self._note(visit, HALF, measured(page, "sideways", " at 200 %"))

    def send_empty(self, visit: Visit, *, closely: bool) -> None:
        """Sends each form of a page empty; what comes back must say what is wrong, and where."""
        try:
            page = self.page_of(visit.role)
            for width in WIDTHS[: 2 if closely else 1]:
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(visit.path)
                for turn, number in enumerate(measured(page, "fillable")):
                    if turn:
                        page.goto(visit.path)
                    self._send(visit, page, number, width, closely=closely)
        except BrowserError as error:
            self.tally.errors.append(f"{visit.role} {visit.path}, form: {str(error).splitlines()[0]}")

    def _send(self, visit: Visit, page: Page, number: int, width: int, *, closely: bool) -> None:
        answer = self._navigated(page, lambda: measured(page, "sendEmpty", number))
        if answer is None or answer.status < 400:
            return
        self.tally.forms += 1
        came_back = Visit(visit.role, visit.endpoint, visit.path, answer.status, Kind.FORM)
        page_text = answer.text()
        self._note(came_back, width, list(problems_of(page_text, Outline(page_text), visit.endpoint)))
        if page.locator(".govuk-error-summary").count() or page.locator("main form").count():
            self._note(came_back, width, measured(page, "afterError"))
        self.measure(came_back, page, width, closely=closely)

    def after(self, visit: Visit, source: str, step: Callable[[Page], object]) -> None:
        """Takes a step on another page and looks at what it leads to, once: nobody can go there again."""
        try:
            page = self.page_of(visit.role)
            page.goto(source)
            answer = self._navigated(page, lambda: step(page))
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                self._arrived(visit, answer, page, width)
                self.measure(visit, page, width, closely=True)
        except BrowserError as error:
            self.tally.errors.append(f"{visit.role} {visit.path}: {str(error).splitlines()[0]}")

    def _navigated(self, page: Page, leave: Callable[[], object]) -> Response | None:
        with page.expect_navigation(wait_until="load") as going:
            leave()
        return going.value

    def page_of(self, role: str) -> Page:
        """The page of this person, kept until somebody else visits: jobs come sorted by role."""
        if role != self.role:
            self.page.context.close()
            self.role, self.page = role, self._opened(role)
        return self.page

    def _opened(self, role: str) -> Page:
        since, cookies = self.sessions.get(role, (-FRESH_SECONDS, None))
        is_fresh = time.monotonic() - since < FRESH_SECONDS
        context = self.browser.new_context(
            base_url=self.address,
            locale="en-GB",
            timezone_id="Europe/London",
            storage_state=cookies if is_fresh else None,
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        if (who := self.people.get(role)) and who.email and not is_fresh:
            sign_in(page, who.email)
            self.sessions[role] = time.monotonic(), context.storage_state()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(str(error)[:200]))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(message.text[:200])

    def _arrived(self, visit: Visit, answer: Response | None, page: Page, width: int) -> None:
        status = answer.status if answer else 0
        if status != visit.status:
            self._note(visit, width, [("status", f"answered {status}, not {visit.status}")])
        if "/sign-in" in page.url and "/sign-in" not in visit.path:
            self._note(visit, width, [("status", "led to the sign-in page")])

    def _note(self, visit: Visit, width: int, found: list[Any]) -> None:
        for check, said in found:
            self.tally.findings.append(Finding(check, visit, width, said))
            print(f"          {check}: {visit.endpoint} as {visit.role}, {width or 'any'} px: {said}", flush=True)


def measured(page: Page, name: str, argument: object = "") -> Any:
    """The answer of one function of `measures.js` on this page."""
    return page.evaluate(f"([name, argument]) => ({MEASURES})[name](argument)", [name, argument])
