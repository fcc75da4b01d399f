"""Fields and widgets: what is drawn, and the sentences with which they refuse."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField
from wtforms.validators import InputRequired, Length, Optional

from app.ui import fields


class Line(Form):
    """One line of a longer form."""

    rate = fields.TextField("Hourly rate", [InputRequired("Enter the hourly rate")])


class Answer(Form):
    """A form with one field of each kind."""

    name = fields.TextField("Name", description="As registered")
    start = fields.DayField("Start date", [InputRequired("Enter the start date")], description="For example, 27 3 2027")
    end = fields.DayField("End date", [Optional()])
    kind = fields.RadioField(
        "Answer", choices=[fields.choice("yes", "Accept", "Until the deadline"), fields.choice("no", "Decline")]
    )
    skills = fields.TicksField("Skills", choices=[fields.choice("peg", "PEG feeding")])
    reason = fields.SelectField(
        "Reason",
        choices=[
            fields.choice("", "Choose"),
            fields.choice("staff", "No staff", group="Staff"),
            fields.choice("low", "Price", group="Money"),
        ],
    )
    sure = fields.TickField("I am sure")
    note = fields.CountedTextField("Note", [Length(max=200)])
    price = fields.TextField("Price", render_kw=fields.looks(width=5, prefix="£", inputmode="decimal"))
    secret = fields.PasswordField("Password")
    file = fields.UploadField("File", description="CSV")
    line = FormField(Line)
    lines = FieldList(FormField(Line), min_entries=1)


def typed(**values):
    form = Answer(MultiDict([(name, item) for name, items in values.items() for item in items]))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("boxes", "wrong", "sentence"),
    [
        (("27", "", "2027"), {"month"}, "Start date must include a month"),
        (("", "", "2027"), {"day", "month"}, "Start date must include a day and a month"),
        (("30", "2", "2027"), {"day"}, "Start date must be a real date"),
        (("1", "13", "2027"), {"month"}, "Start date must have a month from 1 to 12"),
        (("1", "Foo", "2027"), {"month"}, "Start date must be a date, such as 27 3 2027 or 27 March 2027"),
        (("1", "3", "27"), {"year"}, "Start date must have a year of four figures, such as 2027"),
        (("1", "3", "0026"), {"year"}, "Start date must have a year from 1890 to 2100"),
        (("²", "3", "2027"), {"day"}, "Start date must be a date, such as 27 3 2027 or 27 March 2027"),
        (("9" * 30, "3", "2027"), {"day"}, "Start date must be a real date"),
        (("", "", ""), set(), "Enter the start date"),
        ((" ", "", ""), set(), "Enter the start date"),
    ],
)
def test_a_wrong_date_is_refused_box_by_box(boxes, wrong, sentence):
    form = typed(start=boxes)
    assert form.start.errors[0] == sentence
    assert form.start.wrong_parts == wrong


def test_a_real_date_is_taken_and_three_empty_boxes_are_no_date():
    form = typed(start=(" 27 ", "3", "2027"), end=("", "", ""))
    assert form.start.data == date(2027, 3, 27)
    assert not form.start.errors
    assert form.end.data is None
    assert not form.end.errors


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", "MARCH", "Mar."])
def test_a_month_may_be_typed_in_words(month):
    assert typed(start=("27", month, "2027")).start.data == date(2027, 3, 27)


def test_an_optional_date_without_its_day_is_still_refused():
    assert typed(end=("", "3", "2027")).end.errors == ["End date must include a day"]


def test_only_the_wrong_box_of_a_date_is_marked_and_the_summary_leads_to_it(page):
    form = typed(start=("27", "", "2027"))
    drawn = form.start()
    assert drawn.count("govuk-input--error") == 1
    assert 'id="start-month"' in drawn
    assert {"text": "Start date must include a month", "href": "#start-month"} in fields.error_list(form)
    assert "required" not in drawn
    assert 'value="27"' in drawn


def test_a_date_already_known_stands_in_the_boxes(page):
    drawn = Answer(data={"start": date(2027, 3, 9)}).start()
    assert 'value="9"' in drawn
    assert 'value="2027"' in drawn


def test_radios_and_boxes_without_a_hint_point_to_none(page):
    form = Answer()
    for drawn in (form.kind(), form.skills(), form.sure()):
        assert 'id="kind-hint"' not in drawn
        assert 'class="govuk-hint"></div>' not in drawn.replace("\n", "")
    assert "aria-describedby" not in form.skills()


def test_one_radio_can_have_a_hint_of_its_own(page):
    drawn = Answer().kind()
    assert drawn.count("govuk-radios__hint") == 1
    assert "Until the deadline" in drawn


def test_a_select_keeps_its_groups_and_the_choice_made(page):
    drawn = typed(reason=("low",)).reason()
    assert '<optgroup label="Staff">' in drawn
    assert '<option value="low" selected>' in drawn
    assert drawn.index('value=""') < drawn.index("optgroup")


def test_a_counted_text_knows_its_limit(page):
    assert 'data-maxlength="200"' in Answer().note()


def test_a_choice_that_was_not_offered_is_refused_with_the_question(page):
    form = typed(kind=("perhaps",), reason=("none",), skills=("flying",))
    for field in (form.kind, form.reason, form.skills):
        assert field.errors[0] == f"{field.label.text}: choose one of the answers shown"
        assert "govuk-error-message" in field()


def test_prefix_and_width_are_drawn_and_a_password_is_not_sent_back(page):
    form = typed(price=("18,50",), secret=("hidden-word",))
    assert "govuk-input--width-5" in form.price()
    assert "govuk-input__prefix" in form.price()
    assert 'value="18,50"' in form.price()
    assert "hidden-word" not in form.secret()
    assert 'type="file"' in form.file()


def test_what_is_typed_is_stripped_and_drawn_without_becoming_markup(page):
    form = typed(name=("  <b>Ann</b> ",))
    assert form.name.data == "<b>Ann</b>"
    assert "<b>" not in form.name()


def test_errors_of_forms_within_forms_lead_to_their_inputs():
    links = {error["href"] for error in fields.error_list(typed())}
    assert {"#line-rate", "#lines-0-rate", "#start-day"} <= links
