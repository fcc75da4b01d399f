"""The careful client reads the HTML of a page again unless only what cannot make it wrong has changed."""

import pytest

from tests.careful import check_page, read_html, shape_of

GOOD = (
    '<!DOCTYPE html><html lang="en"><head><title>Packages</title></head><body class="a"><h1 id="top">Packages</h1>'
    "{}<p>Nothing else</p></body></html>"
)
TABLE = '<table class="{}"><tbody><tr><td>PKG-7K3M9</td></tr></tbody>{}</table>'


@pytest.mark.parametrize(
    ("good", "wrong"),
    [
        (TABLE.format("wide", " "), TABLE.format("wide", "<p>loose text</p>")),
        (TABLE.format("wide", '<input type="hidden">'), TABLE.format("wide", '<input type="text">')),
        ('<p class="a">One</p>', '<p class="a" class="a">One</p>'),
        ("<p>One</p>", "<p>One</i></p>"),
        ("<p>One &amp; two</p>", "<p>One &wrong; two</p>"),
        ("<p>One</p>", "<p>One < two</p>"),
        ('<p title="one">One</p>', "<p title=one'>One</p>"),
        ('<p title="one">One</p>', '<p title="one"two>One</p>'),
        ("<!-- a > b < -->", "<!-- a > b -- c < -->"),
        ("<p>One</p>", "<p>One\x01</p>"),
    ],
)
def test_what_makes_html_wrong_changes_the_shape_of_a_page(good, wrong):
    with pytest.raises(AssertionError, match="invalid HTML"):
        read_html(GOOD.format(wrong), "/")
    assert shape_of(GOOD.format(wrong)) != shape_of(GOOD.format(good))


def test_names_references_numbers_and_addresses_do_not_change_the_shape_of_a_page():
    one = '<p class="a">Anna Bell, PKG-7K3M9: £18.50</p><a href="/packages/7">Open</a>'
    other = '<p class="b c">Carl Dent, PKG-9A2BC: £7 (late)</p><a href="/packages/8?page=2">Show it</a>'
    assert shape_of(GOOD.format(one)) == shape_of(GOOD.format(other))


def test_a_page_with_wrong_html_fails_each_time():
    for _ in range(2):
        with pytest.raises(AssertionError, match="invalid HTML"):
            check_page(GOOD.format("<p>One</i></p>"), "/")
