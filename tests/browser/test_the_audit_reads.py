"""The audit of pages reads the HTML of every kind of page once, and tells one kind from another by how it is nested."""

from __future__ import annotations

import pytest

from pagecheck import markup
from pagecheck.markup import Outline, problems_of

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page – Homeward</title></head><body><main><h1>A page</h1>
{body}</main></body></html>"""
SOUND = "<div><p>One</p></div><p>Two</p>"


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch):
    monkeypatch.setattr(markup, "_PARSED", set())


def found(body, endpoint="here"):
    page = PAGE.format(body=body)
    return [check for check, _ in problems_of(page, Outline(page), endpoint)]


@pytest.mark.parametrize(
    "body", ["<p><div>One</div></p><p>Two</p>", "<div><p>One</p><p>Two</p>", "<div><p>One</p></div></div><p>Two</p>"]
)
def test_a_page_with_the_same_tags_in_another_order_is_read_too(body):
    assert found(SOUND) == []
    assert "valid HTML" in found(body)


def test_more_of_the_same_is_read_once_for_each_endpoint():
    assert Outline(PAGE.format(body=SOUND)).whole_shape == Outline(PAGE.format(body=SOUND * 3)).whole_shape
    fault = "<p>&nothing</p><p>Two</p>"
    assert [found(fault), found(fault), found(fault, "elsewhere")] == [["valid HTML"], [], ["valid HTML"]]
