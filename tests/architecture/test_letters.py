"""Every letter that the system sends: its file and its declaration, how it reads, and whom it may name.

The application is built and nothing is asked of its database.
"""

from __future__ import annotations

import re

import pytest
from jinja2 import nodes

import wsgi
from app.messages.templates import ENVIRONMENT, LONGEST_SUBJECT, notes_of, source_of
from config import Config
from tests.architecture.test_measures import AREAS, ROOT, listed

IN_SUBJECTS = {"agreement", "award", "count", "deadline", "outcome", "package", "reference"}
"""What may stand in a subject, which travels in the head of an email and becomes the title of a page: references, times
and counts. Whoever adds a word here is sure that it never names anybody."""
OF_PERSONS = re.compile(
    r"person|nhs|birth|born|address|postcode|known_as|gender|phone_number|price(?!_weight)|pence|email"
)


@pytest.fixture(scope="module")
def letters():
    return wsgi.build(Config(database_url="sqlite://", secret_key="for tests only", testing=True)).letters


def words_in(text: str) -> set[str]:
    """The names and attributes that a template asks for."""
    tree = ENVIRONMENT.parse(text)
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    return names | {node.attr for node in tree.find_all(nodes.Getattr)}


def test_every_letter_reads_well_with_its_example(letters):
    for template in letters:
        letter = template.sample()
        text = f"{letter.subject}\n\n{letter.body}"
        assert 0 < len(letter.subject) < LONGEST_SUBJECT, template.name
        assert "\n" not in letter.subject, template.name
        assert letter.body[0].isupper(), template.name
        assert letter.body == letter.body.strip(), template.name
        faults = re.findall(r"\n{3,}|  |\{|None|Undefined|\.\.", text)
        assert not faults, f"{template.name}: {faults}"


def test_every_file_of_a_letter_is_declared_and_every_declaration_has_its_file(letters):
    written = {path.relative_to(ROOT).as_posix() for area in AREAS for path in (ROOT / area).rglob("letters/*.txt")}
    declared = {f"{template.folder.replace('.', '/')}/{template.name}.txt" for template in letters}
    assert not written ^ declared, listed("Without a file, or without a declaration in `letters`:", written ^ declared)


def test_every_letter_has_a_name_of_its_own_and_says_when_and_to_whom(letters):
    names = [template.name for template in letters]
    assert len(names) == len(set(names))
    noted = {name for folder in {template.folder for template in letters} for name in notes_of(folder)}
    assert noted - {"example"} == set(names), "about.toml speaks of each letter of its folder, and of no other"
    assert all(set(template.sent) == {"when", "to"} and template.sent["to"][:1].isupper() for template in letters)


def test_letters_of_one_kind_can_be_chosen_together_or_not_at_all(letters):
    topics = {(template.kind, template.topic) for template in letters}
    assert len(topics) == len({kind for kind, _ in topics})
    assert len({topic for _, topic in topics}) == len({topic.name if topic else None for _, topic in topics})


def test_no_subject_can_name_anybody(letters):
    faults = [
        f"{template.name}: {', '.join(sorted(words))}"
        for template in letters
        if (words := words_in(source_of(template.folder, template.name)[0]) - IN_SUBJECTS)
    ]
    assert not faults, listed("Subjects hold references, times and counts only:", faults)


def test_no_letter_asks_for_what_identifies_a_person_or_for_a_price(letters):
    faults = [
        f"{template.name}: {word}"
        for template in letters
        for word in words_in(source_of(template.folder, template.name)[1])
        if OF_PERSONS.search(word)
    ]
    assert not faults, listed("Email is read by many machines:", faults)
