"""Form widgets in the look of the design system.

They stand on govuk-frontend-wtf and put right what it gets wrong: empty hints on radios and checkboxes, dates that mark
all three boxes whichever is wrong, lost groups in selects, counters without a limit, and no hint for a single radio.
Fields that use them are in `app.ui.fields`.
"""

from itertools import groupby
from typing import Any

from flask import render_template
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxesInput,
    GovCheckboxInput,
    GovDateInput,
    GovRadioInput,
    GovSelect,
    GovTextInput,
)
from markupsafe import Markup

Params = dict[str, Any]
_PARTS = (("day", 2), ("month", 2), ("year", 4))


def first_input_id(field: Any) -> str:
    """The id of the input that an error summary leads to: for a date, the first wrong box."""
    wrong = getattr(field, "wrong_parts", None)
    if wrong is None:
        return str(field.id)
    return f"{field.id}-{next((part for part, _ in _PARTS if part in wrong), 'day')}"


class _Group:
    """What radios and checkboxes share: a hint only where there is one, and a hint for each option."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> Params:
        for item, option in zip(kwargs["items"], field, strict=True):
            hint = _option_look(option).get("hint")
            if hint:
                item["hint"] = {"text": hint}
        params: Params = super().map_gov_params(field, **kwargs)  # type: ignore[misc]  # of the class beside it
        params.setdefault("idPrefix", field.id)
        if not field.description:
            params.pop("hint", None)
        return params


def _option_look(option: Any) -> Params:
    """An option's own settings; the single box of a yes-or-no field has none."""
    return getattr(getattr(option, "choice", None), "render_kw", None) or {}


class EmailInput(GovTextInput):
    """An email address, with the right keyboard on a phone. It is somebody else's unless the field says `autocomplete`."""

    input_type = "email"

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """Draw the field; a browser must not offer one's own address where a colleague's is asked for."""
        drawn: Markup = super().__call__(field, **{"autocomplete": "off"} | kwargs)
        return drawn


class CountedTextArea(GovCharacterCount):
    """Several lines of text that say how many characters are left of the field's `Length(max=…)`."""

    def map_gov_params(self, field: Any, **kwargs: Any) -> Params:
        params: Params = super().map_gov_params(field, **kwargs)
        params.setdefault("maxlength", field.flags.maxlength)
        return params


class Radios(_Group, GovRadioInput):
    """One of a few choices."""


class Checkboxes(_Group, GovCheckboxesInput):
    """Any of a few choices."""


class Checkbox(_Group, GovCheckboxInput):
    """One yes or no."""


class Select(GovSelect):
    """One of many choices, in groups where the choices name one."""

    template = "components/widgets/select.html"

    def map_gov_params(self, field: Any, **kwargs: Any) -> Params:
        params: Params = super().map_gov_params(field, **kwargs)
        params["groups"] = _grouped(params.pop("items"), field)
        return params


def _grouped(items: list[Params], field: Any) -> list[tuple[str, list[Params]]]:
    names = [getattr(choice, "optgroup", None) or "" for choice in field.choices or ()]
    paired = groupby(zip(names, items, strict=True), key=lambda pair: pair[0])
    return [(name, [item for _, item in pairs]) for name, pairs in paired]


class DateBoxes(GovDateInput):
    """Day, month and year; only the boxes that are wrong are marked."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        params: Params = {
            "id": field.id,
            "fieldset": {"legend": {"text": field.label.text}},
            "hint": {"text": field.description} if field.description else None,
            "items": [_box(field, part, width) for part, width in _PARTS],
        }
        if field.errors:
            params["errorMessage"] = {"text": field.errors[0]}
        return Markup(render_template(self.template, params=params | kwargs.get("params", {})))  # noqa: S704


def _box(field: Any, part: str, width: int) -> Params:
    marked = field.errors and (part in field.wrong_parts or not field.wrong_parts)
    return {
        "label": part.capitalize(),
        "id": f"{field.id}-{part}",
        "name": field.name,
        "classes": f"govuk-input--width-{width}" + (" govuk-input--error" if marked else ""),
        "value": field.typed[part],
    }
