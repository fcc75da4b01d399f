"""The forms of packages with their choices: what was typed, turned into a need; every refusal at its field, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Self
from uuid import UUID

import wtforms
from wtforms.validators import InputRequired, Length, Optional

from app.database import db
from app.errors import MOST_REASON, Reading
from app.import_steps import TableFile, TableFileForm
from app.parties.viewer import Viewer
from app.ui.fields import (
    CountedTextField,
    DayField,
    LongTextField,
    RadioField,
    SelectField,
    TextField,
    TickField,
    TicksField,
    UploadField,
    choice,
    is_yes,
    looks,
)
from app.ui.forms import HomewardForm
from app.values.money import Money, pounds_number
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from app.values.spelling import as_read
from marketplace.membership.queries import declared_skills, known_providers
from marketplace.packages.listing import ALL_STATES, choices, teams_for
from marketplace.packages.models import Package
from marketplace.packages.queries import need_of
from marketplace.packages.rules import FundingSplit, Need, PackageStatus, Source, Urgency
from marketplace.packages.visits import EXAMPLE, UnreadableVisits, Visit, parse_weekly_visits, weekly_visits_text
from marketplace.people.rules import PersonDetails
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.vocabulary import CarerGender

ALL, NONE = choice("", "All"), choice("", "None chosen")
WAITING = choice("", "Waiting for care")
PERSON_FIELDS = ("person_name", "date_of_birth", "nhs_number", "address", "telephone", "council_reference")
TEXTS = ("pen_picture", "short_visit_reason", "carer_gender_reason", "language")
AS_ASKED = (*TEXTS, "source", "urgency", "planned_start", "carer_gender")
"""The fields that mean what the need calls so."""
MOST_SKILLS = 20
VISITS_HINT = (
    "One line each: days, the window in which the visit may start and end, its minutes, x, how many carers. "
    "For example: Mon-Fri 07:30-09:30 45x1. What is to be done can follow a colon: "
    "Mon-Fri 07:30-09:30 45x1: wash, dress, breakfast"
)


class NeedForm(HomewardForm):
    """What is asked for."""

    lot = SelectField("Lot", validators=[InputRequired("Choose the lot.")])
    source = SelectField(
        "What brought the need about", choices=[choice(source, source.label) for source in Source], coerce=Source
    )
    urgency = RadioField(
        "Urgency",
        choices=[choice(urgency, urgency.label) for urgency in (Urgency.STANDARD, Urgency.URGENT)],
        coerce=Urgency,
        default=Urgency.STANDARD,
    )
    planned_start = DayField("Planned start", validators=[InputRequired("Enter the planned start.")])
    postcode = TextField(
        "Postcode of the visits",
        description="Providers see its district only.",
        validators=[InputRequired("Enter the postcode where the visits take place.")],
        render_kw=looks(width=10, autocomplete="off"),
    )
    visits = LongTextField(
        "Visits of the week", description=VISITS_HINT, validators=[InputRequired(EXAMPLE), Length(max=8000)]
    )
    time_critical = TickField("The first visit of each day is time-critical")
    short_visit_reason = TextField(
        "Why visits are shorter than 30 minutes, if any are",
        validators=[Length(max=300, message="At most 300 characters.")],
    )
    pen_picture = CountedTextField(
        "Pen picture",
        description="What a provider must know of the person’s needs, without a name, telephone number or address.",
        validators=[Length(max=2000, message="Use at most 2,000 characters.")],
    )
    carer_gender = RadioField(
        "Gender of carer",
        choices=[choice(gender, gender.label) for gender in CarerGender],
        coerce=CarerGender,
        default=CarerGender.ANY,
    )
    carer_gender_reason = TextField(
        "Why the carer must be of this gender", validators=[Length(max=300, message="At most 300 characters.")]
    )
    skills = TicksField(
        "Skills that a carer must have",
        description="What providers have declared. At least one carer has each of them.",
    )
    language = TextField(
        "Language the person would like", validators=[Length(max=60, message="At most 60 characters.")]
    )
    health_percent = TextField(
        "NHS share", default="0", description="0 when the council pays all.", render_kw=looks(width=3, suffix="%")
    )
    cost_ceiling = TextField("Cost ceiling a week, if there is one", render_kw=looks(width=10, prefix="£"))
    team = SelectField("Referring team", validators=[Optional()])
    incumbent = SelectField("Previous provider, if the package is moving", validators=[Optional()])
    version = wtforms.HiddenField()

    def offer(self, schemes: Sequence[Scheme], viewer: Viewer, kept: Sequence[str] = ()) -> Self:
        """The form with the lots of these schemes, the viewer's teams, all providers and their skills to choose from.

        `kept` are the skills that the package asks for already, whether or not anybody declares them.
        """
        self.lot.choices = [
            choice("", "Choose a lot"),
            *(choice(str(lot.id), lot.name, group=scheme.name) for scheme in schemes for lot in scheme.lots),
        ]
        self.team.choices = [NONE, *(choice(str(team.id), team.name) for team in teams_for(viewer))]
        known = known_providers(viewer.authority_id).with_only_columns(Provider.id, Provider.name)
        self.incumbent.choices = [NONE, *(choice(str(row.id), row.name) for row in db.session.execute(known))]
        self.skills.choices = _skill_choices(declared_skills(viewer.authority_id), kept)
        return self

    @property
    def person_fields(self) -> list[wtforms.Field]:
        """What says who the person is; nothing where the package is there already."""
        return [self[name] for name in PERSON_FIELDS if name in self]

    @property
    def need_fields(self) -> list[wtforms.Field]:
        """What is asked for."""
        return [field for field in self if field.name not in {*PERSON_FIELDS, "csrf_token", "idempotency_key"}]

    @property
    def seen_version(self) -> int:
        """The version of the package that whoever typed this has seen."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

    def without_place(self) -> Self:
        """The form for whoever may not read the person's record: where the visits take place is where the person lives."""
        self.postcode.validators, self.postcode.flags.required = (), False
        self.postcode.description = "Leave it empty to keep it as it is."
        return self

    def need(self, current: Need | None = None) -> Need:
        """The need as typed, or Invalid with a sentence for each field that cannot be used.

        Visits that were not touched keep the marks of `current`, which the text cannot say; so does a place not shown.
        """
        read = Reading()
        place = self.postcode.data or (current.postcode.text if current else "")
        postcode = read.value("postcode", Postcode.parse, place)
        visits = read.value("visits", self._visits, current)
        split = read.value("health_percent", _split, self.health_percent.data or "0")
        ceiling = read.value("cost_ceiling", Money.parse, self.cost_ceiling.data) if self.cost_ceiling.data else None
        skills = read.value("skills", _skills, self.skills.data or ())
        read.finish()
        assert postcode
        assert visits
        assert split
        return Need(
            **{name: self[name].data for name in AS_ASKED},
            lot_id=UUID(self.lot.data),
            postcode=postcode,
            visits=visits,
            skills=skills or (),
            split=split,
            cost_ceiling_pence=ceiling.pence if ceiling else None,
            referring_team_id=UUID(self.team.data) if self.team.data else None,
            incumbent_provider_id=UUID(self.incumbent.data) if self.incumbent.data else None,
        )

    def _visits(self, current: Need | None) -> tuple[Visit, ...]:
        typed = self._parsed()
        if current and self.time_critical.data == any(visit.time_critical for visit in current.visits):
            return _marked_as_before(typed, current.visits)
        return typed

    def _parsed(self) -> tuple[Visit, ...]:
        return parse_weekly_visits(self.visits.data or "", bool(self.time_critical.data), with_tasks=True)

    def preview(self) -> tuple[Visit, ...]:
        """The visits for a drawing beside the form; empty when they cannot be read, and then the field says why."""
        try:
            return self._parsed()
        except UnreadableVisits as unreadable:
            self.visits.errors = list(self.visits.errors) or [str(unreadable)]
            return ()


class NewPackageForm(NeedForm):
    """A new package: the person first, then what is asked for."""

    person_name = TextField(
        "Full name",
        validators=[InputRequired("Enter the person’s full name."), Length(max=120)],
        render_kw={"autocomplete": "off"},
    )
    date_of_birth = DayField("Date of birth", validators=[InputRequired("Enter the date of birth.")])
    nhs_number = TextField(
        "NHS number, if known",
        description="10 digits. A person already known is found by it.",
        render_kw=looks(width=20, autocomplete="off"),
    )
    address = TextField("Address without the postcode", validators=[Length(max=300)], render_kw={"autocomplete": "off"})
    telephone = TextField("Telephone", validators=[Length(max=30)], render_kw=looks(width=20, autocomplete="off"))
    council_reference = TextField(
        "The council’s own reference, if there is one", validators=[Length(max=40)], render_kw=looks(width=20)
    )

    def typed(self) -> tuple[PersonDetails, Need, str | None]:
        """Who needs care, what is asked for, and the council's own reference; Invalid at each field that cannot be used."""
        read = Reading()
        number = read.value("nhs_number", NhsNumber.parse, self.nhs_number.data) if self.nhs_number.data else None
        read.finish()
        texts = (self.address.data or "", self.telephone.data or "")
        person = PersonDetails(self.person_name.data or "", self.date_of_birth.data, number, *texts)
        return person, self.need(), self.council_reference.data


class SplitPackageForm(HomewardForm):
    """Which visits become a package of their own, and why."""

    visits = TicksField("Visits to split off", coerce=UUID, validators=[InputRequired("Choose at least one visit.")])
    because = CountedTextField("Why", validators=[InputRequired("Say why."), Length(max=MOST_REASON)])

    def offer(self, visits: Iterable[tuple[UUID, str]]) -> Self:
        """The form with these visits to choose from."""
        self.visits.choices = [choice(str(visit_id), text) for visit_id, text in visits]
        return self


class ConfirmForm(HomewardForm):
    """The answer to "still needed?"."""

    needed = RadioField(
        "Is the care still needed?",
        choices=[choice("yes", "Yes"), choice("no", "No")],
        coerce=is_yes,
        validators=[InputRequired("Say whether the care is still needed.")],
    )
    with_whom = TextField(
        "Confirmed with",
        description="Who said so, and in what role: the referrer, the ward, the family.",
        validators=[InputRequired("Say with whom you confirmed it."), Length(max=200)],
    )


class WordForm(HomewardForm):
    """The answer that words give nobody away."""

    word = RadioField("Which words give nobody away?", validators=[InputRequired("Choose the words.")])
    reason = TextField(
        "Why they do not",
        description="For example: it is the name of the illness.",
        validators=[InputRequired("Say why they give nobody away."), Length(max=300)],
    )

    def offer(self, words: Iterable[str]) -> Self:
        """The form with these words to choose from."""
        self.word.choices = [choice(word, word) for word in words]
        return self


class NewStartForm(HomewardForm):
    """A new earliest start."""

    start = DayField("New earliest start", validators=[InputRequired("Enter the new earliest start.")])


class ImportForm(TableFileForm):
    """A file of packages for one scheme."""

    scheme = SelectField("Scheme", validators=[InputRequired("Choose the scheme.")])
    file = UploadField(
        "File",
        description="CSV or Excel (.xlsx), at most 20 MB. All rows are loaded or none.",
        validators=[InputRequired("Choose a CSV or Excel file with packages.")],
    )

    though_outside = TickField("Load packages although all lie outside the scheme's zones")

    def typed(self) -> tuple[str, TableFile]:
        """The scheme's id, and the file."""
        stream, filename, said = super().typed()
        return self.scheme.data, (stream, filename, said._replace(though_outside=bool(self.though_outside.data)))


class FilterForm(wtforms.Form):
    """What the list shows."""

    q = TextField("Reference", render_kw=looks(width=10))
    status = SelectField("State")
    urgency = SelectField("Urgency")
    source = SelectField("Source")
    lot = SelectField("Lot")
    zone = SelectField("Zone")


def filter_form(viewer: Viewer, asked: Any) -> FilterForm:
    """The filter above the list, showing what was asked."""
    form = FilterForm(asked)
    places = choices(viewer)
    form.status.choices = [
        WAITING,
        choice(ALL_STATES, "All"),
        *(choice(status.value, status.label) for status in PackageStatus),
    ]
    form.urgency.choices = [ALL, *(choice(urgency, urgency.label) for urgency in (Urgency.STANDARD, Urgency.URGENT))]
    form.source.choices = [ALL, *(choice(source, source.label) for source in Source)]
    for field, kind in ((form.lot, "lot"), (form.zone, "zone")):
        of_kind = [place for place in places if place.kind == kind]
        field.choices = [ALL, *(choice(str(place.id), place.name, group=place.scheme) for place in of_kind)]
    return form


def _marked_as_before(typed: tuple[Visit, ...], before: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """The visits as they were when nothing was touched; those of before with new tasks when only these were."""
    if weekly_visits_text(typed, with_tasks=True) == weekly_visits_text(before, with_tasks=True):
        return before
    old, new = (sorted(visits, key=lambda visit: visit.timing) for visits in (before, typed))
    if [visit.timing for visit in old] != [visit.timing for visit in new]:
        return typed
    return tuple(sorted(replace(was, tasks=now.tasks) for was, now in zip(old, new, strict=True)))


def _split(text: str) -> FundingSplit:
    digits = text.strip().removesuffix("%").strip()
    if not (digits.isascii() and digits.isdecimal() and int(digits[:4]) <= 100):
        raise ValueError("The NHS share is a whole number from 0 to 100.")
    return FundingSplit(100 - int(digits), int(digits))


def _skills(chosen: Sequence[str]) -> tuple[str, ...]:
    if len(chosen) > MOST_SKILLS:
        raise ValueError(f"Choose at most {MOST_SKILLS} skills.")
    return tuple(chosen)


def _skill_choices(declared: Sequence[str], kept: Sequence[str]) -> list[Any]:
    """Every skill once, as the package spells it where it has it already."""
    own = {as_read(skill): skill for skill in kept}
    choices = [choice(own.get(as_read(skill), skill), skill) for skill in declared]
    undeclared = own.keys() - {as_read(skill) for skill in declared}
    return choices + [choice(own[key], f"{own[key]} (declared by nobody)") for key in sorted(undeclared)]


def typed_back(package: Package) -> dict[str, Any]:
    """What a stored package asks for, as its form shows it."""
    need = need_of(package)
    return {
        **{name: getattr(need, name) for name in AS_ASKED},
        "lot": str(need.lot_id),
        "postcode": need.postcode.text,
        "visits": weekly_visits_text(need.visits, with_tasks=True).replace("; ", "\n"),
        "time_critical": any(visit.time_critical for visit in need.visits),
        "skills": list(need.skills),
        "health_percent": str(need.split.health_percent),
        "cost_ceiling": pounds_number(need.cost_ceiling_pence),
        "team": str(need.referring_team_id or ""),
        "incumbent": str(need.incumbent_provider_id or ""),
        "version": str(package.version),
    }
