"""Every component draws valid HTML, speaks for itself without colour, and repeats no id."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import html5lib
import pytest
from flask import render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup

from app.ui.drawing import bar_chart, batch_map, stacked_bar, time_left, visit_grid
from app.ui.drawing.bars import ChartRow
from app.ui.drawing.county import BatchOnMap, SectorShape
from app.ui.drawing.week import DrawnVisit

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PLAN = [
    DrawnVisit(0, 480, 600, 45, 2, True, "Wash", "PKG-1"),
    DrawnVisit(0, 540, 660, 30),
    DrawnVisit(3, 1320, 420, 540),
]
SECTORS = [SectorShape("BB1 1", "BB1", 368_000, 428_000), SectorShape("BB2 1", "BB2", 372_000, 430_000)]
BATCHES = [BatchOnMap("B1", "Batch B1, 1 package", "#batch-1", ((368_000, 428_000),))]
WORK = [
    SimpleNamespace(
        sentence="Rank PKG-1", why="The deadline has passed", due=NOON - timedelta(hours=1), url="/r", action="Rank"
    ),
    SimpleNamespace(sentence="Offer B-1", why="It waits", due=None, url="/o", action="Offer"),
]
FACTS = [SimpleNamespace(at=NOON, sentence="Marked ready", who="A broker", reason="Agreed", facts={"price_band": "B"})]

COMPONENTS = {
    "visit_grid.html": ("visit_grid(grid, 'Weekly visits')", {"grid": visit_grid(PLAN, [DrawnVisit(1, 480, 600, 45)])}),
    "batch_map.html": ("batch_map(map, 'Batches') ~ batch_sample(0)", {"map": batch_map(SECTORS, BATCHES)}),
    "charts.html": (
        "ranking_bars(bars, 'Ranking', 'One leads.') ~ bar_chart(chart, 'Answered') ~ time_left(left, 'noon')",
        {
            "bars": [stacked_bar("Pendle Carers", 1, 50, 30, "drawn by lot")],
            "chart": bar_chart([ChartRow("A", 1, "1 day", 4)], 2, "At least 2 days"),
            "left": time_left(NOON, NOON - timedelta(days=1), NOON + timedelta(hours=1)),
        },
    ),
    "lists.html": (
        (
            "status_tag('Ready', 'green', 'It can be offered.') ~ work_list(work) ~ summary_rows([('Lot', 'Home care'), "
            "('Hours', '10', '/h', 'Change')]) ~ page_links(page, 'packages') ~ timeline(entries) ~ empty_state('Nothing', 'Load', "
            "'/l', 'Load') ~ confirmation('Awarded', 'Told.', 'AGR-1') ~ task_progress(task, '/j', '/t')"
        ),
        {
            "work": WORK,
            "entries": FACTS,
            "page": SimpleNamespace(number=4, pages=9, total=420),
            "task": SimpleNamespace(progress_done=1, progress_total=2, is_over=False),
        },
    ),
    "tables.html": (
        "data_table('Rates', ['Name', ('Pence', 'numeric')], [['A', 12]]) ~ bad_rows(rows, 'packages.csv')",
        {"rows": [SimpleNamespace(line=3, column="", reason="Used twice.")]},
    ),
    "forms.html": ("form_keys() ~ post_button('Withdraw', '/w', {'why': 'x'}, 'warning')", {}),
}


def drawn(name):
    call, values = COMPONENTS[name]
    macros = sorted(set(re.findall(r"(\w+)\(", call)) - {"now"})
    return render_template_string(
        f'{{% from "components/{name}" import {", ".join(macros)} %}}{{{{ {call} }}}}', **values
    )


def whole(body="", **values):
    source = (
        '{% extends "layout.html" %}{% block heading %}Package PKG-1{% endblock %}{% block body %}'
        + body
        + "{% endblock %}"
    )
    return render_template_string(source, **values)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_valid_html_without_styles_of_its_own_and_repeats_no_id(page, name):
    html = drawn(name)
    html5lib.HTMLParser(strict=True).parseFragment(html)
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    assert max(ids.values(), default=1) == 1
    assert " style=" not in html
    assert "<style" not in html


def test_what_stands_in_a_table_is_no_markup_unless_a_template_made_it(page):
    link = Markup('<a href="/b">B7</a>')
    call = "{% from 'components/tables.html' import data_table %}{{ data_table('Rates', headings, [row]) }}"
    html = render_template_string(call, headings=["Batch", "<i>", ("At > 1", "numeric")], row=[link, "<b>", 2])
    body = html[html.index("<tbody") :]
    assert f'class="govuk-table__header">{link}</th>' in body
    assert '<td role="cell" data-label="&lt;i&gt;" class="govuk-table__cell">&lt;b&gt;</td>' in body
    assert '<td role="cell" data-label="At &gt; 1" class="govuk-table__cell govuk-table__cell--numeric">2</td>' in body


def test_a_page_is_valid_html_with_one_heading_a_title_and_no_crown(page):
    html = whole()
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<title>Package PKG-1 – Homeward</title>" in html
    assert html.count("<h1") == 1
    assert "crown" not in html.lower()
    assert "GOV.UK" not in html


def test_signing_out_is_a_post_with_a_token_and_names_are_no_markup(page):
    html = whole()
    form = html[html.index('class="hw-sign-out"') :].split("</form>")[0]
    assert 'method="post"' in form
    assert 'name="csrf_token"' in form
    assert "Nadia &lt;Navigator&gt;" in html


def test_a_visitor_sees_neither_search_nor_sign_out(page):
    page.jinja_env.globals["viewer"] = lambda: None
    html = whole()
    assert "hw-search" not in html
    assert "Sign out" not in html


def test_the_grid_says_the_same_in_words(page):
    html = drawn("visit_grid.html")
    assert "time-critical" in html
    assert "2 carers" in html
    assert "before the change" in html
    assert html.count('type="radio"') == 7
    assert html.count(" checked") == 1


def test_each_batch_links_to_its_row_and_the_licence_is_shown(page):
    html = drawn("batch_map.html")
    assert 'href="#batch-1" aria-label="Batch B1, 1 package"' in html
    assert "Licensed under the Open Government Licence v3.0" in html


def test_what_is_late_says_so_in_words(page):
    html = drawn("lists.html")
    assert html.count("Late") == 1
    assert "price band" in html


def test_every_post_carries_its_keys(page):
    html = drawn("forms.html")
    assert html.count('name="idempotency_key" value="key"') == 2
    assert html.count('name="csrf_token" value="token"') == 2


def test_a_misspelt_name_in_a_page_stops_it_with_the_name(page):
    with pytest.raises(UndefinedError, match="pakage"):
        whole("{{ pakage }}")
    with pytest.raises(UndefinedError, match="pakages"):
        whole("{% for one in pakages %}{% endfor %}")
    with pytest.raises(UndefinedError, match="sentense"):
        whole("{{ work.sentense }}", work=WORK[0])
