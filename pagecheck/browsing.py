"""Opening pages in Chromium and measuring them: a few things at every page, everything at each kind of page once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from playwright.sync_api import Error as BrowserError

from demo.screenshots import sign_in
from pagecheck.findings import Finding, Kind, Tally, Visit
from pagecheck.ground import Somebody
from pagecheck.markup import problems_of

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


class Inspector:
    """One Chromium and the sessions of everybody in it."""

    def __init__(self, browser: Browser, address: str, people: list[Somebody]) -> None:
        self.browser, self.address = browser, address
        self.people = {who.role: who for who in people}
        self.pages: dict[str, Page] = {}
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
        """Goes through the page with the Tab key, from its beginning."""
        stops = measured(page, "beginWalk")
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
                for number in measured(page, "fillable"):
                    self._send(visit, page, number, width, closely=closely)
                    page.goto(visit.path)
        except BrowserError as error:
            self.tally.errors.append(f"{visit.role} {visit.path}, form: {str(error).splitlines()[0]}")

    def _send(self, visit: Visit, page: Page, number: int, width: int, *, closely: bool) -> None:
        answer = self._navigated(page, lambda: measured(page, "sendEmpty", number))
        if answer is None or answer.status < 400:
            return
        self.tally.forms += 1
        came_back = Visit(visit.role, visit.endpoint, visit.path, answer.status, Kind.FORM)
        self._note(came_back, width, list(problems_of(answer.text())))
        if page.locator(".govuk-error-summary").count() or page.locator("main form").count():
            self._note(came_back, width, measured(page, "afterError"))
        self.measure(came_back, page, width, closely=closely)

    def post(self, visit: Visit, source: str) -> None:
        """Posts to an address from another page, for a refusal that no GET gives, and looks at it."""
        page = self.page_of(visit.role)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(source)
            answer = self._navigated(page, lambda: measured(page, "post", visit.path))
            self._arrived(visit, answer, page, width)
            self.measure(visit, page, width, closely=True)

    def _navigated(self, page: Page, leave: Callable[[], object]) -> Response | None:
        with page.expect_navigation(wait_until="load") as going:
            leave()
        return going.value

    def page_of(self, role: str) -> Page:
        """The page of this person, who signs in at the first need and keeps it: a new one would cost more each time."""
        if role not in self.pages:
            context = self.browser.new_context(base_url=self.address, locale="en-GB", timezone_id="Europe/London")
            context.set_default_timeout(60_000)
            page = self.pages[role] = context.new_page()
            if (who := self.people.get(role)) and who.email:
                sign_in(page, who.email)
            page.on("console", self._hear)
            page.on("pageerror", lambda error: self.heard.append(str(error)[:200]))
        return self.pages[role]

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
