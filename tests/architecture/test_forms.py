"""Forms in templates: what is posted carries the token against forgery and the key that makes it safe to repeat."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_measures import listed, templates

FORM = re.compile(r"<form\b(?P<attributes>[^>]*)>(?P<inside>.*?)</form>", re.DOTALL | re.IGNORECASE)
CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def is_post(attributes: str) -> bool:
    return re.search(r"""method\s*=\s*["']?post""", attributes, re.IGNORECASE) is not None


def is_protected(inside: str) -> bool:
    """Whether the form holds both hidden fields, through the macro or by hand."""
    if "form_keys(" in inside:
        return True
    return 'name="csrf_token"' in inside and 'name="idempotency_key"' in inside


def forms():
    for path, text in templates():
        for found in FORM.finditer(COMMENT.sub("", text)):
            yield path, found["attributes"], found["inside"]


# Gives back what was sent, token and key among it; without a token it was refused and is refused again.
GIVEN_BACK = "app/templates/pages/refusal.html"


def test_every_form_that_posts_carries_its_token_and_its_key():
    ours = (one for one in forms() if one[0] != GIVEN_BACK)
    faults = [path for path, attributes, inside in ours if is_post(attributes) and not is_protected(inside)]
    assert not faults, listed("Use the macros of components/forms.html in:", faults)


def test_no_form_that_only_asks_puts_a_token_into_the_address():
    faults = [path for path, attributes, inside in forms() if not is_post(attributes) and "csrf_token()" in inside]
    assert not faults


def test_every_form_says_how_it_is_sent():
    faults = [path for path, attributes, _ in forms() if "method" not in attributes]
    assert not faults, listed("Say method=get or method=post in:", faults)


def test_no_template_carries_a_script_or_a_style_of_its_own():
    """The security policy would not run it."""
    inline = re.compile(r"\son[a-z]+\s*=|\sstyle\s*=|<script(?![^>]*\bsrc=)[^>]*>\s*\S", re.IGNORECASE)
    faults = [path for path, text in templates() if path.endswith(".html") and inline.search(CODE.sub("", text))]
    assert not faults, listed("Move it to the style sheet or the script in:", faults)


@pytest.mark.parametrize(
    ("form", "holds"),
    [
        ('<form method="post">{{ form_keys() }}</form>', True),
        ('<form method="post"><button>Go</button></form>', False),
        ("<form method='POST' action='/x'><input name=\"csrf_token\"></form>", False),
        ('<form method="get"></form>', True),
    ],
)
def test_a_form_without_protection_is_seen(form, holds):
    (found,) = FORM.finditer(form)
    assert (not is_post(found["attributes"]) or is_protected(found["inside"])) is holds
