"""Makers of marketplace rows for tests: keyword defaults, at the level of models, flushed and not committed.

They make what a test is *not* about. A test about issuing uses the real service; one about ranking may use `an_issue`.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.parties import services as parties
from app.parties.models import User
from app.parties.roles import OrganisationKind, Role
from app.values.postcode import Postcode
from marketplace.membership.models import Capacity, EntryAssessment, Membership, MembershipArea
from marketplace.membership.rules import MembershipState
from marketplace.packages.models import Funder, FundingShare, Package, PackageSkill, PackageVisit
from marketplace.packages.rules import PackageStatus, Source, Urgency
from marketplace.packages.visits import parse_weekly_visits, weekly_minutes
from marketplace.people.models import Person
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import CqcRating, Provider, ProviderContact, ProviderSkill
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState
from marketplace.schemes.models import DeclineCode, Lot, LotPrice, Scheme, SchemePolicy, Zone, ZoneArea
from marketplace.schemes.regime_rules import Regime
from marketplace.vocabulary import (
    AreaKind,
    AwardMethod,
    CarerGender,
    LotUnit,
    PriceScoring,
    Rating,
    TolerancePolicy,
    UnratedPolicy,
    Window,
)
from tests.people import People, a_user

_numbers = itertools.count(1)
_LETTERS = "TVWXYZ"


def number() -> int:
    """A number that no other row of this process has."""
    return next(_numbers)


def reference(prefix: str) -> str:
    """A reference that no other row has, of five signs as the product makes them."""
    return f"{prefix}-{_LETTERS[number() // 10_000]}{number() % 10_000:04d}"


def a_scheme(people: People, **changes: Any) -> Scheme:
    """A scheme of the tests' council: homecare by the hour, £22.00 to £33.00, one zone (Preston), 60/40, band."""
    policy = {name: changes.pop(name) for name in list(changes) if name in SchemePolicy.__table__.columns}
    values = {
        "name": f"Testshire care at home {number()}",
        "regime": Regime.PCR2015_LTR,
        "default_icb_id": people.icb.id,
        "established_on": date(2024, 11, 1),
        **changes,
    }
    scheme = Scheme(authority_id=people.council.id, **values)
    db.session.add(scheme)
    db.session.flush()
    a_policy(scheme, **policy)
    a_lot(scheme, "homecare")
    a_zone(scheme, "Preston", "PR1 8", "PR1 9", "PR2 1", "PR2 2")
    _decline_codes(scheme)
    return scheme


def a_policy(scheme: Scheme, **changes: Any) -> SchemePolicy:
    """The default policy, in force since 2024."""
    values: dict[str, Any] = {
        "valid_from": date(2024, 11, 1),
        "quality_weight": 60,
        "price_weight": 40,
        "price_scoring": PriceScoring.BAND,
        "quality_minimum": 40,
        "award_method": AwardMethod.BROKER_AWARD,
        "min_cqc_rating": Rating.GOOD,
        "unrated_policy": UnratedPolicy.ADMIT_WITH_REVIEW,
        "tolerance_policy": TolerancePolicy.PERCENTAGE,
        "yardstick_pence": 2410,
        "award_limit_pence": 150_000,
        "urgent_hours": 4,
        "standard_hours": 24,
        "batch_working_days": 5,
        "opening": "08:00",
        "closing": "20:00",
        "created_by_label": "Test",
        **changes,
    }
    policy = SchemePolicy(authority_id=scheme.authority_id, scheme_id=scheme.id, **values)
    db.session.add(policy)
    db.session.flush()
    return policy


def a_lot(scheme: Scheme, name: str = "homecare", *, floor: int = 2200, ceiling: int = 3300) -> Lot:
    """A lot by the hour with its floor and ceiling in pence."""
    lot = Lot(authority_id=scheme.authority_id, scheme_id=scheme.id, name=name, unit=LotUnit.HOUR, position=number())
    db.session.add(lot)
    db.session.flush()
    price = {"floor_pence": floor, "ceiling_pence": ceiling, "valid_from": date(2024, 11, 1)}
    db.session.add(LotPrice(authority_id=scheme.authority_id, lot_id=lot.id, **price))
    db.session.flush()
    db.session.expire(scheme, ["lots"])
    return lot


def a_zone(scheme: Scheme, name: str, *sectors: str) -> Zone:
    """A zone of sectors."""
    zone = Zone(authority_id=scheme.authority_id, scheme_id=scheme.id, name=name)
    db.session.add(zone)
    db.session.flush()
    for sector in sectors:
        values = {"zone_id": zone.id, "area_kind": AreaKind.SECTOR, "area": sector}
        db.session.add(ZoneArea(authority_id=scheme.authority_id, **values))
    db.session.flush()
    db.session.expire(scheme, ["zones"])
    return zone


def _decline_codes(scheme: Scheme) -> None:
    if db.session.query(DeclineCode).filter_by(authority_id=scheme.authority_id).count():
        return
    for position, (code, label, needs) in enumerate(
        [
            ("at_capacity", "At capacity", False),
            ("travel", "Too much travel between visits", False),
            ("other", "Other", True),
        ]
    ):
        row = {"code": code, "label": label, "text_required": needs, "position": position}
        db.session.add(DeclineCode(authority_id=scheme.authority_id, **row))
    db.session.flush()


def a_provider(
    name: str | None = None, *, skills: Sequence[str] = (), rating: Rating = Rating.GOOD, **changes: Any
) -> Provider:
    """A provider's location with one contact and one coordinator who can sign in (see `coordinator_of`)."""
    n = number()
    name = name or f"Provider {n}"
    organisation = parties.register_organisation(OrganisationKind.PROVIDER, f"{name} Ltd", by=SYSTEM)
    values = {
        "reference": reference("PRV"),
        "cqc_location_id": f"1-{n:09d}",
        "base_postcode": "PR1 8XJ",
        "base_easting": 353_700,
        "base_northing": 429_300,
        "carers_female": 10,
        "carers_male": 2,
        "cqc_rating": rating,
        "cqc_published_on": date(2025, 6, 2),
        **changes,
    }
    provider = Provider(organisation_id=organisation.id, name=name, **values)
    db.session.add(provider)
    db.session.flush()
    db.session.add(CqcRating(provider_id=provider.id, published_on=date(2025, 6, 2), overall=rating, source="test"))
    db.session.add_all(ProviderSkill(provider_id=provider.id, skill=skill) for skill in skills)
    email = f"coordinator{n}@provider{n:03d}.example"
    db.session.add(ProviderContact(provider_id=provider.id, name=f"Coordinator {n}", email=email))
    a_user(organisation, email, Role.PROVIDER_COORDINATOR)
    db.session.flush()
    return provider


def coordinator_of(provider: Provider) -> User:
    """The provider's coordinator."""
    return db.session.query(User).filter_by(organisation_id=provider.organisation_id).one()


def a_member(
    scheme: Scheme,
    provider: Provider | None = None,
    *,
    lot: Lot | None = None,
    areas: Sequence[str] = ("PR1", "PR2"),
    entry_score: int | None = 70,
    capacity_hours: int = 200,
    standing_price_pence: int | None = None,
) -> Provider:
    """Makes a provider (a new one unless given) a member of a lot (the first unless given), covering some areas."""
    provider = provider or a_provider()
    lot = lot or scheme.lots[0]
    owned = {"authority_id": scheme.authority_id}
    membership = Membership(
        **owned,
        scheme_id=scheme.id,
        lot_id=lot.id,
        provider_id=provider.id,
        state=MembershipState.ACTIVE,
        since=date(2024, 11, 1),
        standing_price_pence=standing_price_pence,
    )
    db.session.add(membership)
    db.session.flush()
    for area in areas:
        kind = AreaKind.SECTOR if " " in area else AreaKind.OUTCODE
        row = {"membership_id": membership.id, "kind": CoverageKind.INCLUDE, "area_kind": kind, "area": area}
        db.session.add(MembershipArea(**owned, **row))
    both = {**owned, "scheme_id": scheme.id, "provider_id": provider.id}
    if not db.session.query(EntryAssessment).filter_by(scheme_id=scheme.id, provider_id=provider.id).count():
        db.session.add(EntryAssessment(**both, entry_score=entry_score, entry_assessed_on=date(2024, 10, 1)))
        db.session.add(Capacity(**both, declared_minutes=capacity_hours * 60))
    db.session.flush()
    return provider


def a_person(scheme: Scheme, **changes: Any) -> Person:
    """Somebody who needs care; every identifying value carries ZZ so that a leak can be searched for."""
    n = number()
    values = {
        "reference": reference("PER"),
        "name": f"ZZMabel ZZThornber{n}",
        "date_of_birth": date(1938, 3, 4),
        "address": f"ZZ{n} Canal Bank",
        "postcode": "PR1 8XJ",
        "telephone": f"07700 9{n:05d}",
        **changes,
    }
    person = Person(authority_id=scheme.authority_id, **values)
    db.session.add(person)
    db.session.flush()
    return person


def a_package(
    scheme: Scheme,
    *,
    lot: Lot | None = None,
    postcode: str = "PR1 8XJ",
    visits: str = "Mon-Sun 07:00-10:00 45x1",
    skills: Sequence[str] = (),
    status: PackageStatus = PackageStatus.READY,
    **changes: Any,
) -> Package:
    """A package of care in Preston: 5.25 hours a week, standard urgency, ready, council funded."""
    person = changes.pop("person", None) or a_person(scheme, postcode=postcode)
    parsed = Postcode.parse(postcode)
    week = parse_weekly_visits(visits, time_critical=False)
    zone = next((zone for zone in scheme.zones if any(area.area == str(parsed.sector) for area in zone.areas)), None)
    values = {
        "reference": reference("PKG"),
        "source": Source.COMMUNITY,
        "urgency": Urgency.STANDARD,
        "planned_start": clock.today() + timedelta(days=14),
        "pen_picture": "Lives alone in a ground-floor flat; walks with a frame.",
        "carer_gender": CarerGender.ANY,
        "easting": 353_700,
        "northing": 429_300,
        **changes,
    }
    package = Package(
        authority_id=scheme.authority_id,
        scheme_id=scheme.id,
        lot_id=(lot or scheme.lots[0]).id,
        person_id=person.id,
        status=status,
        postcode=parsed.text,
        outcode=str(parsed.outcode),
        sector=str(parsed.sector),
        zone_id=zone.id if zone else None,
        weekly_minutes=weekly_minutes(week),
        **values,
    )
    owned = {"authority_id": scheme.authority_id}
    package.visits = [
        PackageVisit(
            **owned,
            weekday=visit.weekday,
            window_start=visit.window_start,
            window_end=visit.window_end,
            minutes=visit.minutes,
            carers=visit.carers,
            time_critical=visit.time_critical,
        )
        for visit in week
    ]
    package.skills = [PackageSkill(**owned, skill=skill) for skill in skills]
    package.funding = [FundingShare(**owned, funder=Funder.COUNCIL, percent=100, starts_on=values["planned_start"])]
    db.session.add(package)
    db.session.flush()
    return package


def an_issue(
    scheme: Scheme,
    packages: Sequence[Package],
    providers: Sequence[Provider],
    *,
    issued_at: datetime | None = None,
    deadline: datetime | None = None,
    closed: bool = False,
    **changes: Any,
) -> Issue:
    """An issue with a round per package and an offer per provider holding every package; `closed` past its deadline."""
    issued_at = issued_at or clock.now() - timedelta(hours=30 if closed else 1)
    deadline = deadline or issued_at + timedelta(hours=24)
    seed = secrets.token_hex(16)
    values = {
        "window": Window.STANDARD,
        "quality_weight": 60,
        "price_weight": 40,
        "price_scoring": PriceScoring.BAND,
        "quality_minimum": 40,
        "yardstick_pence": 2410,
        "issued_by_label": "Test",
        **changes,
    }
    issue = Issue(
        authority_id=scheme.authority_id,
        reference=reference("ISS"),
        scheme_id=scheme.id,
        lot_id=packages[0].lot_id,
        state=OfferState.CLOSED if closed else OfferState.OPEN,
        issued_at=issued_at,
        deadline=deadline,
        first_deadline=deadline,
        ended_at=deadline if closed else None,
        seed=seed,
        seed_hash=sha256(seed.encode()).hexdigest(),
        **values,
    )
    db.session.add(issue)
    db.session.flush()
    _fill(issue, packages, providers, closed)
    return issue


def _fill(issue: Issue, packages: Sequence[Package], providers: Sequence[Provider], closed: bool) -> None:
    owned = {"authority_id": issue.authority_id}
    rounds = []
    for package in packages:
        package.status = PackageStatus.AWAITING_AWARD if closed else PackageStatus.ON_OFFER
        rounds.append(
            Round(
                **owned,
                package_id=package.id,
                issue_id=issue.id,
                number=1,
                state=RoundState.CLOSED if closed else RoundState.OPEN,
                closed_at=issue.deadline if closed else None,
                floor_pence=2200,
                ceiling_pence=3300,
                area_shown=package.outcode,
            )
        )
    offers = [
        Offer(
            **owned,
            reference=reference("OFF"),
            issue_id=issue.id,
            provider_id=provider.id,
            ticket=secrets.token_hex(16),
            issued_at=issue.issued_at,
        )
        for provider in providers
    ]
    db.session.add_all([*rounds, *offers])
    db.session.flush()
    db.session.add_all(OfferLine(**owned, offer_id=offer.id, round_id=one.id) for offer in offers for one in rounds)
    db.session.flush()
    db.session.expire_all()


def line_of(issue: Issue, package: Package, provider: Provider) -> OfferLine:
    """The line of one package in one provider's offer."""
    query = db.session.query(OfferLine).join(OfferLine.offer).join(Round, OfferLine.round_id == Round.id)
    return query.filter(
        Offer.issue_id == issue.id, Offer.provider_id == provider.id, Round.package_id == package.id
    ).one()


def a_response(
    line: OfferLine, *, price_pence: int | None = 2600, decline: str | None = None, **changes: Any
) -> Response:
    """A submitted yes at a price, starting on the wanted day; or with `decline` a no with that code."""
    values: dict[str, Any] = {
        "state": ResponseState.SUBMITTED,
        "kind": ResponseKind.DECLINE if decline else ResponseKind.ACCEPT,
        "price_pence": None if decline else price_pence,
        "earliest_start": None if decline else line.round.package.planned_start,
        "decline_code": decline,
        "submitted_at": line.offer.issue.deadline - timedelta(hours=2),
        "answered_by_label": "Provider coordinator",
        **changes,
    }
    response = Response(authority_id=line.authority_id, line_id=line.id, **values)
    db.session.add(response)
    db.session.flush()
    db.session.expire(line, ["response"])
    return response


def utc(*parts: int) -> datetime:
    """An aware instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
