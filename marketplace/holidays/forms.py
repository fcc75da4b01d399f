"""What is typed about a bank holiday."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from wtforms.validators import InputRequired, Length

from app.errors import MOST_REASON
from app.ui.fields import CountedTextField, DayField, TextField
from app.ui.forms import HomewardForm


class NewHoliday(NamedTuple):
    """A day, its name, and where it was proclaimed."""

    day: date
    name: str
    because: str


class HolidayForm(HomewardForm):
    """A bank holiday that the published list has not."""

    day = DayField("Day", validators=[InputRequired("Enter the day.")])
    name = TextField(
        "Name",
        description="For example: Coronation of the King",
        validators=[InputRequired("Enter the name of the bank holiday."), Length(max=100)],
    )

    because = CountedTextField(
        "Where it was proclaimed", validators=[InputRequired("Say where it was proclaimed."), Length(max=MOST_REASON)]
    )

    def typed(self) -> NewHoliday:
        """The day, its name and why."""
        assert self.day.data is not None  # its validator has seen to it
        return NewHoliday(self.day.data, self.name.data or "", self.because.data or "")
