"""Pages of applications, through the careful client."""

from __future__ import annotations

from sqlalchemy import select

from app.database import db
from marketplace.applications.models import Application
from marketplace.applications.rules import DECLARATIONS, ApplicationState, CheckKind
from marketplace.membership.models import Membership
from marketplace.membership.rules import MembershipState
from tests.marketplace.applications.makers import an_application
from tests.marketplace.makers import a_provider, a_scheme, coordinator_of


def membership_of(provider):
    return db.session.scalars(select(Membership).where(Membership.provider_id == provider.id)).one()


def test_a_provider_applies_and_a_contract_manager_admits_it(client, people):
    scheme, provider = a_scheme(people), a_provider()
    client.sign_in(coordinator_of(provider))
    assert client.get("/apply").status_code == 200
    answer = client.submit(
        f"/apply/{scheme.id}/{provider.id}",
        {
            "lots": [str(scheme.lots[0].id)],
            "areas": "PR1\nPR2 1",
            "capacity_hours": "120",
            "declarations": list(DECLARATIONS),
        },
    )
    assert answer.status_code == 302, answer.text
    application = db.session.scalars(select(Application)).one()
    assert client.get(f"/our-applications/{application.id}").status_code == 200
    client.sign_out()
    client.sign_in(people["contracts"])
    assert application.reference in client.get("/applications").text
    assert f"application {application.reference}" in client.get("/").text
    for kind in CheckKind:
        page = f"/applications/{application.id}/checks?kind={kind.value}"
        assert client.submit(page, {"outcome": "passed", "note": "Seen."}).status_code == 302
    page = f"/applications/{application.id}/decision"
    missing = client.submit(page, {"decision": "admit", "reasons": "Meets every condition."})
    assert missing.status_code == 422
    assert "Meets every condition." in missing.text
    done = client.submit(page, {"decision": "admit", "reasons": "Meets every condition.", "entry_score": "71"})
    assert done.status_code == 302, done.text
    assert client.get(f"/applications/{application.id}").status_code == 200
    assert membership_of(provider).state is MembershipState.ACTIVE


def test_everything_wrong_with_an_application_is_said_at_its_field(client, people):
    scheme, provider = a_scheme(people), a_provider()
    client.sign_in(coordinator_of(provider))
    answer = client.submit(f"/apply/{scheme.id}/{provider.id}", {"areas": "PR", "capacity_hours": "12"})
    assert answer.status_code == 422
    for sentence in ("Choose at least one lot", "is a whole postcode area", "Read every declaration"):
        assert sentence in answer.text


def test_an_application_can_wait_take_longer_and_be_taken_back(client, people):
    scheme, provider = a_scheme(people), a_provider()
    application = an_application(scheme, provider)
    client.sign_in(people["contracts"])
    base = f"/applications/{application.id}"
    assert client.submit(f"{base}/more", {"what": "Your insurance certificate."}).status_code == 302
    assert client.submit(f"{base}/longer", {"because": "The accounts must be read."}).status_code == 302
    assert client.submit(base, {}, to=f"{base}/take-up").status_code == 302
    assert client.submit(f"{base}/more", {"what": ""}).status_code == 422
    client.sign_out()
    client.sign_in(coordinator_of(provider))
    own = f"/our-applications/{application.id}"
    assert client.submit(own, {}, to=f"{own}/withdraw").status_code == 302
    db.session.refresh(application)
    assert application.state is ApplicationState.WITHDRAWN
