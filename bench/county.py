"""A county of 5,000 packages and 160 providers, the same from the same seed, written set by set.

Sectors and places are those of the shipped lists; about 300,000 of the 800,000 pairs are offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app.audit import COMMAND
from app.auth.passwords import hash_password
from app.database import db
from app.parties.models import Organisation, User, UserRole
from app.parties.roles import OrganisationKind, Role
from app.postcodes.centroids import Centroid, sectors_of
from demo.county import SCHEME
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.rules import BatchState
from marketplace.membership.models import Capacity, EntryAssessment, Membership, MembershipArea
from marketplace.membership.rules import MembershipState
from marketplace.packages.models import Package, PackageSkill, PackageVisit
from marketplace.packages.rules import PackageStatus, Source, Urgency
from marketplace.people.models import Person
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import CqcRating, Provider, ProviderContact, ProviderSkill
from marketplace.schemes.importing import import_scheme
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import zone_finder
from marketplace.vocabulary import AreaKind, CarerGender, Rating, Window

PASSWORD = "care at home benchmark"
OUTCODES = [f"PR{n}" for n in (1, 2, 3, 4, 5, 6, 7, 25, 26)] + [f"BB{n}" for n in range(1, 13)]
OUTCODES += [f"FY{n}" for n in range(1, 9)] + [f"LA{n}" for n in range(1, 7)]
SKILLS = ("dementia", "hoist", "PEG feeding", "catheter care", "end of life", "autism")
SINCE = date(2024, 11, 1)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    packages: int = 5_000
    providers: int = 160


@dataclass(frozen=True, slots=True)
class County:
    """What the benchmarks need to find again."""

    authority_id: UUID
    scheme_id: UUID
    lot_id: UUID
    batch_id: UUID
    officer_id: UUID


def settle(size: Size, seed: int = 1) -> County:
    """Writes everything and commits. Needs an empty database."""
    chance = Random(seed)
    scheme = import_scheme(SCHEME.read_bytes(), by=COMMAND, established_on=SINCE).scheme
    officers = add_officer(scheme)
    providers = _providers(chance, size.providers)
    _members(chance, scheme, providers)
    packages = _packages(chance, scheme, size.packages)
    batch_id = write_batch(scheme, packages)
    db.session.commit()
    return County(scheme.authority_id, scheme.id, scheme.lots[0].id, batch_id, officers)


def _id(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def add_officer(scheme: Scheme) -> UUID:
    """One navigator of the council, who may see every list of it."""
    user = User(organisation_id=scheme.authority_id, email="navigator@county.example", name="Navigator")
    user.password_hash = hash_password(PASSWORD)
    user.roles = [UserRole(role=role) for role in (Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER)]
    db.session.add(user)
    db.session.flush()
    return user.id


def _providers(chance: Random, count: int) -> list[dict[str, Any]]:
    """Locations with contacts and a coordinator each; every eighth shares its organisation with the one before."""
    rows: list[dict[str, Any]] = []
    for n in range(count):
        base = chance.choice(_sectors())
        organisation = rows[-1]["organisation_id"] if n % 8 == 7 else _id(chance)
        rating = Rating.REQUIRES_IMPROVEMENT if n % 20 == 0 else chance.choice([Rating.GOOD, Rating.OUTSTANDING])
        rows.append(
            {
                "id": _id(chance),
                "organisation_id": organisation,
                "reference": f"PRV-{n:05d}",
                "name": f"Provider {n}",
                "cqc_location_id": f"1-{n:09d}",
                "base_postcode": f"{base.area}AA",
                "base_easting": base.easting,
                "base_northing": base.northing,
                "carers_female": 10,
                "carers_male": n % 4,
                "cqc_rating": rating,
                "cqc_published_on": date(2025, 6, 2),
            }
        )
    write_providers(chance, rows)
    return rows


def write_providers(chance: Random, rows: Sequence[dict[str, Any]]) -> None:
    """Locations, each organisation with a coordinator, each location with a contact, a rating and skills."""
    organisations = {row["organisation_id"]: f"{row['name']} Ltd" for row in rows}
    kinds = [{"id": key, "kind": OrganisationKind.PROVIDER, "name": name} for key, name in organisations.items()]
    db.session.execute(insert(Organisation), kinds)
    db.session.execute(insert(Provider), list(rows))
    users = [
        {"id": _id(chance), "organisation_id": key, "email": f"c{n}@provider{n}.example", "name": f"Coordinator {n}"}
        for n, key in enumerate(organisations)
    ]
    db.session.execute(insert(User), users)
    db.session.execute(insert(UserRole), [{"user_id": u["id"], "role": Role.PROVIDER_COORDINATOR} for u in users])
    contacts = [
        {"provider_id": row["id"], "name": "Office", "email": f"office@location{n}.example"}
        for n, row in enumerate(rows)
    ]
    db.session.execute(insert(ProviderContact), contacts)
    rated = [{"provider_id": row["id"], "published_on": date(2025, 6, 2), "overall": row["cqc_rating"]} for row in rows]
    db.session.execute(insert(CqcRating), [{**row, "source": "benchmark"} for row in rated])
    skills = [{"provider_id": row["id"], "skill": one} for row in rows for one in SKILLS if chance.random() < 0.8]
    db.session.execute(insert(ProviderSkill), skills)


def _members(chance: Random, scheme: Scheme, providers: Sequence[dict[str, Any]]) -> None:
    """Members of the first lot. Each covers about half the districts, with a sector left out here and there."""
    owned = {"authority_id": scheme.authority_id}
    members, areas, standings, capacities = [], [], [], []
    for row in providers:
        member = {"id": _id(chance), **owned, "scheme_id": scheme.id, "lot_id": scheme.lots[0].id}
        members.append({**member, "provider_id": row["id"], "state": MembershipState.ACTIVE, "since": SINCE})
        areas += [{**owned, "membership_id": member["id"], **area} for area in _coverage(chance)]
        both = {**owned, "scheme_id": scheme.id, "provider_id": row["id"]}
        standings.append({**both, "entry_score": chance.randint(45, 98), "entry_assessed_on": date(2024, 10, 1)})
        capacities.append({**both, "declared_minutes": 60 * chance.randint(50, 500)})
    for model, rows in (
        (Membership, members),
        (MembershipArea, areas),
        (EntryAssessment, standings),
        (Capacity, capacities),
    ):
        db.session.execute(insert(model), rows)


def _coverage(chance: Random) -> list[dict[str, Any]]:
    chosen = [one for one in OUTCODES if chance.random() < 0.48]
    rows = [{"kind": CoverageKind.INCLUDE, "area_kind": AreaKind.OUTCODE, "area": one} for one in chosen]
    left_out = {chance.choice(_sectors()).area for _ in range(3)}
    return rows + [{"kind": CoverageKind.EXCLUDE, "area_kind": AreaKind.SECTOR, "area": one} for one in left_out]


def _packages(chance: Random, scheme: Scheme, count: int) -> list[UUID]:
    zone_of, start = zone_finder(scheme.id), datetime.now(UTC).date() + timedelta(days=21)
    people, packages, visits, skills = [], [], [], []
    owned = {"authority_id": scheme.authority_id}
    for n in range(count):
        sector, person = chance.choice(_sectors()), _id(chance)
        postcode = f"{sector.area}AA"
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(20_000))
        known = {"name": f"Person {n}", "date_of_birth": born, "address": f"{n} Mill Lane", "postcode": postcode}
        people.append({"id": person, **owned, "reference": f"PER-{n:05d}", **known})
        zone = zone_of(sector.outcode, sector.area)
        package = package_row(chance, n, sector) | {"zone_id": zone.id if zone else None, "person_id": person}
        package |= {**owned, "scheme_id": scheme.id, "lot_id": scheme.lots[0].id, "planned_start": start}
        packages.append(package)
        week = {"window_start": 420, "window_end": 600, "minutes": 45, "carers": 1}
        visits += [{**owned, "package_id": package["id"], "weekday": day, **week} for day in range(7)]
        if chance.random() < 0.3:
            skills.append({**owned, "package_id": package["id"], "skill": chance.choice(SKILLS)})
    for model, rows in ((Person, people), (Package, packages), (PackageVisit, visits), (PackageSkill, skills)):
        db.session.execute(insert(model), rows)
    return [row["id"] for row in packages]


def package_row(chance: Random, n: int, sector: Centroid) -> dict[str, Any]:
    """What is the package's own; its scheme, lot, person, zone and start come with it."""
    gender = chance.choice([*[CarerGender.ANY] * 12, CarerGender.FEMALE, CarerGender.FEMALE, CarerGender.MALE])
    return {
        "id": _id(chance),
        "reference": f"PKG-{n:05d}",
        "council_reference": f"LCC-{n:05d}",
        "status": PackageStatus.IN_BATCH,
        "source": Source.REALLOCATION,
        "urgency": Urgency.STANDARD,
        "postcode": f"{sector.area}AA",
        "outcode": sector.outcode,
        "sector": sector.area,
        "easting": sector.easting,
        "northing": sector.northing,
        "pen_picture": "Lives alone in a ground-floor flat; walks with a frame and enjoys the radio.",
        "carer_gender": gender,
        "carer_gender_reason": None if gender is CarerGender.ANY else "own wish",
        "weekly_minutes": 315,
    }


def write_batch(scheme: Scheme, packages: Sequence[UUID]) -> UUID:
    """One sealed batch of these packages."""
    owned, now = {"authority_id": scheme.authority_id}, datetime.now(UTC)
    batch = Batch(
        **owned,
        reference="BAT-00001",
        scheme_id=scheme.id,
        lot_id=scheme.lots[0].id,
        window=Window.BATCH,
        state=BatchState.SEALED,
        title="The whole county",
        created_by_label="Benchmark",
        sealed_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    places = [{**owned, "batch_id": batch.id, "package_id": one, "position": n} for n, one in enumerate(packages)]
    db.session.execute(insert(BatchPackage), places)
    return batch.id


def _sectors() -> tuple[Centroid, ...]:
    return sectors_of(OUTCODES)
