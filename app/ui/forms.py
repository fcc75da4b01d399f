"""The base of every form: an idempotency key, and refusals shown at their fields with everything typed kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from app.errors import MOST_REASON, Invalid, Refusal
from app.ui.fields import CountedTextField

LOOK_AGAIN = "look_again"


class HomewardForm(FlaskForm):
    """A form whose POST can be sent twice without harm."""

    idempotency_key = HiddenField(default=lambda: str(uuid4()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusals: list[str] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """As usual; but a form that its owner wants to see again comes back, with all that was typed, whatever it is."""
        is_sound: bool = super().validate(extra_validators)
        if is_sound and request.form.get(LOOK_AGAIN):
            self.refusals.append("You were signed out while this was open. Check what you typed, and send it again.")
            self.renew()
            return False
        return is_sound

    def typed(self) -> Any:
        """What was typed, as the value that the step takes: of one field, or of several in their order; of none, nothing."""
        typed = [field.data for field in self if not isinstance(field, HiddenField)]
        return typed[0] if len(typed) == 1 else tuple(typed) or None

    def take(self, refusal: Refusal) -> None:
        """Shows a refusal: at the named fields where there are such, else above the form; the next try is a new one."""
        errors = refusal.errors if isinstance(refusal, Invalid) else {"": refusal.sentence}
        for name, sentence in errors.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, sentence]
            else:
                self.refusals.append(sentence)
        self.renew()

    def renew(self) -> None:
        """A refused POST changed nothing, so the corrected one gets a key of its own."""
        self.idempotency_key.data = str(uuid4())

    @property
    def has_problems(self) -> bool:
        return bool(self.errors or self.refusals)


class ReasonForm(HomewardForm):
    """Why something is done."""

    because = CountedTextField("Why", validators=[InputRequired("Say why."), Length(max=MOST_REASON)])
