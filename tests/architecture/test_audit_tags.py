"""The vocabulary of the audit: every tag that code writes is listed by a slice, and every listed one is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.architecture.test_measures import Module, listed, modules
from wsgi import SLICES

TAG = re.compile(r"[a-z_]+:[a-z_]+")
TAGS = {tag.name: tag for part in SLICES for tag in part.tags}
PERMISSIONS = {permission.name for part in SLICES for permission in part.permissions}  # written alike


def calls_of(module: Module, *names: str) -> Iterator[ast.Call]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in names:
            yield node


# Texts written like tags that name something else: permissions, kinds of letters and of long work.
OTHERWISE = (
    "Tag",
    "Permission",
    "allows",
    "require",
    "may",
    "Panel",
    "NavigationItem",
    "PageLink",
    "Letter",
    "Topic",
    "TaskKind",
    "FileKind",
)
LETTERS = ("letters", "messages")


@cache
def written() -> tuple[tuple[str, int, str], ...]:
    """Every text in the code that is written like a tag and is neither a declaration nor something else."""
    return tuple(found for module in modules() if may_write_tags(module) for found in written_in(module))


def may_write_tags(module: Module) -> bool:
    return not module.name.endswith(LETTERS) and not module.name.startswith(("app.http.", "app.ui."))


def written_in(module: Module) -> Iterator[tuple[str, int, str]]:
    apart = {text for call in calls_of(module, *OTHERWISE) for text in ast.walk(call)}
    for node in module.nodes:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart
        if is_text and TAG.fullmatch(node.value):
            yield module.path, node.lineno, node.value


@cache
def recorded_prefixes() -> tuple[tuple[str, int, str], ...]:
    """Tags put together from a noun and a state: the noun and its colon."""
    return tuple(found for module in modules() for found in prefixes_in(module))


def prefixes_in(module: Module) -> Iterator[tuple[str, int, str]]:
    for call in calls_of(module, "record", "record_each", "record_told", "move", "_move"):
        for tag in call.args:
            if isinstance(tag, ast.JoinedStr) and isinstance(tag.values[0], ast.Constant):
                yield module.path, call.lineno, str(tag.values[0].value)


def test_every_tag_that_code_writes_is_declared():
    known = TAGS.keys() | PERMISSIONS
    faults = [f"{path}:{line} {text}" for path, line, text in written() if text not in known]
    assert not faults, listed("List these in the slice.py of their slice:", faults)


def test_a_tag_put_together_has_declared_ones_to_lead_to():
    faults = [
        f"{path}:{line} {prefix}"
        for path, line, prefix in recorded_prefixes()
        if not prefix.endswith(":") or not any(name.startswith(prefix) for name in TAGS)
    ]
    assert not faults


def test_every_declared_tag_is_written_somewhere():
    used = {text for _, _, text in written()}
    prefixes = tuple(prefix for _, _, prefix in recorded_prefixes())
    faults = [name for name in sorted(TAGS) if name not in used and not (prefixes and name.startswith(prefixes))]
    assert not faults, listed("Nothing records these:", faults)


def test_every_tag_s_sentence_can_be_read_in_a_timeline():
    """A timeline sets it as a line of its own: a capital letter, no full stop."""
    faults = [tag.name for tag in TAGS.values() if not re.fullmatch(r"[A-Z].*[^.]", tag.sentence)]
    assert not faults


def test_no_tag_shows_a_price_to_anyone_but_the_auditor():
    """Before a deadline the audit holds a digest of a price; after it, prices are read where they belong."""
    faults = [
        f"{tag.name}: {fact}"
        for tag in TAGS.values()
        if tag.name.startswith("response:")
        for facts in tag.shown.values()
        for fact in facts
        if "price" in fact and "digest" not in fact
    ]
    assert not faults
