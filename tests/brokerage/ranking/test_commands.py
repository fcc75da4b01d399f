"""What happens to rankings by itself, and the worked example in the documentation."""

from __future__ import annotations

from pathlib import Path

from app.database import db
from brokerage.ranking.commands import example_text
from brokerage.ranking.queries import ranking_of
from brokerage.ranking.services import rank_due
from tests.brokerage.ranking.database_makers import a_ranked_scene, a_scene

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ranking-example.md"


def test_closed_rounds_are_ranked_by_themselves_and_once(session, people):
    scene = a_scene(people)
    a_scene(people, closed=False)
    a_ranked_scene(people)
    db.session.commit()
    assert rank_due() == 1
    assert ranking_of(scene.round)[0].because == "The deadline passed."
    assert rank_due() == 0


def test_the_example_in_the_documentation_holds_the_figures_of_the_ranking():
    assert PAGE.read_text("utf-8") == example_text()


def test_the_example_shows_the_reversal_and_the_command_prints_it(house):
    text = house.test_cli_runner().invoke(args=["ranking-example"]).output
    assert text == example_text()
    relative, band = text.split("## `band` scoring")
    assert ash_and_birch(relative) == ["Ash", "Birch", "Birch", "Ash"]
    assert ash_and_birch(band) == ["Birch", "Ash", "Birch", "Ash"]


def ash_and_birch(text):
    """Who stands before whom, with Cedar and without."""
    rows = [line.split("|")[2].strip() for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]
    return [name for name in rows if name != "Cedar"]
