"""What a public body must say about its pages, and how they are used with a keyboard. Open to everybody."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template

from app.auth import anyone

bp = Blueprint("about", __name__)

PREPARED = date(2026, 11, 22)
"""The day on which the accessibility statement was last gone through."""

KEYS = (
    ("Any page", "Tab, Shift + Tab", "to the next and the previous place"),
    ("The first place of any page", "Enter", "past the header, to the main content"),
    ("A link", "Enter", "follows it"),
    ("A button", "Enter or Space", "presses it"),
    ("The menu on a narrow screen", "Enter or Space on “Menu”", "opens and closes it"),
    ("Find a reference", "letters, then Enter", "opens the thing with this reference"),
    (
        "A group of round buttons",
        "Up and Down",
        "to the previous and the next, which is then chosen; Space chooses the first",
    ),
    ("A box to tick", "Space", "ticks it, or takes the tick away"),
    ("A list to choose from", "Up and Down, or the first letters", "chooses another entry"),
    ("A date", "Tab between day, month and year", "three boxes; nothing jumps by itself"),
    ("A file", "Enter or Space", "opens your system’s window for choosing files"),
    ("The password", "Enter or Space on “Show”", "shows and hides what was typed"),
    ("A form that came back", "Enter on a sentence of “There is a problem”", "to the field that it is about"),
    ("What is folded away", "Enter or Space", "opens and closes it"),
    ("A wide table or map", "Left, Right, Up and Down", "move it inside its frame, once Tab has led to the frame"),
    ("The map of batches", "Tab, then Enter", "from batch to batch; Enter leads to the same batch in the table"),
    ("The week of visits on a narrow screen", "Left and Right", "to the day before and the day after"),
    ("The warning before you are signed out", "Enter, Space or Esc", "keeps you signed in"),
)
"""Where, which keys, and what they do; `docs/keyboard.md` says the same."""


@bp.get("/accessibility")
@anyone
def accessibility() -> str:
    """How accessible Homeward is, what was tried, what is known to fall short, and whom to tell."""
    return render_template("pages/accessibility.html", prepared=PREPARED)


@bp.get("/keyboard")
@anyone
def keyboard() -> str:
    return render_template("pages/keyboard.html", keys=KEYS)
