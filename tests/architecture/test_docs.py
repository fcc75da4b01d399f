"""What is written about Homeward is true: links lead somewhere, named functions exist, commands are real.

Everything here reads files and starts nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.test_measures import AREAS, ROOT, listed

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "app/**/*.md", "demo/**/*.md", "marketplace/**/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)((?:,? `[A-Za-z_]+`)*)")
PICTURE = re.compile(r'<img src="([^"]+)"')
NAME = re.compile(r"`([A-Za-z_]+)`")
COMMAND = re.compile(r"(?:^|`|\s)make(?: [A-Z]+=\S+)* ([a-z][a-z-]*)")
INLINE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

# Places of one machine, registries, and words about how the text came to be: no reader has any use for them.
FOREIGN = re.compile(
    r"/(?:work|root|tmp|home)/|\.\./shared|pypi\.org|registry\.npmjs|files\.pythonhosted"
    r"|\b(?:AI|LLM|Claude|GPT|sub-?agent|seed documents?)\b|\b(?:issue|session|ticket) #?[0-9]+\b"
)


def links() -> Iterator[tuple[Path, str, list[str]]]:
    """Every link of every page that stays in the repository, with the names that stand right behind it."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for target, names in [*LINK.findall(text), *((source, "") for source in PICTURE.findall(text))]:
            if not target.startswith(("http://", "https://", "mailto:")):
                yield page, target, NAME.findall(names)


@cache
def names_in(file: Path) -> frozenset[str]:
    """The functions, classes and constants that a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return frozenset(found)


def label(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages_and_links_to_look_at():
    assert {"README.md", "CHANGELOG.md", "docs/tour.md", "docs/adr/README.md"} <= {label(page) for page in PAGES}
    assert len(list(links())) > 100


def test_every_link_leads_to_a_file_of_the_repository():
    faults = [
        f"{label(page)}: {target}"
        for page, target, _ in links()
        if not (page.parent / target.partition("#")[0]).resolve().is_relative_to(ROOT)
        or not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not faults, listed("These links lead nowhere:", faults)


def test_links_name_functions_and_not_lines():
    faults = [f"{label(page)}: {target}" for page, target, _ in links() if re.search(r"#L[0-9]", target)]
    assert not faults, listed("Lines move; name the function behind the link instead:", faults)


def test_a_function_named_behind_a_link_is_in_the_file():
    faults = [
        f"{label(page)}: {target} has no {name}"
        for page, target, names in links()
        if target.endswith(".py") and (file := page.parent / target).exists()
        for name in names
        if name not in names_in(file.resolve())
    ]
    assert not faults, listed("These functions are somewhere else now:", faults)


def test_the_tour_names_where_to_start_in_every_module_of_the_product():
    tour = ROOT / "docs" / "tour.md"
    faults = [
        target
        for page, target, names in links()
        if page == tour and target.endswith(".py") and "/tests/" not in target and not names
    ]
    assert not faults, listed("Name a function behind these links:", faults)


def test_every_decision_is_in_the_index_and_numbered_once():
    files = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    index = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    for name in files:
        heading = (ROOT / "docs" / "adr" / name).read_text("utf-8").splitlines()[0]
        number, _, title = heading.removeprefix("# ").partition(". ")
        assert f"| {number} | [{title}]({name}) |" in index


def commands_in(text: str) -> Iterator[str]:
    """What a page shows as code."""
    yield from (line for block in BLOCK.findall(text) for line in block.splitlines())
    yield from INLINE.findall(BLOCK.sub("", text))


def test_every_make_target_that_a_page_names_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    faults = [
        f"{label(page)}: make {target}"
        for page in PAGES
        for code in commands_in(page.read_text("utf-8"))
        for target in COMMAND.findall(code)
        if target not in targets
    ]
    assert not faults, listed("make does not know these:", faults)


def test_pages_name_no_foreign_places():
    faults = [f"{label(page)}: {found[0]}" for page in PAGES if (found := FOREIGN.search(page.read_text("utf-8")))]
    assert not faults, listed("A reader of the repository has no use for these:", faults)


def test_pictures_are_small_and_all_of_them_are_shown():
    shown = {(page.parent / target).resolve() for page, target, _ in links() if target.endswith(".png")}
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    faults = [label(picture) for picture in pictures if picture.stat().st_size > 200_000 or picture not in shown]
    assert not faults, listed("Too large, or shown on no page:", faults)


@pytest.mark.parametrize(
    ("text", "target", "names"),
    [
        ("[a](b.py) `one`, `two`; and `three`", "b.py", ["one", "two"]),
        ("![a picture](b.png)", "b.png", []),
        ("[a](b.py#L10)", "b.py#L10", []),
    ],
)
def test_a_link_is_read_with_the_names_behind_it(text, target, names):
    found = LINK.search(text)
    assert found
    assert (found[1], NAME.findall(found[2])) == (target, names)


@pytest.mark.parametrize(("text", "found"), [("PORT=1 make demo", ["demo"]), ("to make it", ["it"]), ("remake", [])])
def test_a_make_target_is_found_in_code(text, found):
    assert COMMAND.findall(text) == found


@pytest.mark.parametrize(("text", "found"), [("see /tmp/somewhere", True), ("the AI did", True), ("AIR", False)])
def test_foreign_words_are_found_as_words(text, found):
    assert bool(FOREIGN.search(text)) is found


CITED = re.compile(r"\((?:rules? )?[A-JS]\d{1,2}(?:(?:, | and |–| to )[A-JS]\d{1,2})*\)|\brules? [A-JS]\d{1,2}[^.)]*")


def test_every_rule_that_is_cited_is_explained_and_no_other():
    cited = {
        number
        for area in (*AREAS, "demo", "tests")
        for path in sorted((ROOT / area).rglob("*.py"))
        for found in CITED.findall(path.read_text("utf-8"))
        for number in re.findall(r"\b[A-JS]\d{1,2}\b", found)
    }
    explained = re.findall(r"^\| ([A-Z]\d{1,2}) \|", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.M)
    assert sorted(cited) == sorted(explained)
