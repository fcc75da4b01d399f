"""`make screenshots`: takes the pictures of the README from a copy of the demo, so that the demo stays as it is.

The copy is served on a free port and looked at in Chromium: every picture shows what the running system shows.
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import waitress
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import Select, func, select

from app import clock
from app.database import db
from app.house import House
from app.parties.models import User
from config import ROOT
from contracts.agreements.models import Agreement
from demo.accounts import PASSWORD
from demo.serve import DATABASE, demo_house, put_aside_what_is_old, set_up
from marketplace.packages.models import Package, PackageVisit
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, RoundState

PICTURES = ROOT / "docs" / "pictures"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=1150)
NAVIGATOR, BROKER = "navigator@lancashire.example", "broker@lancashire.example"
LOT_TO_BATCH = "homecare"
MANY_VISITS = 21


@dataclass(frozen=True, slots=True)
class Scenes:
    """The addresses of the pages that are worth a picture in this demo."""

    package: str
    ranking: str
    offer: str
    coordinator: str
    agreement: str


def main() -> None:
    """Takes every picture anew and tells its size."""
    put_aside_what_is_old()
    if not DATABASE.exists():
        set_up()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite"
        copy_of_the_demo(copy)
        house = demo_house(copy)
        with house.app_context():
            scenes = choose_scenes()
        with served(house) as address, chromium() as browser:
            take_pictures(browser, address, scenes)


def copy_of_the_demo(place: Path) -> None:
    """Copies the demo's database, also while it is being served."""
    with closing(sqlite3.connect(DATABASE)) as source, closing(sqlite3.connect(place)) as target:
        source.backup(target)


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serves on a free port of this machine; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = waitress.create_server(house, host="127.0.0.1", port=port, threads=4, clear_untrusted_proxy_headers=True)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{port}"
    server.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine, as the browser tests use it."""
    place = next((found for name in NAMES if (found := shutil.which(name))), None)
    if place is None:
        raise SystemExit("The pictures need Chromium: run `make browser`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=FLAGS)
        yield browser
        browser.close()


# ----------------------------------------------------------------------------------------------------- what to show


def choose_scenes() -> Scenes:
    """Chooses a full week, a contested ranking, an unanswered offer with several packages, and a costly agreement."""
    offer_id, coordinator = db.session.execute(unanswered_offer()).one()
    return Scenes(
        package=f"/packages/{first(well_filled_week())}",
        ranking=f"/rounds/{first(most_contested_round())}/ranking",
        offer=f"/offers/{offer_id}",
        coordinator=coordinator,
        agreement=f"/agreements/{first(latest_agreement())}",
    )


def first(question: Select[UUID]) -> UUID:
    """The first answer; the demo's data always has one."""
    return db.session.scalars(question.limit(1)).one()


def well_filled_week() -> Select[UUID]:
    """The package with about three visits a day, and with two carers where there is one."""
    visits = func.count(PackageVisit.id)
    weeks = select(Package.id).join(PackageVisit, PackageVisit.package_id == Package.id).group_by(Package.id)
    return weeks.having(visits <= MANY_VISITS).order_by(
        visits.desc(), func.max(PackageVisit.carers).desc(), Package.reference
    )


def most_contested_round() -> Select[UUID]:
    """The round past its deadline with the most yeses."""
    rounds = select(Round.id).join(OfferLine, OfferLine.round_id == Round.id)
    answered = rounds.join(Response, Response.line_id == OfferLine.id).where(
        Round.state == RoundState.CLOSED, Response.kind == ResponseKind.ACCEPT
    )
    return answered.group_by(Round.id).order_by(func.count(Response.id).desc(), Round.id)


def unanswered_offer() -> Select[UUID, str]:
    """The open offer with the most packages of which none is answered, and who may answer it."""
    offers = select(Offer.id, User.email).join(Issue, Issue.id == Offer.issue_id)
    people = offers.join(Provider, Provider.id == Offer.provider_id).join(
        User, User.organisation_id == Provider.organisation_id
    )
    lines = people.join(OfferLine, OfferLine.offer_id == Offer.id).outerjoin(Response, Response.line_id == OfferLine.id)
    waiting = lines.where(Issue.deadline > clock.now()).group_by(Offer.id, User.email)
    none_yet = waiting.having(func.count(Response.id) == 0)
    return none_yet.order_by(func.count(OfferLine.id).desc(), User.email, Offer.id).limit(1)


def latest_agreement() -> Select[UUID]:
    """The agreement that was made last."""
    return select(Agreement.id).order_by(Agreement.contract_from.desc(), Agreement.reference)


# ----------------------------------------------------------------------------------------------------- the pictures


def take_pictures(browser: Browser, address: str, scenes: Scenes) -> None:
    """Takes every picture; the order is that of the README."""

    def take(name: str, email: str, size: ViewportSize, go: Callable[[Page], object], scale: float = 1) -> None:
        context = browser.new_context(
            base_url=address, viewport=size, device_scale_factor=scale, locale="en-GB", timezone_id="Europe/London"
        )
        page = context.new_page()
        sign_in(page, email)
        go(page)
        page.wait_for_load_state("networkidle")
        place = PICTURES / f"{name}.png"
        page.screenshot(path=place)
        context.close()
        print(f"{place.relative_to(ROOT)}: {place.stat().st_size // 1000} kB")

    take("home", NAVIGATOR, DESK, lambda page: page.goto("/"))
    take("batches", NAVIGATOR, ViewportSize(width=1280, height=680), propose_batches)
    take("package", NAVIGATOR, DESK, lambda page: page.goto(scenes.package))
    take("offer-on-a-phone", scenes.coordinator, PHONE, lambda page: see_offer(page, scenes.offer), scale=1.5)
    take("board", BROKER, DESK, lambda page: page.goto("/board"))
    take("ranking", BROKER, ViewportSize(width=1280, height=1100), lambda page: rank(page, scenes.ranking))
    take("agreement", BROKER, ViewportSize(width=1280, height=1100), lambda page: see_agreement(page, scenes.agreement))


def sign_in(page: Page, email: str) -> None:
    """Signs in by the form."""
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def propose_batches(page: Page) -> None:
    """Proposes batches of one lot and scrolls to the map."""
    page.goto("/batches/propose")
    lots = page.get_by_label("Scheme and lot")
    lots.select_option(lots.locator("option", has_text=LOT_TO_BATCH).first.get_attribute("value"))
    page.get_by_label("Community").check(force=True)
    page.get_by_role("button", name="Propose batches").click()
    page.get_by_role("link", name="See the drafts").click(timeout=60_000)
    page.wait_for_load_state()
    to_the_top(page, "main svg")


def rank(page: Page, path: str) -> None:
    """Opens the ranking; declares no interest where that is asked first, and has the answers ranked if they are not."""
    page.goto(path)
    if "/declaration" in page.url:
        page.get_by_label("No, I have none").check(force=True)
        page.get_by_role("button", name="Declare").click()
        page.wait_for_load_state()
    if (now := page.get_by_role("button", name="Rank the answers now")).count():
        now.click()
        page.wait_for_load_state()
    page.goto(path)
    to_the_top(page, "h1")


def see_offer(page: Page, path: str) -> None:
    """Opens the offer, past the page's header."""
    page.goto(path)
    to_the_top(page, "h1")


def see_agreement(page: Page, path: str) -> None:
    """Opens the agreement where the week and its cost stand."""
    page.goto(path)
    to_the_top(page, ":text('Visits of the week')")


def to_the_top(page: Page, mark: str) -> None:
    """Scrolls until the first element that fits the mark is at the top."""
    page.locator(mark).first.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top - 24)")


if __name__ == "__main__":
    main()
