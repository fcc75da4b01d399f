"""What is typed about batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import Field
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length, Optional

from app.api.shell import Day, Sent
from app.errors import MOST_REASON, Invalid, Refusal
from app.ui.fields import CountedTextField, DayField, SelectField, TextField, TicksField, choice
from app.ui.forms import HomewardForm
from app.values.hours import hours_text
from marketplace.batches.models import Batch
from marketplace.batches.rules import LeaveReason
from marketplace.packages.rules import Source
from marketplace.schemes.models import Scheme

SOURCE_NAMES = {
    Source.REALLOCATION: "Reallocation from another provider",
    Source.COMMUNITY: "Community",
    Source.HOSPITAL_DISCHARGE: "Hospital discharge",
    Source.REVIEW: "Review",
    Source.CHC: "NHS continuing healthcare",
}
LONGEST_REFERENCE, MOST_REPLACED = 20, 10_000
_REASON = Length(max=MOST_REASON, message=f"Say why in at most {MOST_REASON} characters.")


class ProposeIn(Sent):
    """For which packages batches are proposed: a scheme, one of its lots or all, and the sources.

    `replace` names the drafts that may be replaced; without it none is.
    """

    scheme_id: UUID
    lot_id: UUID | None = None
    sources: Annotated[list[Source], Field(min_length=1)] = [Source.REALLOCATION]
    replace: Annotated[list[Annotated[str, Field(max_length=LONGEST_REFERENCE)]], Field(max_length=MOST_REPLACED)] = []


class LiftIn(Sent):
    """A package to take out, and why; in words too where the reason alone says too little."""

    package_id: UUID
    reason: LeaveReason = LeaveReason.PREFERENCE
    because: Annotated[str, Field(max_length=MOST_REASON)] = ""


class StartIn(Sent):
    """Packages of a draft that get a new earliest start."""

    package_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    start: Day


class ProposeForm(HomewardForm):
    """For which packages batches are proposed."""

    scope = SelectField("Scheme and lot", validators=[InputRequired("Choose a scheme and lot.")])
    sources = TicksField(
        "Which packages",
        description="Packages of people whose provider is leaving are gathered first. Urgent packages never are.",
        choices=[choice(source.value, name) for source, name in SOURCE_NAMES.items()],
        default=[Source.REALLOCATION.value],
        validators=[InputRequired("Choose at least one source.")],
    )
    replace = HiddenField()

    def offer(self, schemes: Sequence[Scheme]) -> None:
        """Gives the schemes and lots to choose from."""
        self.scope.choices = []
        for scheme in schemes:
            self.scope.choices.append(choice(str(scheme.id), f"{scheme.name}: all lots"))
            self.scope.choices += [choice(f"{scheme.id}:{lot.id}", f"{scheme.name}: {lot.name}") for lot in scheme.lots]

    def typed(self) -> ProposeIn:
        """The scheme, the lot unless all lots were chosen, and the sources."""
        scheme, _, lot = (self.scope.data or "").partition(":")
        chosen = {"scheme_id": scheme, "lot_id": lot or None, "sources": self.sources.data}
        named = [text for text in (self.replace.data or "").split() if len(text) <= LONGEST_REFERENCE]
        return ProposeIn.model_validate({**chosen, "replace": named[:MOST_REPLACED]})


class AddForm(HomewardForm):
    """A package to put into the batch."""

    reference = TextField(
        "Package reference",
        description="For example PKG-7K3M9",
        validators=[InputRequired("Enter the reference of a package."), Length(max=40, message="That is too long.")],
    )


class LiftForm(HomewardForm):
    """A package to take out, and why."""

    package = SelectField("Package", validators=[InputRequired("Choose a package.")])
    reason = SelectField(
        "Reason",
        description="After the first two it is not proposed for batches again until it is added by hand.",
        choices=[choice("", "Choose a reason"), *(choice(reason.value, reason.label) for reason in LeaveReason)],
        validators=[InputRequired("Choose a reason.")],
    )
    because = CountedTextField(
        "In your words",
        description="Needed for what the person would rather have, and for another reason.",
        validators=[_REASON],
    )

    def typed(self) -> LiftIn:
        """Which, and why."""
        chosen = {"package_id": self.package.data, "reason": self.reason.data}
        return LiftIn.model_validate({**chosen, "because": self.because.data or ""})


class LaterStartsForm(HomewardForm):
    """A new earliest start for some packages of the batch."""

    starting = TicksField(
        "Packages that get a new earliest start", coerce=UUID, validators=[InputRequired("Choose at least one.")]
    )
    start = DayField("New earliest start", validators=[InputRequired("Enter the new earliest start.")])

    def typed(self) -> StartIn:
        """Which, and when."""
        day = self.start.data
        return StartIn.model_validate({"package_ids": self.starting.data, "start": day.isoformat() if day else ""})


class SealForm(HomewardForm):
    """Sealing; why, where the batch goes over a limit of the scheme."""

    seal_because = CountedTextField("Why it is larger than the scheme proposes", validators=[Optional(), _REASON])

    def take(self, refusal: Refusal) -> None:
        """What the service says of the reason stands at its field, whose name no other form of the page has."""
        if isinstance(refusal, Invalid) and "because" in refusal.errors:
            refusal = Invalid({"seal_because": refusal.errors["because"]})
        super().take(refusal)


class MergeForm(HomewardForm):
    """Another batch to merge into this one."""

    other = SelectField("Merge this batch with", coerce=UUID, validators=[InputRequired("Choose a batch.")])


class SplitBatchForm(HomewardForm):
    """Packages that get a batch of their own."""

    packages = TicksField(
        "Packages that move to a new batch", coerce=UUID, validators=[InputRequired("Choose at least one.")]
    )


class DiscardForm(HomewardForm):
    """Why a batch is given up. Its field has a name of its own: a page has it beside that of lifting out."""

    discard_because = CountedTextField(
        "Why the batch is given up", validators=[InputRequired("Say why the batch is given up."), _REASON]
    )


EDIT_FORMS: dict[str, type[HomewardForm]] = {
    "add": AddForm,
    "lift": LiftForm,
    "start": LaterStartsForm,
    "seal": SealForm,
    "merge": MergeForm,
    "split": SplitBatchForm,
    "discard": DiscardForm,
}


def edit_forms(batch: Batch, others: Sequence[Batch], sent: HomewardForm | None = None) -> dict[str, HomewardForm]:
    """Every form of a batch's page: the one that was sent with what was typed, the others blank."""
    forms = {name: sent if type(sent) is kind else kind(formdata=None) for name, kind in EDIT_FORMS.items()}
    return {name: with_choices(form, batch, others) for name, form in forms.items()}


def with_choices(form: HomewardForm, batch: Batch, others: Sequence[Batch]) -> HomewardForm:
    """The form with the batch's packages and the batches it could be merged with to choose from."""
    for field in form:
        if field.name in ("package", "packages", "starting"):
            field.choices = _packages(batch)
        elif field.name == "other":
            field.choices = [choice(str(other.id), f"{other.reference}: {other.title}") for other in others]
    return form


def seen_version() -> int | None:
    """The version of the batch that the page showed, from its hidden field; None when it is not there."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _packages(batch: Batch) -> list[Any]:
    return [
        choice(str(package.id), f"{package.reference}, {package.sector}", hours_text(package.weekly_minutes))
        for package in batch.packages
    ]
