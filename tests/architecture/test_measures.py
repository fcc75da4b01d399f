"""The measures of the house: how long things may be, who commits, what rules may know, and which words are used.

Everything here reads the source as text or as a syntax tree and starts nothing, so it says the same on every machine.
The measures hold for the product's own modules; tests and migrations are measured by their readers.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
AREAS = ("app", "marketplace", "brokerage", "contracts", "demo")
SINGLE_MODULES = ("config.py", "wsgi.py")

LONGEST_FUNCTION, USUAL_FUNCTION, MIDDLE_FUNCTION = 40, 20, 8
LONGEST_FILE, USUAL_FILE = 400, 250
USUALLY = 0.9

type_of_function = (ast.FunctionDef, ast.AsyncFunctionDef)


# ------------------------------------------------------------------------------------------------- the source


@dataclass(frozen=True)
class Module:
    """One Python file of the product."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name by which it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """The dotted name of the package that it stands in."""
        return self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of its tree: a walk takes long, and nearly every measure begins with one."""
        return tuple(ast.walk(self.tree))

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the product, in a steady order."""
    files = [file for area in AREAS for file in sorted((ROOT / area).rglob("*.py"))]
    files += [ROOT / name for name in SINGLE_MODULES if (ROOT / name).exists()]
    return tuple(parsed(file) for file in files)


def parsed(file: Path) -> Module:
    text = file.read_text("utf-8")
    return Module(file.relative_to(ROOT).as_posix(), text, ast.parse(text, str(file)))


@cache
def templates() -> tuple[tuple[str, str], ...]:
    """Every page template of the product: its path and its text."""
    files = [file for area in AREAS for file in sorted((ROOT / area).rglob("templates/**/*.*"))]
    return tuple((file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files if file.is_file())


def functions() -> Iterator[tuple[str, int]]:
    """Every function, as "path:line name", with its length from `def` to its last line, docstring included."""
    for module in modules():
        for node in module.nodes:
            if isinstance(node, type_of_function):
                yield f"{module.path}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def share_within(limit: int, lengths: list[int]) -> float:
    return sum(length <= limit for length in lengths) / len(lengths) if lengths else 1.0


def listed(title: str, faults: list[str]) -> str:
    return "\n".join([title, *(f"  {fault}" for fault in faults)])


# --------------------------------------------------------------------------------------------------- the size


def test_no_function_is_longer_than_forty_lines():
    faults = [f"{length} lines: {place}" for place, length in functions() if length > LONGEST_FUNCTION]
    assert not faults, listed("Split these functions by what they do:", sorted(faults, reverse=True))


def test_nine_functions_in_ten_fit_into_twenty_lines():
    found = list(functions())
    long_ones = sorted(
        (f"{length:3} lines: {place}" for place, length in found if length > USUAL_FUNCTION), reverse=True
    )
    share = share_within(USUAL_FUNCTION, [length for _, length in found])
    assert share >= USUALLY, listed(f"Only {share:.1%} of functions fit into {USUAL_FUNCTION} lines:", long_ones)


def test_half_of_all_functions_fit_into_eight_lines():
    lengths = [length for _, length in functions()] or [0]
    assert median(lengths) <= MIDDLE_FUNCTION


def test_no_file_is_longer_than_four_hundred_lines():
    faults = [f"{module.lines} lines: {module.path}" for module in modules() if module.lines > LONGEST_FILE]
    assert not faults, listed("Split these files by noun:", faults)


def test_nine_files_in_ten_fit_into_two_hundred_and_fifty_lines():
    long_ones = [f"{module.lines} lines: {module.path}" for module in modules() if module.lines > USUAL_FILE]
    share = share_within(USUAL_FILE, [module.lines for module in modules()])
    assert share >= USUALLY, listed(f"Only {share:.1%} of files fit into {USUAL_FILE} lines:", long_ones)


# ------------------------------------------------------------------------------------------------- the manners


def test_every_module_says_what_it_is():
    faults = [module.path for module in modules() if not (ast.get_docstring(module.tree) or "").strip()]
    assert not faults, listed("These modules have no docstring:", faults)


def test_every_folder_of_modules_is_a_package():
    folders = {(ROOT / module.path).parent for module in modules()} - {ROOT}
    faults = [
        folder.relative_to(ROOT).as_posix() for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ]
    assert not faults, listed("Without an __init__.py that says what it is, the import contracts do not see:", faults)


def test_nothing_is_marked_as_still_to_be_done():
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    sources = [(module.path, module.text) for module in modules()] + list(templates())
    faults = [
        f"{path}:{number} {line.strip()}"
        for path, text in sources
        for number, line in enumerate(text.splitlines(), 1)
        if mark.search(line)
    ]
    assert not faults, listed("Do it, or raise it elsewhere:", faults)


# Who may end a transaction: the one place of all requests, the one of the items of jobs, and what is run by itself:
# commands, and the floor's own background work.
EDGES = (
    "app/http/transaction.py",
    "app/database/sweep.py",
    "app/tasks/",
    "app/messages/",
    "app/audit/jobs.py",
    "app/auth/jobs.py",
    "app/accounts/jobs.py",
    "app/pages/audit_head.py",
    "app/scheduler.py",
    "app/cli.py",
    "demo/",
)


def is_edge(module: Module) -> bool:
    """Whether the module may end a transaction."""
    return module.path.startswith(EDGES) or module.path.endswith("/commands.py")


def commits(module: Module) -> Iterator[int]:
    """The lines on which the module commits a session, or leaves that to a `begin()` block."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in {"commit", "begin"} and owner.split(".")[-1].endswith("session"):
                yield node.lineno


def test_only_the_edges_commit():
    faults = [f"{module.path}:{line}" for module in modules() if not is_edge(module) for line in commits(module)]
    assert not faults, listed(
        "A request is committed in app/http/transaction.py, an item of a job in app/database/sweep.py:", faults
    )


# --------------------------------------------------------------------------------------------------- the rules


def imported_names(module: Module) -> Iterator[tuple[int, str]]:
    """Every import of a module, as a line and a dotted name, relative ones made absolute."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute_base(module, node)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def absolute_base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.package.split(".")
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def module_called(dotted: str) -> Module | None:
    """The product's module that a dotted name leads to: the module itself, or the one that holds the name."""
    by_name = {module.name: module for module in modules()}
    return by_name.get(dotted) or by_name.get(dotted.rpartition(".")[0])


def is_rules(module: Module) -> bool:
    return "rules" in {word for part in module.name.split(".") for word in part.split("_")}


DECLARING = ("app.imports.columns", "app.imports.readers", "app.imports.tables")


@cache
def pure() -> tuple[tuple[Module, ...], tuple[tuple[Module, int, str], ...]]:
    """The circle of the pure: every rules module with what it imports; and every import that leads out of the circle.

    A module that rules import, of their own slice or of a lower one, is held to the measure of rules itself, and so is
    what that one imports. Of the floor, rules of the areas know app.values and how columns of a file are declared.
    """
    waiting = [module for module in modules() if is_rules(module)]
    circle: dict[str, Module] = {}
    leaving: list[tuple[Module, int, str]] = []
    while waiting:
        module = waiting.pop()
        if module.name in circle:
            continue
        circle[module.name] = module
        for line, dotted in imported_names(module):
            target = module_called(dotted)
            if target and (
                target.package == module.package or not target.name.startswith("app") or target.name in DECLARING
            ):
                waiting.append(target)
            else:
                leaving.append((module, line, dotted))
    return tuple(circle.values()), tuple(leaving)


def test_rules_reach_only_the_standard_library_values_and_other_pure_modules():
    faults = [
        f"{module.path}:{line} imports {dotted}"
        for module, line, dotted in pure()[1]
        if dotted.split(".")[0] not in sys.stdlib_module_names and not f"{dotted}.".startswith("app.values.")
    ]
    assert not faults, listed("Give rules what they need as arguments:", sorted(faults))


IMPURE = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "uuid4",
    "os.environ",
    "open(",
)


def test_rules_ask_neither_the_clock_nor_chance():
    faults = [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in pure()[0]
        for node in module.nodes
        if isinstance(node, ast.Call) and is_impure(ast.unparse(node.func))
    ]
    assert not faults, listed("Give rules the time and the draw as arguments:", faults)


def is_impure(called: str) -> bool:
    return f"{called}(".endswith(tuple(f"{mark.removesuffix('(')}(" for mark in IMPURE)) or called.startswith(
        ("random.", "secrets.", "os.environ")
    )


# --------------------------------------------------------------------------------------------------- the words


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is not used, the one to use, where that holds, and in which phrases the word is right after all.

    `names` and `pages` say whether identifiers and visible texts are read for it; `under` narrows it to one folder.
    A phrase is written in small letters with spaces; it covers the identifier or the text in which it stands.
    """

    not_this: str
    say: str
    right_in: tuple[str, ...] = ()
    names: bool = True
    pages: bool = True
    under: str = ""


WORDS = (
    Word("supplier suppliers vendor vendors bidder bidders", "provider"),
    Word("agency agencies", "provider", right_in=("inter agency",)),
    Word("client clients", "person", right_in=("client secret", "client id")),
    Word("customer customers patient patients", "person"),
    Word("case cases", "person", right_in=("upper case", "lower case", "in case", "in any case", "in this case")),
    Word("requirement requirements", "package"),
    # A job in a name is work that the machine does by itself; on a page it would be a package.
    Word("job jobs", "package", names=False),
    Word(
        "order orders",
        "package, or purchase order",
        names=False,
        right_in=(
            "purchase order",
            "purchase orders",
            "in order",
            "order of",
            "order in which",
            "in this order",
            "in that order",
            "sort order",
            "the order they",
        ),
    ),
    Word("tender tenders brief briefs", "offer"),
    # Users are invited to have an account; providers get offers. The slice that says who gets one has its own name.
    *(
        Word("invitation invitations", "offer", right_in=("marketplace invitations",), under=area)
        for area in ("marketplace", "contracts", "brokerage")
    ),
    Word("bid bids bidding quote quotes quotation quotations", "response"),
    Word("reject rejects rejected", "decline", under="marketplace/answers"),
    Word("deny denies denied", "decline (a provider), refuse (a council)"),
    Word("allocate allocates allocated", "award"),
    Word("win wins", "award", pages=False),
    # The area is called contracts and its users contract managers; a person's own care rests on an agreement.
    Word(
        "contract",
        "agreement",
        right_in=(
            "contract from",  # the instant from which an agreement binds, in the words of the law
            "contract manager",
            "contract managers",
            "contract management",
            "user choice contract",
            "framework contract",
        ),
    ),
    Word(
        "call calls",
        "visit",
        right_in=("call off", "call offs", "call us", "call monitoring", "call number", "frustrated call"),
    ),
    Word("shift shifts appointment appointments", "visit"),
    Word("enrolled enrolment accredited", "member, membership"),
    # A social worker refers people; a worker of the machine runs tasks; who visits is a carer.
    Word(
        "worker workers",
        "carer",
        right_in=("social worker", "social workers", "web worker", "web workers", "task worker", "task workers"),
    ),
    Word("staff", "carer", right_in=("council staff", "member of staff", "office staff")),
    Word("assessment assessments", "review", under="contracts/reviews"),
    Word("dps", "scheme", right_in=("pseudo dps",), pages=False),
    Word(
        "framework frameworks",
        "scheme",
        right_in=(
            "open framework",
            "open frameworks",
            "framework contract",
            "framework agreement",
            "the framework regime",
        ),
    ),
)

# Names of modules that say nothing of what is in them.
EMPTY_MODULE_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "misc",
    "core",
    "base_utils",
}
# A regime is quoted by its own name: Regime.DPS, Regime.OPEN_FRAMEWORK. So are the columns of a file: "supplier_name"
# is a text there, not a name, and texts in code are not read.
REGIMES = {"DPS", "PDPS", "FRAMEWORK", "OPEN_FRAMEWORK", "USER_CHOICE_CONTRACT"}


def is_quoted(name: str) -> bool:
    """Whether a name is not ours to choose: Python's own (__call__), or a regime's (PCR2015_DPS)."""
    return name.startswith("__") or (name.isupper() and any(name.endswith(regime) for regime in REGIMES))


def spelled_out(name: str) -> str:
    """An identifier as words: awardRoute, AwardRoute and award_route all give "award route"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.split(r"[\W_]+", apart)).lower().strip()


def wrong_words(text: str, path: str, *, on_page: bool) -> Iterator[str]:
    """The words of a text that the glossary replaces, each with the word to use."""
    for word in WORDS:
        if (word.pages if on_page else word.names) and path.startswith(word.under):
            said = [found for found in word.not_this.split() if f" {found} " in f" {text} "]
            left = without_phrases(text, word.right_in) if said else ""
            yield from (f'"{found}": say {word.say}' for found in said if f" {found} " in f" {left} ")


def without_phrases(text: str, phrases: tuple[str, ...]) -> str:
    for phrase in sorted(phrases, key=len, reverse=True):
        text = re.sub(rf"\b{phrase}\b", "·", text)
    return text


def defined_names(module: Module) -> Iterator[tuple[int, str]]:
    """The names that a module gives: functions, classes, arguments, variables, fields. Borrowed names are not its."""
    for node in module.nodes:
        if isinstance(node, (*type_of_function, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def test_names_in_code_use_the_words_of_the_glossary():
    faults = {
        f"{module.path}:{line} {name}: {fault}"
        for module in modules()
        for line, name in defined_names(module)
        if not is_quoted(name)
        for fault in wrong_words(spelled_out(name), module.path, on_page=False)
    }
    assert not faults, listed("These names use a word that the glossary replaces:", sorted(faults))


def test_modules_are_named_for_what_is_in_them():
    faults = [module.path for module in modules() if set(module.name.split(".")) & EMPTY_MODULE_NAMES]
    faults += [
        f"{module.path}: {fault}"
        for module in modules()
        for fault in wrong_words(spelled_out(module.name.replace(".", " · ")), module.path, on_page=False)
    ]
    assert not faults, listed("Name these modules for the noun in them:", faults)


class VisibleText(HTMLParser):
    """Collects what a reader of a page sees or hears."""

    SPOKEN = ("alt", "title", "placeholder", "aria-label", "aria-description")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in {"script", "style"}
        self.texts.extend(value for name, value in attrs if name in self.SPOKEN and value)

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA_CODE = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
JINJA_TEXT = re.compile(r'"([^"\n]*)"|\'([^\'\n]*)\'')


def visible_texts(template: str) -> list[str]:
    """What a template shows: its text, and the sentences that it hands to macros.

    A text inside Jinja's brackets counts when it looks written for a reader: it starts with a capital or has a space.
    """
    template = JINJA_COMMENT.sub(" ", template)
    quoted = [one or other for code in JINJA_CODE.findall(template) for one, other in JINJA_TEXT.findall(code)]
    parser = VisibleText()
    parser.feed(JINJA_CODE.sub(" · ", template))
    parser.close()
    return parser.texts + [text for text in quoted if text[:1].isupper() or (" " in text and not looks_like_code(text))]


def looks_like_code(text: str) -> bool:
    """Class lists such as "govuk-grid-column-full app-offer" are not read by anybody."""
    return all("-" in part or "_" in part for part in text.split())


def test_pages_use_the_words_of_the_glossary():
    faults = {
        f"{path}: {fault}"
        for path, template in templates()
        for text in visible_texts(template)
        for fault in wrong_words(" ".join(re.split(r"[\W_]+", text)).lower(), path, on_page=True)
    }
    assert not faults, listed("These pages use a word that the glossary replaces:", sorted(faults))


# -------------------------------------------------------------------------------- the measures measure something


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("supplier_name", True),
        ("BidderList", True),
        ("maxBid", True),
        ("forbidden", False),
        ("contract_manager", False),
        ("contract_end", True),
        ("call_off", False),
        ("morning_call", True),
        ("callback", False),
        ("allocation", False),
        ("allocate_all", True),
        ("social_worker", False),
        ("order_by", False),
    ],
)
def test_a_forbidden_word_is_found_as_a_word_and_only_where_it_is_wrong(name, found):
    assert bool(list(wrong_words(spelled_out(name), "marketplace/answers/rules.py", on_page=False))) is found


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Your bid was sent.</p>", True),
        ("{{ govukButton({'text': 'Place bid'}) }}", True),
        ('<img alt="The client at home">', True),
        ("{# the bid of old systems #}<p>Your response was sent.</p>", False),
        ("<p class='bid'>{{ bid.total }}</p>", False),
        ("<script>const bid = 1;</script>", False),
        ("<p>Raise a purchase order</p>", False),
        ("<p>Raise an order</p>", True),
        ("<p>Ask the contract manager</p>", False),
    ],
)
def test_a_forbidden_word_is_found_where_a_reader_would_see_it(template, found):
    seen = [" ".join(re.split(r"[\W_]+", text)).lower() for text in visible_texts(template)]
    assert any(list(wrong_words(text, "app/templates/x.html", on_page=True)) for text in seen) is found


def test_python_and_the_law_choose_their_own_names():
    assert is_quoted("__call__")
    assert is_quoted("PCR2015_DPS")
    assert not is_quoted("call")
    assert not is_quoted("dps")


def test_a_commit_is_seen_where_it_stands():
    module = Module("marketplace/rounds/services.py", "", ast.parse("def f(db):\n    db.session.commit()\n"))
    assert list(commits(module)) == [2]
    assert not is_edge(module)
    assert not is_edge(Module("marketplace/rounds/routes.py", "", ast.parse("")))
    assert is_edge(Module("app/http/transaction.py", "", ast.parse("")))
    assert is_edge(Module("marketplace/rounds/commands.py", "", ast.parse("")))


def test_a_relative_import_is_followed_to_its_module():
    module = Module(
        "marketplace/rounds/rules.py", "", ast.parse("from .models import Offer\nfrom app.values import Money\n")
    )
    assert [dotted for _, dotted in imported_names(module)] == ["marketplace.rounds.models.Offer", "app.values.Money"]
