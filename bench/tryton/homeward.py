"""Homeward's side of the peer's workload: the same requests to the same suppliers with the same replies.

A package lies in a sector of its own, and a provider covers the sectors of those packages that it is to be asked about, so
that the rule invites exactly the suppliers of the workload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app import clock
from app.audit import COMMAND, Actor
from app.database import db
from app.parties.models import User
from app.parties.viewer import viewer_of
from app.postcodes.centroids import Centroid, sectors_of
from bench.answering import answer_request
from bench.county import OUTCODES, SINCE, add_officer, package_row, write_batch, write_providers
from bench.figures import seconds
from bench.places import Place
from bench.serving import Asked as HttpRequest
from bench.signing_in import sign_in_all, users_of
from bench.tryton.workload import SUPPLIERS, Reply, Request
from brokerage.allocation.proposals import LineEdit, approve_proposal, propose_for_batch
from brokerage.ranking.services import declare_conflict, rank_issue
from demo.county import SCHEME
from marketplace.answers.lines import LineFacts
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import Manner, answer_all
from marketplace.batches.models import Batch
from marketplace.membership.models import Capacity, EntryAssessment, Membership, MembershipArea
from marketplace.membership.rules import MembershipState
from marketplace.packages.models import Funder, FundingShare, Package, PackageVisit
from marketplace.people.models import Person
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider
from marketplace.rounds.issuing import issue_batch
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.rules import ResponseKind
from marketplace.schemes.importing import import_scheme
from marketplace.schemes.models import Scheme
from marketplace.vocabulary import AreaKind, CarerGender, Rating

AT_LEAST_PENCE, WORKLOAD_FROM = 2200, 1800
"""The workload's prices begin lower than the scheme's floor, so all of them are moved up by the difference."""
AWARDED_BY = "the referring team"


@dataclass(frozen=True)
class Market:
    """What a round needs to find again."""

    requests: Sequence[Request]
    batch_id: UUID
    officer_id: UUID

    def price(self, line: LineFacts, supplier: int) -> tuple[bool, int | None]:
        """Whether this supplier answers about this package, and at which price it says yes."""
        reply = self._replies[int(line.package.removeprefix("PKG-")), supplier]
        return reply.is_sent, shifted(reply.price_pence)

    @cached_property
    def _replies(self) -> dict[tuple[int, int], Reply]:
        """By request and supplier: to look one up costs next to nothing of the step that is measured."""
        return {(request.number, reply.supplier): reply for request in self.requests for reply in request.replies}


def shifted(price_pence: int | None) -> int | None:
    """A price of the workload as one between our floor and our ceiling."""
    return None if price_pence is None else price_pence + AT_LEAST_PENCE - WORKLOAD_FROM


def settle(requests: Sequence[Request]) -> Market:
    """Scheme, suppliers, packages and one sealed batch of all. Commits. Needs an empty database."""
    chance = Random(4)
    scheme = import_scheme(SCHEME.read_bytes(), by=COMMAND, established_on=SINCE).scheme
    officer_id = add_officer(scheme)
    sectors = [_sector(request.number) for request in requests]
    _add_members(scheme, _add_providers(chance, sectors), requests, sectors)
    packages = [
        _package(chance, scheme, request.number, sector) for request, sector in zip(requests, sectors, strict=True)
    ]
    for model, rows in _rows_about(scheme, packages):
        db.session.execute(insert(model), rows)
    batch_id = write_batch(scheme, [row["id"] for row in packages])
    db.session.commit()
    return Market(requests, batch_id, officer_id)


def whole_round(place: Place, market: Market) -> dict[str, float]:
    """From the first offer to the agreements; the seconds of each step, each committed."""
    with place.house.app_context():
        steps = {
            "create and send": seconds(partial(create_and_send, market)),
            "answer": seconds(partial(_answer, market)),
        }
        deadline = db.session.scalars(select(Issue.deadline)).one()
        with clock.moved_to(deadline + timedelta(minutes=1)):
            steps["close"] = seconds(close_due)
            steps["rank and award"] = seconds(partial(_award, market))
    return steps


def create_and_send(market: Market) -> None:
    """Offers everything to everybody who is eligible, messages included."""
    issue_batch(db.session.get_one(Batch, market.batch_id), by=COMMAND)
    db.session.commit()


def replies_over_http(place: Place, market: Market) -> list[HttpRequest]:
    """Every reply of the workload as its provider's coordinator sends it from the page."""
    with place.house.app_context():
        providers = list(db.session.scalars(select(Provider.organisation_id)))
        signed_in = {one.organisation_id: one for one in sign_in_all(place.house, users_of(providers))}
        query = (
            select(OfferLine.id, Offer.id, Provider.organisation_id, Provider.reference, Package.reference)
            .join(Offer, Offer.id == OfferLine.offer_id)
            .join(Provider, Provider.id == Offer.provider_id)
            .join(Round, Round.id == OfferLine.round_id)
            .join(Package, Package.id == Round.package_id)
        )
        lines = {(int(row[3][4:]), int(row[4][4:])): row for row in db.session.execute(query)}
    replies = [(request.number, reply) for request in market.requests for reply in request.replies if reply.is_sent]
    found = [(lines[reply.supplier, number], shifted(reply.price_pence)) for number, reply in replies]
    return [answer_request(row[0], row[1], signed_in[row[2]], price) for row, price in found]


# ------------------------------------------------------------------------------------------------------------- steps


def _answer(market: Market) -> None:
    """Every provider answers what it was asked in one sitting."""
    query = select(Offer.id, Provider.reference).join(Provider, Provider.id == Offer.provider_id)
    for offer_id, reference in db.session.execute(query).all():
        supplier = int(reference.removeprefix("PRV-"))
        answer_all(offer_id, partial(_draft, market, supplier), Manner(COMMAND))
        db.session.commit()


def _draft(market: Market, supplier: int, line: LineFacts) -> ResponseDraft | None:
    is_sent, price = market.price(line, supplier)
    if not is_sent:
        return None
    if price is None:
        return ResponseDraft(ResponseKind.DECLINE, decline_code="at_capacity")
    return ResponseDraft(ResponseKind.ACCEPT, price_pence=price, earliest_start=line.planned_start)


def _award(market: Market) -> None:
    issue, broker = db.session.scalars(select(Issue)).unique().one(), _broker(market)
    declare_conflict(issue, False, "", by=broker)
    rank_issue(issue, by=broker)
    proposal = propose_for_batch(issue, by=broker)
    lines = [line for line in proposal.lines if line["line_id"]]
    edits = {
        str(line["reference"]): LineEdit(UUID(str(line["line_id"])), need_confirmed_with=AWARDED_BY) for line in lines
    }
    approve_proposal(proposal, edits, by=broker)
    db.session.commit()


def _broker(market: Market) -> Actor:
    return viewer_of(db.session.get_one(User, market.officer_id)).actor


# ------------------------------------------------------------------------------------------------------ what there is


def _sector(number: int) -> Centroid:
    """A sector of its own for each package, under an invented name at a real place: the county has fewer than packages."""
    real = sectors_of(OUTCODES)
    return replace(real[number % len(real)], area=f"P{100 + number} 1")


def _add_providers(chance: Random, sectors: Sequence[Centroid]) -> list[UUID]:
    rows = [_provider(chance, number, chance.choice(sectors)) for number in range(SUPPLIERS)]
    write_providers(chance, rows)
    return [row["id"] for row in rows]


def _provider(chance: Random, number: int, base: Centroid) -> dict[str, Any]:
    return {
        "id": _id(chance),
        "organisation_id": _id(chance),
        "reference": f"PRV-{number:05d}",
        "name": f"Provider {number}",
        "cqc_location_id": f"1-{number:09d}",
        "base_postcode": f"{base.area}AA",
        "base_easting": base.easting,
        "base_northing": base.northing,
        "carers_female": 10,
        "carers_male": 10,
        "cqc_rating": Rating.GOOD,
        "cqc_published_on": date(2025, 6, 2),
    }


def _add_members(
    scheme: Scheme, providers: Sequence[UUID], requests: Sequence[Request], sectors: Sequence[Centroid]
) -> None:
    chance, owned = Random(5), {"authority_id": scheme.authority_id}
    of_scheme = {**owned, "scheme_id": scheme.id}
    members = {key: _id(chance) for key in providers}
    active = {**of_scheme, "lot_id": scheme.lots[0].id, "state": MembershipState.ACTIVE, "since": SINCE}
    area = {**owned, "kind": CoverageKind.INCLUDE, "area_kind": AreaKind.SECTOR}
    areas = [
        {**area, "membership_id": members[providers[reply.supplier]], "area": sector.area}
        for request, sector in zip(requests, sectors, strict=True)
        for reply in request.replies
    ]
    scored = {**of_scheme, "entry_assessed_on": date(2024, 10, 1)}
    for model, rows in (
        (Membership, [{**active, "id": member, "provider_id": key} for key, member in members.items()]),
        (MembershipArea, areas),
        (EntryAssessment, [{**scored, "provider_id": key, "entry_score": chance.randint(45, 98)} for key in providers]),
        (Capacity, [{**of_scheme, "provider_id": key, "declared_minutes": 60 * 2000} for key in providers]),
    ):
        db.session.execute(insert(model), rows)


def _package(chance: Random, scheme: Scheme, number: int, sector: Centroid) -> dict[str, Any]:
    row = package_row(chance, number, sector) | {"carer_gender": CarerGender.ANY, "carer_gender_reason": None}
    start = datetime.now(UTC).date() + timedelta(days=21)
    owned = {"authority_id": scheme.authority_id, "scheme_id": scheme.id, "lot_id": scheme.lots[0].id}
    return {**row, **owned, "person_id": _id(chance), "zone_id": None, "planned_start": start}


def _rows_about(scheme: Scheme, packages: Sequence[dict[str, Any]]) -> list[tuple[Any, list[dict[str, Any]]]]:
    owned = {"authority_id": scheme.authority_id}
    known = {**owned, "date_of_birth": date(1940, 1, 1), "address": "1 Mill Lane"}
    people = [
        {
            **known,
            "id": row["person_id"],
            "reference": f"PER-{n:05d}",
            "name": f"Person {n}",
            "postcode": row["postcode"],
        }
        for n, row in enumerate(packages)
    ]
    visit = {**owned, "window_start": 420, "window_end": 600, "minutes": 45, "carers": 1}
    visits = [{**visit, "package_id": row["id"], "weekday": day} for row in packages for day in range(7)]
    share = {**owned, "funder": Funder.COUNCIL, "percent": 100, "starts_on": SINCE}
    shares = [{**share, "package_id": row["id"]} for row in packages]
    return [(Person, people), (Package, list(packages)), (PackageVisit, visits), (FundingShare, shares)]


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
