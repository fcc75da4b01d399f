"""What the council types about offers: more time, taking back, offering again."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from wtforms.validators import InputRequired, Length

from app.calendar.deadlines import parse_local
from app.errors import MOST_REASON, Invalid
from app.ui.fields import CountedTextField, DayField, TextField, looks
from app.ui.forms import HomewardForm, ReasonForm
from app.values.days import TIME, minute_of_day

EXAMPLE = "Enter a time such as 17:00 or 5:30pm."
_CLOCK = re.compile(rf"({TIME})(?:\s+(bst|gmt))?", re.IGNORECASE)
_TOO_LONG = Length(max=MOST_REASON, message=f"Write no more than {MOST_REASON} characters.")


def instant_typed(day: date | None, text: str, day_field: str, clock_field: str) -> datetime:
    """The instant of a day and a local time as typed; raises Invalid at the field that is wrong.

    In the hour that happens twice in October somebody adds BST or GMT; a time skipped in March is refused.
    """
    if day is None:
        raise Invalid({day_field: "Enter the day."})
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise Invalid({clock_field: EXAMPLE})
    fold = {"bst": 0, "gmt": 1}.get((found[2] or "").lower())
    try:
        return parse_local(day, _time(found[1]), fold)
    except ValueError as wrong:
        raise Invalid({clock_field: str(wrong)}) from wrong


def _time(text: str) -> time:
    try:
        minute = minute_of_day(text)
        return time(minute // 60, minute % 60)
    except ValueError:
        raise ValueError(EXAMPLE) from None


class OfferAgainForm(HomewardForm):
    """Offers a package for another round."""

    changed_since = CountedTextField(
        "What has changed since the last round?",
        description="Write “nothing” if nothing has.",
        validators=[InputRequired("Say what has changed, or write “nothing”."), _TOO_LONG],
    )


class ExtendForm(HomewardForm):
    """Gives everybody more time."""

    deadline = DayField("New deadline", validators=[InputRequired("Enter the day of the new deadline.")])
    at = TextField(
        "Time of day",
        description="For example, 17:00 or 5:30pm.",
        render_kw=looks(5),
        default="17:00",
        validators=[InputRequired(EXAMPLE)],
    )
    reason = CountedTextField(
        "Why there is more time",
        description="Every provider that was asked will read this.",
        validators=[InputRequired("Say why there is more time."), _TOO_LONG],
    )

    def typed(self) -> tuple[datetime, str]:
        """The new deadline and why. Raises Invalid at the field that is wrong."""
        deadline = instant_typed(self.deadline.data, self.at.data or "", "deadline", "at")
        return deadline, self.reason.data or ""


class WithdrawForm(ReasonForm):
    """Takes the whole offer back."""

    because = CountedTextField(
        "Why the offer is taken back",
        description="Every provider that was asked will read this.",
        validators=[InputRequired("Say why the offer is taken back."), _TOO_LONG],
    )
