"""Text as people read it, days and times as they type them, addresses as they copy them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.days import minute_of_day, read_day
from app.values.email import read_email
from app.values.spelling import as_read, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ŵyn Home Care", "wyn home care"),
        ("O’Brien", "O'BRIEN"),
        ("Ada  Marsden", "Ada Marsden"),
        ("Mon–Fri", "mon-fri"),
        ("Age\u00a0Well team", "age well team"),
        ("Zoë Łukasz", "Zoe Lukasz"),
        ("Home\u00adcare", "Homecare"),
        ("ﬁne Straße", "FINE STRASSE"),
    ],
)
def test_what_reads_the_same_is_the_same(one, other):
    assert as_read(one) == as_read(other)


def test_names_sort_as_a_reader_expects():
    names = ["Zenith", "Ŵyn Home Care", "abacus", "de Souza", "Écho", "O’Brien", "Oak"]
    assert sorted(names, key=as_read) == ["abacus", "de Souza", "Écho", "O’Brien", "Oak", "Ŵyn Home Care", "Zenith"]


@given(st.text())
def test_a_key_stays_as_it_is_and_plain_text_keeps_its_length(text):
    assert as_read(as_read(text)) == as_read(text)
    assert len(plain(text)) == len(text)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-14", "14/12/2026", "14.12.2026", "14-12-2026", "14 12 2026", "14 Dec 2026", "14 December 2026",
        "14 DEC 2026", "14-Dec-2026", "14/Dec/2026", "14th December 2026", "Monday 14 December 2026", "Mon, 14 Dec 2026",
        "2026-12-14 00:00:00", "2026-12-14T00:00:00", "2026-12-14 00:00", "14/12/2026 00:00", "14/Dec/2026 - 00:00",
        "2026\u201112\u201114", " 14\u00a0December 2026 ",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_was_typed(typed):
    assert read_day(typed) == date(2026, 12, 14)


@pytest.mark.parametrize(
    "typed",
    [
        "", "12/14/2026", "14/12/26", "14 Foo 2026", "2026-12-14 09:30", "31/02/2026", "0026-12-14", "2199-12-14", "46370",
        "14 De 2026", "2026-12", "today", "2026-13-01", "２０２６-12-14", "1/2/3/2026",
    ],
)  # fmt: skip
def test_what_is_no_day_or_no_plausible_one_is_refused_with_an_example(typed):
    with pytest.raises(ValueError, match="14/12/2026"):
        read_day(typed)


def test_every_day_is_read_back_in_every_form():
    for day in (date(1890, 1, 1), date(1943, 9, 12), date(2100, 12, 31)):
        forms = ("%Y-%m-%d", "%d/%m/%Y", "%-d %B %Y", "%d-%b-%Y", "%A %-d %B %Y")
        assert {read_day(day.strftime(form)) for form in forms} == {day}


@pytest.mark.parametrize(
    ("typed", "minute"),
    [
        ("07:30", 450),
        ("7.30", 450),
        ("7.30am", 450),
        ("8.30 AM", 510),
        ("12am", 0),
        ("12pm", 720),
        ("7 pm", 1140),
        ("24:00", 1440),
    ],
)
def test_a_time_keeps_its_minutes(typed, minute):
    assert minute_of_day(typed) == minute


@pytest.mark.parametrize("typed", ["", "7", "24:01", "13pm", "0am", "7:60", "25:00", "７:30"])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(ValueError):  # noqa: PT011 (whoever asks says it in words of their own)
        minute_of_day(typed)


@pytest.mark.parametrize(
    "raw",
    [
        "{},",
        "<{}>",
        "{};",
        "mailto:{}",
        '"{}',
        "{}>",
        "Pat Quill <{}>",
        "“{}”",
        "({})",
        " {} ",
        "<mailto:{}>",
        "{}\u200b",
    ],
)
def test_what_copying_leaves_around_an_address_is_taken_off(raw):
    assert read_email(raw.format("Rota.One@quill.example")) == "rota.one@quill.example"


@pytest.mark.parametrize(
    "typed",
    ["", "nobody", "rota..one@quill.example", "rota@quill..example", "rota@quill", "a@b@quill.example", ".a@quill.example",
     "a.@quill.example", "a b@quill.example", "a@-quill.example", "a@quill.example, b@quill.example", "a@quill.e"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(typed):
    with pytest.raises(ValueError, match=r"name@example\.org"):
        read_email(typed)


def test_unusual_but_good_addresses_are_taken():
    assert read_email("o'neill+rota@quill-care.co.uk") == "o'neill+rota@quill-care.co.uk"
