"""A county's main job, done through the API with bearer tokens: from three files to agreements.

Every step notes what came back, so that the tests can compare it with the naive reference and with the tables.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.audit import Actor
from app.audit.jobs import seal_entries
from app.auth.tokens import create_token
from app.database import db
from app.house import House
from app.parties.models import User
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from brokerage.allocation.ending import none_suitable
from brokerage.allocation.models import Award
from brokerage.allocation.rules import NextStep
from brokerage.allocation.services import approve
from brokerage.feedback.services import write_due
from brokerage.ranking.services import declare_conflict, rank_due
from demo.accounts import add_officers
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.providers.models import Provider
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from tests.careful import CarefulClient
from tests.journeys import answering, naive

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""A Monday: the files are loaded, the batches are offered."""
ANSWERS_COME = MORNING + timedelta(hours=2)
SINGLES = 80
"""So many packages at least are offered alone; the batches take the reallocations."""


@dataclass
class Sent:
    """One answer at the edge of a deadline: the status, and what was said."""

    status: int
    text: str


@dataclass
class County:
    """Lancashire as the journey goes through it, with everything that it noted on its way."""

    house: House
    client: FlaskClient
    whole: bool = False
    officers: dict[str, dict[str, str]] = field(default_factory=dict)
    coordinators: dict[str, dict[str, str]] = field(default_factory=dict)
    scheme_id: str = ""
    loaded: dict[str, Any] = field(default_factory=dict)
    batches: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    issues: list[dict[str, Any]] = field(default_factory=list)
    own_reference: dict[str, str] = field(default_factory=dict)
    package_ids: dict[str, str] = field(default_factory=dict)
    holdings: dict[str, set[str]] = field(default_factory=dict)
    seen: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, dict[str, naive.Answer]] = field(default_factory=lambda: defaultdict(dict))
    edge: tuple[dict[str, Any], str, list[str]] | None = None
    at_the_edge: dict[str, Sent] = field(default_factory=dict)
    rankings: dict[str, dict[str, Any]] = field(default_factory=dict)
    expected: dict[str, list[naive.Scored]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=lambda: {name: naive.capacity(name) for name in naive.MEMBERS})
    awards: dict[str, dict[str, Any]] = field(default_factory=dict)
    expected_winners: dict[str, str | None] = field(default_factory=dict)
    refused: list[tuple[str, Sent]] = field(default_factory=list)
    won: list[tuple[str, str, datetime]] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------------------- speaking

    def ask(self, method: str, path: str, headers: dict[str, str], **kwargs: Any) -> Any:
        """One request to the API."""
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    def done(self, method: str, path: str, headers: dict[str, str], **kwargs: Any) -> Any:
        """The JSON of a request that must succeed."""
        answer = self.ask(method, path, headers, **kwargs)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)[:800]}"
        return answer.json

    def every(self, path: str, headers: dict[str, str]) -> list[Any]:
        """The items of a list, page by page."""
        rows, page = [], path
        while page:
            answer = self.done("GET", page, headers)
            rows, page = rows + answer["items"], (answer["next"] or "").removeprefix("/api/v1")
        return rows

    def bearer(self, user: User) -> dict[str, str]:
        """Headers that speak as this user."""
        return {"Authorization": f"Bearer {create_token(user, 'journey', by=viewer_of(user).actor)}"}

    # ----------------------------------------------------------------------------------------------- the three files

    def load(self) -> None:
        """Officers, scheme, providers, packages."""
        for email, user in add_officers().items():
            self.officers[email.partition("@")[0]] = self.bearer(user)
        self.load_file("/schemes/import", "scheme.toml", "contracts")
        self.scheme_id = self.loaded["scheme.toml"]["result"]["url"].rpartition("/")[2]
        self.load_file(f"/schemes/{self.scheme_id}/providers/import", "providers.csv", "contracts")
        self.load_file("/packages/import", "packages.csv", "navigator", scheme_id=self.scheme_id)
        query = select(Provider.name, User).join(User, User.organisation_id == Provider.organisation_id)
        self.coordinators = {name: self.bearer(user) for name, user in db.session.execute(query).all()}
        for package in db.session.scalars(select(Package)).unique():
            assert package.council_reference
            self.own_reference[package.council_reference] = package.reference
            self.package_ids[package.council_reference] = str(package.id)
        db.session.commit()

    def load_file(self, path: str, name: str, officer: str, **form: str) -> None:
        """Uploads a file, lets the task run and keeps what came of it."""
        queued = self.upload(path, name, officer, **form)
        run_queued()
        self.loaded[name] = self.done("GET", f"/tasks/{queued['id']}", self.officers[officer])

    def upload(self, path: str, name: str, officer: str, **form: str) -> Any:
        """Sends one of the files."""
        file = (io.BytesIO((naive.FOLDER / name).read_bytes()), name)
        return self.done("POST", path, self.officers[officer], data={**form, "file": file})

    # ------------------------------------------------------------------------------------------------------ offering

    def offer_batches(self) -> None:
        """All lots' reallocations: proposed, sealed, offered."""
        navigator = self.officers["navigator"]
        queued = self.done("POST", "/batches/propose", navigator, json={"scheme_id": self.scheme_id})
        run_queued()
        proposed = self.done("GET", f"/tasks/{queued['id']}", navigator)
        self.left_out = proposed["result"]["left_out"]
        for batch in self.every("/batches?state=draft", navigator):
            sealed = self.done("POST", f"/batches/{batch['id']}/seal", navigator, json={"version": batch["version"]})
            body = {"version": sealed["version"]}
            self.issues.append(self.done("POST", f"/batches/{batch['id']}/offer", navigator, json=body))
            self.batches.append(sealed)

    def offer_singles(self) -> None:
        """Ready packages that are in no batch, urgent and standard ones."""
        query = select(Package.council_reference).where(Package.status == PackageStatus.READY)
        ready = sorted(one for one in db.session.scalars(query) if one)
        for reference in self.sample(ready):
            path = f"/packages/{self.package_ids[reference]}/offer"
            self.issues.append(self.done("POST", path, self.officers["navigator"], json={}))

    def sample(self, ready: list[str]) -> list[str]:
        """Some packages from the whole file, and one for each member that would be offered nothing yet; or all."""
        if self.whole:
            return ready
        step = len(ready) // SINGLES
        chosen = ready[: SINGLES * step : step]
        for name in sorted(naive.MEMBERS):
            if name not in naive.offers([*self.offered(), *chosen]):
                chosen.append(next(one for one in ready if name in naive.eligible(one)))
        return chosen

    def offered(self, issues: Iterable[dict[str, Any]] | None = None) -> list[str]:
        """The packages of these issues, by the council's references."""
        theirs = {own: reference for reference, own in self.own_reference.items()}
        chosen = self.issues if issues is None else issues
        return [theirs[one["package_reference"]] for issue in chosen for one in issue["rounds"]]

    # ----------------------------------------------------------------------------------------------------- answering

    def answer_all(self) -> None:
        """60 providers answer every offer they hold."""
        self.holdings = packages_by_offer()
        silent = answering.silent_members()
        for number, name in enumerate(sorted(naive.MEMBERS)):
            if name not in silent:
                for offer in self.inbox(name):
                    self.answer(name, offer, drafts_first=number % 7 == 3)

    def inbox(self, name: str) -> Iterator[dict[str, Any]]:
        """The open offers of a provider, all pages."""
        page: str | None = "/offers"
        while page:
            found = self.done("GET", page, self.coordinators[name])
            yield from found["items"]
            page = found["next"] and found["next"].removeprefix("/api/v1")

    def answer(self, name: str, listed: dict[str, Any], *, drafts_first: bool) -> None:
        """Answers one offer: perhaps as a draft first, perhaps changed, perhaps taken back in part."""
        headers, path = self.coordinators[name], f"/offers/{listed['id']}"
        scripts = answering.scripts(name, {one: self.own_reference[one] for one in self.holdings[listed["id"]]})
        if not scripts:
            return
        if drafts_first:
            self.done("GET", path, headers)
            drafts = [{"package": found.steps[0]["package"], "price_pence": 2500} for found in scripts.values()]
            self.done("PUT", f"{path}/response", headers, json={"submit": False, "answers": drafts})
        for step in range(max(len(found.steps) for found in scripts.values())):
            sent = [found.steps[step] for found in scripts.values() if step < len(found.steps)]
            body = {"submit": True, "answers": sent}
            offer = self.done("PUT", f"{path}/response", headers, json=body)
        self.seen[name].append(offer)
        for reference, found in scripts.items():
            if found.taken_back:
                self.done("POST", f"{path}/withdraw", headers, json={"package": found.steps[0]["package"]})
            elif found.final:
                self.answers[reference][name] = found.final

    def answer_at_the_edge(self) -> None:
        """Of two providers that were silent, one answers a second before the deadline and one at the deadline."""
        issue, reference, names = self.edge = self.find_edge()
        deadline = datetime.fromisoformat(issue["deadline"])
        for name, when in zip(names, (deadline - timedelta(seconds=1), deadline), strict=True):
            wanted = max(date.fromisoformat(naive.PACKAGES[reference]["planned_start"]), when.date())
            said = naive.Answer(True, naive.band(reference)[0], wanted)
            offer = select(Offer.id).join(Provider).where(Offer.issue_id == UUID(issue["id"]), Provider.name == name)
            path = f"/offers/{db.session.scalars(offer).one()}/response"
            body = {"submit": True, "answers": [answering.yes(self.own_reference[reference], reference, said)]}
            with clock.moved_to(when):
                answer = self.ask("PUT", path, self.coordinators[name], json=body)
            self.at_the_edge[name] = Sent(answer.status_code, answer.get_data(as_text=True))
            if answer.status_code == 200:
                self.answers[reference][name] = said

    def find_edge(self) -> tuple[dict[str, Any], str, list[str]]:
        """An issue of a batch, a package of it, and two silent members that were offered it."""
        silent = set(answering.silent_members())
        for issue in (one for one in self.issues if one["batch_id"]):
            for reference in self.offered([issue]):
                both = sorted(silent & naive.eligible(reference))[:2]
                if len(both) == 2 and not answering.nobody_wants(reference):
                    return issue, reference, both
        raise AssertionError("No package was offered to two silent members.")

    # ------------------------------------------------------------------------------------------- closing and deciding

    def go_through(self) -> datetime:
        """The whole job; the instant at which it ends."""
        with clock.moved_to(MORNING):
            self.load()
            self.offer_batches()
            self.offer_singles()
        with clock.moved_to(ANSWERS_COME):
            self.answer_all()
        alone, together = ([one for one in self.issues if bool(one["batch_id"]) is which] for which in (False, True))
        # The urgent ones first: what was won with them decides ties of the others.
        for deadline in sorted({one["deadline"] for one in alone}):
            issues = [one for one in alone if one["deadline"] == deadline]
            with self.at_deadline_of(issues):
                self.decide(issues)
        self.answer_at_the_edge()
        with self.at_deadline_of(together) as end:
            self.decide(together)
            self.finish()
        return end

    @contextmanager
    def at_deadline_of(self, issues: list[dict[str, Any]]) -> Iterator[datetime]:
        """The instant of the last deadline of these issues: all are closed and ranked."""
        last = max(datetime.fromisoformat(issue["deadline"]) for issue in issues)
        with clock.moved_to(last):
            close_due()
            rank_due()
            write_due()
            yield last

    def decide(self, issues: list[dict[str, Any]]) -> None:
        """The broker reads every ranking and awards in ranked order; then a colleague approves what was proposed."""
        for issue in issues:
            self.declare(issue)
            for reference in self.offered([issue]):
                self.expected[reference] = self.naive_ranking(issue, reference)
        for issue in issues:
            for reference in self.offered([issue]):
                if self.expected[reference]:
                    self.award(reference)
        self.approve_proposed()

    def declare(self, issue: dict[str, Any]) -> None:
        """No broker has an interest."""
        row = db.session.get_one(Issue, UUID(issue["id"]))
        for name in ("broker", "broker2"):
            declare_conflict(row, False, "", by=self.actor(name))
        db.session.commit()

    def naive_ranking(self, issue: dict[str, Any], reference: str) -> list[naive.Scored]:
        """The places that the reference gives; its tickets are those that the providers were told."""
        closed = self.done("GET", f"/issues/{issue['id']}", self.officers["broker"])
        query = select(Provider.name, Offer.ticket).join(Offer).where(Offer.issue_id == UUID(issue["id"]))
        tickets = {row.name: row.ticket for row in db.session.execute(query)}
        cut_off = datetime.fromisoformat(issue["deadline"])
        terms = naive.Terms(self.own_reference[reference], closed["seed"], tickets, cut_off)
        return naive.ranking(reference, self.answers[reference], terms, self.won)

    def award(self, reference: str) -> None:
        """Tries the places one after the other until one takes effect or is proposed."""
        path, broker = f"/packages/{self.package_ids[reference]}", self.officers["broker"]
        found = self.rankings[reference] = self.done("GET", f"{path}/ranking", broker)
        self.expected_winners[reference] = naive.winner(reference, self.expected[reference], self.left)
        for place in found["firm"] + found["changed"]:
            answer = self.try_award(path, place)
            if answer.status_code in {201, 202}:
                self.note_award(reference, place["name"], answer.json)
                return
            self.refused.append((reference, Sent(answer.status_code, answer.json["detail"])))

    def try_award(self, path: str, place: dict[str, Any]) -> Any:
        """Asks for the award of one place."""
        body = {"offer_line_id": place["line_id"], "need_confirmed_with": "the referring team"}
        if place["place_list"] == "changed":
            body["agreed_with_person"] = "Agreed with the person by telephone."
            body["agreed_weekly_visits"] = place["said"]["other_visits"]
            body["skip_reason"] = "No firm yes is left."
        headers = {**self.officers["broker"], "Idempotency-Key": str(uuid4())}
        return self.ask("POST", f"{path}/award", headers, json=body)

    def note_award(self, reference: str, name: str, given: dict[str, Any]) -> None:
        """Keeps an award, and takes its hours in the naive account."""
        self.awards[reference] = given
        self.left[name] -= naive.weekly_minutes(reference)
        if given["state"] == "awarded":
            self.won.append((name, reference, clock.now()))
        else:
            self.waiting.append((name, reference))

    def approve_proposed(self) -> None:
        """A colleague approves what was proposed, within the two working days that it waits."""
        for name, reference in self.waiting:
            approve(db.session.get_one(Award, UUID(self.awards[reference]["id"])), by=self.actor("broker2"))
            self.won.append((name, reference, clock.now()))
        self.waiting = []
        db.session.commit()

    def finish(self) -> None:
        """Where nobody had room, the round ends with that reason."""
        without = [reference for reference in self.rankings if reference not in self.awards]
        for reference in without:
            query = select(Round).where(Round.package_id == UUID(self.package_ids[reference]))
            round_ = db.session.scalars(query).unique().one()
            none_suitable(round_, "Nobody who said yes has room left.", NextStep.OFFER_AGAIN, by=self.actor("broker"))
        seal_entries()
        db.session.commit()

    def actor(self, name: str) -> Actor:
        """An officer as the services know one."""
        return viewer_of(db.session.scalars(select(User).where(User.email == f"{name}@lancashire.example")).one()).actor


def held() -> Iterable[tuple[str, str, str]]:
    """Every line of every offer as the tables have it: provider, offer, the council's reference of the package."""
    query = (
        select(Provider.name, Offer.id, Package.council_reference)
        .join(Offer, Offer.provider_id == Provider.id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
    )
    return [(name, str(offer_id), str(reference)) for name, offer_id, reference in db.session.execute(query)]


def packages_by_offer() -> dict[str, set[str]]:
    """The packages of each offer."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for _, offer_id, reference in held():
        found[offer_id].add(reference)
    return dict(found)


def a_client(house: House) -> FlaskClient:
    """A client that checks what it gets."""
    house.test_client_class = CarefulClient
    return house.test_client()
