"""The accessibility statement is there for everybody."""

from __future__ import annotations


def test_the_accessibility_statement_needs_no_sign_in_and_every_page_leads_to_it(client, people):
    page = client.get("/accessibility")
    assert page.status_code == 200
    assert "WCAG) version 2.2" in page.text
    assert 'href="/accessibility"' in client.get("/sign-in").text
    client.sign_in(people["navigator"])
    assert 'href="/accessibility"' in client.get("/").text
