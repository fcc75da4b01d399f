"""What brokers type: a declaration of interests, and why a round should close early."""

from __future__ import annotations

from wtforms.validators import InputRequired

from app.ui.fields import LongTextField, RadioField, choice
from app.ui.forms import HomewardForm


class DeclarationForm(HomewardForm):
    """Whether somebody has an interest in one of the invited providers."""

    has_conflict = RadioField(
        "Do you have an interest in any of these providers?",
        description="You, or somebody close to you, works there, owns part of it, or gains from its awards.",
        choices=[
            choice("no", "No, I have none"),
            choice("yes", "Yes", "You will not see, rank or award this. A colleague does it."),
        ],
        validators=[InputRequired("Choose yes or no.")],
    )
    note = LongTextField("If yes: which provider, and what your interest is")


class EarlyClosingForm(HomewardForm):
    """Why a round must close before its deadline."""

    reason = LongTextField(
        "Why must it close before the deadline?",
        description="Everybody invited is told this reason. Write nothing about the person.",
        validators=[InputRequired("Say why the round must close early.")],
    )
