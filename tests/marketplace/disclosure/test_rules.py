"""What gives away who a person is, and what does not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.disclosure.known import Record
from marketplace.disclosure.plain import FindingKind
from marketplace.disclosure.rules import findings_in, questions, refused
from tests.marketplace.disclosure.judged import BUILT_WITH, MET_LATER, judged, precision_and_recall


def named(*names):
    return Record(names=names)


def kinds(text, *names):
    return [finding.kind for finding in findings_in(text, named(*names))]


TELEPHONES = [
    "07700 900556", "07700900556", "0 7 7 0 0 9 0 0 5 5 6", "+44 7700 900556", "+447700900556", "+44 (0)7700 900556",
    "0044 7700 900556", "(01632) 960169", "01632-960169", "01632.960169", "01632/960169", "020 7946 0018",
    "0207 946 0018", "(020) 7946 0018", "0800 111222", "44 7700 900556", "7700 900556", "07700\u00a0900\u00a0556",
    "07700–900–556", "07700‑900556", "0770\u200b0900\u200b556", "０７７００ ９００５５６", "٠٧٧٠٠٩٠٠٥٥٦", "O77OO 9OO556",
    "07700, 900556", "07700_900_556", "07700\n900556", "+353 1 234 5678", "tel:07700900556x2",
    "zero seven seven zero zero nine zero zero five five six", "017683 71234", "+44 1632 960169", "01772 12345", "0777 0900556", "07700*900*556", "0800 222 333", "0909 8790123",
]  # fmt: skip


@pytest.mark.parametrize("number", TELEPHONES)
def test_a_telephone_number_is_refused_however_it_is_dressed(number):
    text = f"Ring the daughter on {number}, after 5."
    findings = findings_in(text)
    assert [finding.kind for finding in findings] == [FindingKind.TELEPHONE]
    assert refused(findings) == findings
    assert len(findings[0].found) >= len(number) - 10


POSTCODES = [
    "PR1 8XJ", "pr1 8xj", "PR18XJ", "pr18xj", "Pr1 8xJ", "PR1-8XJ", "PR1  8XJ", "PR1\u00a08XJ", "PR1 8\u200bXJ", "N1P 1AA",
    "W1A 1AA", "EC1A1BB", "GIR 0AA", "M1 1AE", "PR1 OXJ", "PR1.8XJ", "PR1/8XJ", "PR1 8 XJ", "PR 1 8XJ", "P R 1 8 X J", "ＰＲ１ ８ＸＪ", "PR1\n8XJ", "PR1 8\u00adXJ",
]  # fmt: skip


@pytest.mark.parametrize("postcode", POSTCODES)
def test_a_full_postcode_is_refused_however_it_is_dressed(postcode):
    assert kinds(f"Lives at {postcode}. Key safe.") == [FindingKind.POSTCODE]


NHS_NUMBERS = [
    "943 476 5919", "9434765919", "943-476-5919", "943\u00a0476\u00a05919", "943.476.5919", "94347 65919",
    "٩٤٣٤٧٦٥٩١٩", "943 476\u200b 5919", "9990000018",
]  # fmt: skip


@pytest.mark.parametrize("number", NHS_NUMBERS)
def test_an_nhs_number_is_refused_however_it_is_dressed(number):
    assert kinds(f"NHS no {number} (checked)") == [FindingKind.NHS_NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        "", "At 10.30 and 18.45", "B12 injections monthly", "B12 1st of the month", "Ring 3 times, then use the key",
        "COPD 2", "COPD with oxygen at 2 litres", "PR1 district", "PR1 8 sector", "Lives in PR1", "call 999 or 111",
        "since 01.02.2026, 14 days", "since 01-02-2026 and 2026-03-04 0830", "07:30-09:30 45x1",
        "Mon-Sun 07:00-10:00 30x2; 18:00-21:00 45x1", "Type 2 diabetes; 4 units at 8am, 6 units at 6pm", "4 x 250ml",
        "943 476 5918", "1234567890", "0000000000", "Grade 2 pressure sore; waterlow 15", "MRSA, C5 6 injury",
        "takes 10 tablets at 8, 12, 16 and 20", "E45 cream twice daily", "O2 at night", "T2DM, CKD3, BP 120/80",
        "20 20 20 rule", "0800-1130 45", "0730-0930 45 minutes", "0900-1000 120 minutes", "Meds at 0800 1200 1600 2000",
        "H1N1 2nd", "01 12 34 56", "Reference LCC-00001", "costs £1,234,567.89", "A1C 48 mmol/mol", "one or two carers",
        "M25 2hr drive", "5 foot 10, 100kg, 3 to 4 cups", "two, three, four times", "W1 ward, bed 8",
    ],
)  # fmt: skip
def test_sensible_text_is_left_alone(text):
    assert findings_in(text, named("Farida Marsden")) == []


@pytest.mark.parametrize(
    "text",
    [
        "PARKINSON", "Parkinson's; stiff in the mornings", "Parkinson’s", "Parkinsons",
        "the Parkinsons' dog", "parkinson\u200bs", "Par\u00adkinson", "Carol-Parkinson", "Pärkinson",
    ],
)  # fmt: skip
def test_a_word_equal_to_the_persons_name_is_a_question_for_that_person(text):
    findings = findings_in(text, named("Carol Parkinson"))
    assert {finding.kind for finding in findings} == {FindingKind.NAME}
    assert questions(findings) == findings
    assert refused(findings) == []


def test_the_illness_is_no_question_for_anybody_else():
    assert findings_in("Parkinson's; stiff in the mornings", named("Farida", "Marsden")) == []


@pytest.mark.parametrize(
    ("text", "name", "hit"),
    [
        ("Zoe sings", "Zoë", True), ("Zoë sings", "ZOE", True), ("OBrien at home", "O'Brien", True),
        ("O’Brien's cat", "OBrien", True), ("Mrs Smith calls", "Ann Smith-Jones", True), ("Smithjones", "Smith-Jones", True),
        ("Lukasz naps", "Łukasz", True), ("Li rests", "Li", True), ("list of tasks", "Li", False),
        ("Jameson whiskey", "James", False), ("James' stick", "James", True), ("James's stick", "James", True),
        ("Mr and Mrs next door", "Mr Tom Hill", False), ("vitamin J", "J Smith", False), ("Strasse", "Straße", True),
        ("Kay rests", "Kay", True), ("okay", "Kay", False), ("Ahmed", "Ahmed", True), ("Ｋａｙ", "Kay", True),
        ("K4y", "Kay", False),
    ],
)  # fmt: skip
def test_names_are_compared_as_whole_words_without_case_accents_and_marks(text, name, hit):
    assert (kinds(text, name) == [FindingKind.NAME]) is hit


def test_several_findings_come_in_the_order_of_the_text_and_point_into_it():
    text = "Kay, pr1\u200b 8xj, 07700 900556 and 943 476 5919"
    findings = findings_in(text, named("Kay"))
    assert [finding.kind for finding in findings] == [
        FindingKind.NAME, FindingKind.POSTCODE, FindingKind.TELEPHONE, FindingKind.NHS_NUMBER,
    ]  # fmt: skip
    assert all(text[finding.start : finding.end] == finding.found for finding in findings)
    assert findings[1].found == "pr1\u200b 8xj"


def test_what_to_do_is_said_without_repeating_what_was_found():
    for finding in refused(findings_in("Kay, PR1 8XJ, 07700 900556 and 943 476 5919", named("Kay"))):
        assert finding.found not in finding.sentence


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["07700 900556", "PR1 8XJ", "943 476 5919"]))
def test_whatever_stands_around_it_an_identity_between_brackets_is_found(before, after, identity):
    assert refused(findings_in(f"{before} [{identity}] {after}"))


@given(st.text(alphabet="0123456789 .-()+O\n", max_size=80), st.lists(st.text(max_size=8), max_size=3))
def test_no_text_and_no_name_trips_it(text, names):
    assert all(text[finding.start : finding.end] == finding.found for finding in findings_in(text, named(*names)))


def test_a_long_text_takes_no_long_time():
    assert findings_in("0 ( " * 5000 + "one, " * 6 + "PR1 " * 5000, named("Kay")) == []


@pytest.mark.parametrize("folder", [BUILT_WITH, MET_LATER])
def test_the_sentences_that_the_rules_were_built_with_are_judged_right(folder):
    precision, recall = precision_and_recall(judged(folder))
    assert precision >= 0.98
    assert recall >= 0.95


KNOWN = Record(
    names=("Rose May Harper", "Bill"),
    representatives=("Lorraine Harper",),
    born=date(1938, 2, 11),
    address="118 Mill Lane, Skipton",
    postcode="BD23 9ZX",
    telephones=("01632 960213",),
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("push 4 then 1 then 9 and pull the handle", FindingKind.WAY_IN), ("3 + 5 together, then 1, then turn the lock", FindingKind.WAY_IN),
        ("Alarm panel in hall, 2308, be quick", FindingKind.WAY_IN), ("communal entrance - C 24 58 X", FindingKind.WAY_IN),
        ("KS2580", FindingKind.WAY_IN), ("let yourself in, it's open", FindingKind.WAY_IN),
        ("bd23 nine zed x", FindingKind.POSTCODE), ("BD23 nine z ex", FindingKind.POSTCODE), ("the end of it is 9ZX", FindingKind.POSTCODE),
        ("rose does her own hair", FindingKind.NAME), ("ring rose if late", FindingKind.NAME), ("her niece lorraine pays", FindingKind.NAME),
        ("R.H. is 88", FindingKind.INITIALS), ("118, green gate", FindingKind.ADDRESS), ("118 mill, round the back", FindingKind.ADDRESS),
        ("down mill lane to the end", FindingKind.ADDRESS), ("turn left after the church", FindingKind.ADDRESS),
        ("the bungalow with the red door", FindingKind.ADDRESS), ("her phone ends 213", FindingKind.TELEPHONE),
        ("drives a red astra, AB12 XYZ", FindingKind.OTHER_NUMBER), ("SystmOne no. 88213407", FindingKind.OTHER_NUMBER),
        ("sort code 20-11-22", FindingKind.OTHER_NUMBER), ("d.o.b. eleventh of the second thirty eight", FindingKind.BIRTH_DATE),
        ("born on Boxing Day", FindingKind.BIRTH_DATE), ("she is 89 on 11 Feb", FindingKind.BIRTH_DATE),
        ("postcode is B D 2 3 then 9 Z X", FindingKind.POSTCODE), ("double three eight oh on the key safe", FindingKind.WAY_IN),
        ("the key hangs on a nail in the dairy", FindingKind.WAY_IN), ("key is under the slate by the door", FindingKind.WAY_IN),
        ("he dont lock up, never has", FindingKind.WAY_IN), ("caravan is on the latch all day", FindingKind.WAY_IN),
        ("wk65 dzo is outside when I am in", FindingKind.OTHER_NUMBER), ("agreed under ref CHC/24/01187", FindingKind.OTHER_NUMBER),
        ("on tiktok, delroysounds39", FindingKind.WEB_ADDRESS), ("tweets as @harper_on_wheels", FindingKind.WEB_ADDRESS),
        ("last house past the pub", FindingKind.ADDRESS), ("the house with lions on the gateposts", FindingKind.ADDRESS),
        ("first on the right after the mill", FindingKind.ADDRESS), ("Armistice Day baby", FindingKind.BIRTH_DATE),
        ("Contact Bev first", FindingKind.NAME), ("Doz is what friends call her", FindingKind.NAME), ("her eldest, Moira, helps", FindingKind.NAME),
    ],
)  # fmt: skip
def test_what_people_say_in_their_own_words_is_found(text, kind):
    assert kind in {finding.kind for finding in findings_in(text, KNOWN)}


@pytest.mark.parametrize(
    "text",
    [
        "Calls 1, 2 and 3 are double handed; knock at the door", "Reposition 2, 4 and 6 hourly, push fluids 1500 ml",
        "Press the call bell; door 900 mm wide", "Meds at 0800, 1230, 1700, locked in a box", "Key safe fitted 2023, works well",
        "Please dont leave the back door unlocked", "rose tinted glasses", "a bill from the chemist", "Contact Safeguarding about bruises",
        "Turn left side at night", "Has a ramp and wide doors", "The last house call was in October",
        "carer will prompt meds", "Herbert protocol in place", "@ 8am and @ night", "Package ref LCC-00231 replaces LCC-00118",
        "Reviewed 3 times in 2026", "118 mmHg lying", "born and bred here",
    ],
)  # fmt: skip
def test_what_care_is_told_in_is_left_alone(text):
    assert findings_in(text, KNOWN) == []
