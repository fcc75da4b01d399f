"""Form fields that look like the design system and refuse in sentences.

A field's `description` is its hint. Choices are made with `choice(...)`. Numbers with a meaning of their own (money,
postcodes) are typed as text and turned into values by the form that asks for them.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

import wtforms
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovPasswordInput, GovTextArea, GovTextInput
from wtforms.fields import FieldList, FormField
from wtforms.validators import StopValidation

from app.ui import widgets
from app.values.days import FIRST_YEAR, LAST_YEAR, month_number
from app.values.email import read_email

_PARTS = ("day", "month", "year")


def choice(value: str, label: str, hint: str = "", group: str = "") -> Any:
    """One option of a select, of radios or of checkboxes; `group` heads it in a select."""
    made: Any = wtforms.SelectChoice  # type: ignore[attr-defined]  # newer than the published types
    return made(value, label, {"hint": hint} if hint else {}, group or None)


def looks(width: int | None = None, prefix: str = "", suffix: str = "", **attributes: str) -> dict[str, Any]:
    """A field's `render_kw`: its width in characters (2, 3, 4, 5, 10, 20 or 30), what stands beside it, attributes."""
    params: dict[str, Any] = {"classes": f"govuk-input--width-{width}"} if width else {}
    for name, text in (("prefix", prefix), ("suffix", suffix)):
        if text:
            params[name] = {"text": text}
    return {"params": params, **attributes}


def stripped(text: str | None) -> str:
    """Text without the spaces around it; empty where none was sent."""
    return (text or "").strip()


def is_yes(value: str) -> bool:
    """What a choice between "yes" and "no" means: the `coerce` of its field."""
    return value == "yes"


def error_list(form: Any) -> list[dict[str, str]]:
    """What is wrong with a form, for its error summary: a sentence each, and a link to the input meant."""
    whole = [{"text": str(text)} for text in (*getattr(form, "refusals", ()), *getattr(form, "form_errors", ()))]
    return whole + [{"text": str(field.errors[0])} | _link(field) for field in _leaves(form) if field.errors]


def _link(field: Any) -> dict[str, str]:
    """Nothing to go to where the field is hidden."""
    return {} if isinstance(field, wtforms.HiddenField) else {"href": f"#{widgets.first_input_id(field)}"}


def _leaves(form: Any) -> Iterator[Any]:
    for field in form:
        if isinstance(field, FormField):
            yield from _leaves(field.form)
        elif isinstance(field, FieldList):
            yield from _leaves(field)
        else:
            yield field


class TextField(wtforms.StringField):
    """One line of text, without the spaces around it."""

    widget = GovTextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"filters": (stripped,), **kwargs})


def cleaned_address(text: str | None) -> str | None:
    """An email address without what copying left around it; what is none stays as it was typed, to be refused."""
    try:
        return read_email(text) if text else text
    except ValueError:
        return text


class EmailField(TextField):
    widget = widgets.EmailInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"filters": (stripped, cleaned_address), **kwargs})


class PasswordField(wtforms.PasswordField):
    """A password; never sent back to the page."""

    widget = GovPasswordInput()


class LongTextField(TextField):
    widget = GovTextArea()


class CountedTextField(TextField):
    """Several lines of text with a limit: give it `Length(max=…)`."""

    widget = widgets.CountedTextArea()


class TickField(wtforms.BooleanField):
    widget = widgets.Checkbox()


class UploadField(wtforms.FileField):
    """A file. `flask_wtf.file` validators fit it."""

    widget = GovFileInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep the uploaded file; an empty upload is none."""
        self.data = next((file for file in valuelist if file), None)


class _Choosing:
    """Refuses a choice that was not offered, in words."""

    label: Any
    invalid_choice_message: str | None
    invalid_value_message: str | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sentence = f"{self.label.text}: choose one of the answers shown"
        self.invalid_choice_message = self.invalid_choice_message or sentence
        self.invalid_value_message = self.invalid_value_message or sentence


class SelectField(_Choosing, wtforms.SelectField):
    widget = widgets.Select()


class RadioField(_Choosing, wtforms.RadioField):
    widget = widgets.Radios()


class TicksField(_Choosing, wtforms.SelectMultipleField):
    widget = widgets.Checkboxes()


class DayField(wtforms.Field):
    """A date as people mean it: day, month and year in three boxes of one name. Data is a `date` or None."""

    widget = widgets.DateBoxes()
    data: date | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wrong_parts: frozenset[str] = frozenset()

    @property
    def typed(self) -> Mapping[str, str]:
        """What stands in each box: as it was typed, or the date given."""
        if self.raw_data:
            return _by_part(self.raw_data)
        day = self.data
        return _by_part([str(day.day), str(day.month), str(day.year)] if day else [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the boxes. Three empty boxes are no date; anything else that is no date is refused, box by box."""
        self.data = None
        typed = _by_part(valuelist)
        missing = [part for part in _PARTS if not typed[part]]
        if len(missing) == len(_PARTS):
            self.raw_data = []  # spaces are nothing entered, for `InputRequired` too
            return
        if missing:
            self._refuse(missing, f"must include a {' and a '.join(missing)}")
        self.data = self._day(typed)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Keep the sentence about the boxes; `Optional` would wipe it where only the day is missing."""
        if self.process_errors:
            raise StopValidation

    def _day(self, typed: Mapping[str, str]) -> date:
        wrong = [part for part in ("day", "year") if not (typed[part].isascii() and typed[part].isdecimal())]
        month = month_number(typed["month"])
        if month is None and typed["month"].isascii() and typed["month"].isdecimal():
            self._refuse(["month"], "must have a month from 1 to 12")
        if wrong or month is None:
            self._refuse([*wrong, *([] if month else ["month"])], "must be a date, such as 27 3 2027 or 27 March 2027")
        if len(typed["year"]) != 4:
            self._refuse(["year"], "must have a year of four figures, such as 2027")
        if not FIRST_YEAR <= int(typed["year"]) <= LAST_YEAR:
            self._refuse(["year"], f"must have a year from {FIRST_YEAR} to {LAST_YEAR}")
        try:
            return date(int(typed["year"]), month, int(typed["day"]))
        except (ValueError, OverflowError):
            self._refuse(["day"], "must be a real date")

    def _refuse(self, parts: list[str], sentence: str) -> NoReturn:
        self.wrong_parts = frozenset(parts)
        raise ValueError(f"{self.label.text} {sentence}")


def _by_part(values: list[Any]) -> dict[str, str]:
    padded = [*(str(value).strip() for value in values), "", "", ""]
    return dict(zip(_PARTS, padded, strict=False))
