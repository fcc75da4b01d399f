"""What is typed about batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import request
from wtforms.validators import InputRequired, Length

from app.ui.fields import CountedTextField, SelectField, TextField, TicksField, choice
from app.ui.forms import HomewardForm
from app.values.hours import hours_text
from marketplace.batches.models import Batch
from marketplace.packages.models import Package
from marketplace.packages.rules import Source
from marketplace.schemes.models import Scheme

SOURCE_NAMES = {
    Source.REALLOCATION: "Reallocation from another provider",
    Source.COMMUNITY: "Community",
    Source.HOSPITAL_DISCHARGE: "Hospital discharge",
    Source.REVIEW: "Review",
    Source.CHC: "NHS continuing healthcare",
}
LONGEST_REASON = 500
F = TypeVar("F", bound=HomewardForm)
_REASON = Length(max=LONGEST_REASON, message=f"Say why in at most {LONGEST_REASON} characters.")


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

    @property
    def chosen(self) -> tuple[UUID, UUID | None]:
        """The scheme, and the lot unless all lots were chosen."""
        scheme, _, lot = (self.scope.data or "").partition(":")
        return UUID(scheme), UUID(lot) if lot else None


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
    because = CountedTextField(
        "Why the person prefers this",
        description="The package will not be proposed for batches again until it is added by hand.",
        validators=[InputRequired("Say why the package is lifted out."), _REASON],
    )


class MergeForm(HomewardForm):
    """Another batch to merge into this one."""

    other = SelectField("Merge this batch with", validators=[InputRequired("Choose a batch.")])


class SplitForm(HomewardForm):
    """Packages that get a batch of their own."""

    packages = TicksField("Packages that move to a new batch", validators=[InputRequired("Choose at least one.")])


class DiscardForm(HomewardForm):
    """Why a batch is given up."""

    discard_because = CountedTextField(
        "Why the batch is given up", validators=[InputRequired("Say why the batch is given up."), _REASON]
    )


def propose_form(schemes: Sequence[Scheme], chosen: str = "") -> ProposeForm:
    """The form with the authority's schemes and lots; one of them may be chosen beforehand."""
    form = ProposeForm(scope=chosen)
    form.scope.choices = [
        option
        for scheme in schemes
        for option in [
            choice(str(scheme.id), f"{scheme.name}: all lots"),
            *(choice(f"{scheme.id}:{lot.id}", f"{scheme.name}: {lot.name}") for lot in scheme.lots),
        ]
    ]
    return form


@dataclass(frozen=True, slots=True)
class BatchForms:
    """Every form of a batch's page; only the one that was sent holds what was typed."""

    add: AddForm
    lift: LiftForm
    merge: MergeForm
    split: SplitForm
    discard: DiscardForm

    def __iter__(self) -> Iterator[HomewardForm]:
        return iter((self.add, self.lift, self.merge, self.split, self.discard))


def batch_forms(batch: Batch, others: Sequence[Batch], sent: type[HomewardForm] | None = None) -> BatchForms:
    """The forms with this batch's packages and the batches it could be merged with."""
    forms = BatchForms(
        add=_form(AddForm, sent),
        lift=_form(LiftForm, sent),
        merge=_form(MergeForm, sent),
        split=_form(SplitForm, sent),
        discard=_form(DiscardForm, sent),
    )
    forms.lift.package.choices = forms.split.packages.choices = _packages(batch.packages)
    forms.merge.other.choices = [choice(str(other.id), f"{other.reference}: {other.title}") for other in others]
    return forms


def seen_version() -> int | None:
    """The version of the batch that the page showed, from its hidden field; None when it is not there."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _form(kind: type[F], sent: type[HomewardForm] | None) -> F:
    return kind() if kind is sent else kind(formdata=None)


def _packages(packages: Sequence[Package]) -> list[Any]:
    return [choice(str(one.id), f"{one.reference}, {one.sector}", hours_text(one.weekly_minutes)) for one in packages]
