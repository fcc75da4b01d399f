"""The audit of pages finds what it is for: each measure is shown a page with one fault, and the same page without."""

from __future__ import annotations

import pytest

from pagecheck.browsing import measured

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page – Homeward</title><style>
body {{ margin: 0; font: 16px/1.5 arial }} a:focus, button:focus, input:focus {{ outline: 3px solid #000 }} {style}
</style></head><body><main><h1>A page</h1>{body}</main></body></html>"""
TWO = '<p><a href="/one">One</a></p><p><a href="/two">Two</a></p>'

FAULTS = {
    "sideways": (
        "no sideways scroll",
        "",
        '<div style="width: 900px">wide</div>',
        '<div style="width: 200px">narrow</div>',
    ),
    "smallTargets": (
        "target size",
        "button { font-size: 6px; padding: 0; border: 0; margin: 0; }",
        "<button>a</button><button>b</button>",
        '<button>a</button><span style="display: inline-block; width: 60px"></span><button>b</button>',
    ),
    "moving": (
        "motion",
        "@keyframes spin { to { rotate: 1turn } } .turns { animation: spin 1s infinite } .once { animation: spin 1s }",
        '<p class="turns">On and on</p>',
        '<p class="once">Once</p>',
    ),
    "spaced": (
        "text spacing",
        ".tight { overflow: hidden; width: 110px; white-space: nowrap }",
        '<p class="tight">Just fits in here</p>',
        "<p>Just fits in here</p>",
    ),
}
WALKS = {
    "focus visible": ("a:focus { outline: none }", TWO, "", TWO),
    "focus order": ("", TWO.replace('href="/two"', 'href="/two" tabindex="1"'), "", TWO),
    "focus not obscured": (
        ".over { position: fixed; inset: 0; background: #fff }",
        TWO + '<div class="over"></div>',
        ".over { position: fixed; inset: 50% 0 0 0; background: #fff }",
        TWO + '<div class="over"></div>',
    ),
}


@pytest.fixture
def sheet(chromium):
    """An empty page as wide as a small phone."""
    page = chromium.new_page(viewport={"width": 320, "height": 600})
    yield page
    page.close()


@pytest.mark.parametrize("measure", FAULTS)
def test_a_fault_of_a_page_that_stands_still_is_found(sheet, measure):
    check, style, wrong, right = FAULTS[measure]
    sheet.set_content(PAGE.format(style=style, body=wrong))
    assert check in {found[0] for found in measured(sheet, measure)}
    sheet.set_content(PAGE.format(style=style, body=right))
    assert measured(sheet, measure) == []


@pytest.mark.parametrize("check", WALKS)
def test_a_fault_met_on_the_way_with_the_tab_key_is_found(sheet, check):
    style, body, right_style, right_body = WALKS[check]
    assert check in {found[0] for found in walked(sheet, PAGE.format(style=style, body=body))}
    assert walked(sheet, PAGE.format(style=right_style, body=right_body)) == []


def test_a_place_that_the_focus_does_not_leave_is_found(sheet):
    trap = """<p><a href="/one" id="one">One</a></p><p><a href="/two">Two</a></p><script>
    document.getElementById('one').addEventListener('blur', event => setTimeout(() => event.target.focus()))</script>"""
    found = walked(sheet, PAGE.format(style="", body=trap + TWO))
    assert "focus order" in {check for check, _ in found}


def walked(page, content):
    """What a walk through the page finds."""
    page.set_content(content)
    stops = measured(page, "beginWalk", "body")
    for _ in range(stops):
        page.keyboard.press("Tab")
        page.evaluate("new Promise(done => setTimeout(done))")  # after whatever the page has put off itself
    return measured(page, "endWalk", stops)


ERROR = """<div class="govuk-error-summary" tabindex="-1"><a href="#field">Enter a name</a></div>
<form method="post"><label for="field">Name</label><input id="field" aria-describedby="field-error"><p id="field-error">Enter a name</p></form>"""


def test_an_error_that_is_not_led_to_is_found(sheet):
    sheet.set_content(PAGE.format(style="", body=ERROR))
    said = " ".join(sentence for _, sentence in measured(sheet, "afterError"))
    assert "the focus is not at the summary" in said
    assert "does not begin with" in said
    sheet.set_content(
        PAGE.format(style="", body=ERROR.replace(' aria-describedby="field-error"', "")).replace(
            "<title>", "<title>Error: "
        )
    )
    sheet.locator(".govuk-error-summary").focus()
    assert [sentence for _, sentence in measured(sheet, "afterError")] == [
        "the field of “Enter a name” does not point to its error"
    ]
