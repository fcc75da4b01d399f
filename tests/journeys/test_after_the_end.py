"""Care has ended: what its provider reads of the person from thirty days later on."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.audit import SYSTEM
from app.database import db
from contracts.agreements.services import end, start
from marketplace.people.models import Person
from tests.contracts.agreements.makers import an_agreement
from tests.journeys.walking import address_of, addresses, ids_by_table, spoken
from tests.marketplace.makers import coordinator_of

LATER = {
    "name": "ZZLATER Name",
    "known_as": "ZZLATER May",
    "address": "ZZLATER House",
    "postcode": "LA9 9ZZ",
    "telephone": "07700 900999",
    "language": "ZZLATER tongue",
}


def test_no_later_change_of_the_person_reaches_the_provider_at_any_address(house, client, people):
    agreement = an_agreement(people, starts_on=clock.today())
    user, now = coordinator_of(agreement.provider), clock.now()
    start(agreement, by=SYSTEM)
    end(agreement, clock.today(), "Moved away", by=SYSTEM)
    person = db.session.get_one(Person, agreement.package.person_id)
    was = person.name
    for name, value in LATER.items():
        setattr(person, name, value)
    db.session.commit()
    ids, answers = ids_by_table(), {}
    with clock.moved_to(now + timedelta(days=31)):
        client.sign_in(user)
        headers = client.bearer(user)
        for rule, values in addresses(house, "GET", ids):
            path = address_of(house, rule, values)
            answers[path] = spoken(client.get(path, headers=headers if path.startswith("/api/") else None))
    assert not [path for path, said in answers.items() if any(value in said for value in LATER.values())]
    assert {path for path, said in answers.items() if was in said} == {
        f"/agreements/{agreement.id}",
        f"/api/v1/agreements/{agreement.id}",
    }
