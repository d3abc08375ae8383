"""Every pattern of the code takes linear time, whatever people write: each is timed on 30 kB of the worst inputs."""

import ast
import importlib
import itertools
import pkgutil
import re
import time
from pathlib import Path

import pytest
import regex

import app
import clustering
import ideas

SIZE = 30_000
# A quadratic pattern takes seconds on this size, a linear one milliseconds.
MAX_SECONDS = 0.5
KINDS = (re.Pattern, type(regex.compile("")))
NOT_IMPORTED = ("app.migrations", "clustering.__main__", "app.demo")

REPEATED = [
    *(" ", "\n", "\t", "\r\n", "a", "A", "1", "_", "-", ".", ",", ";", ":", "!", "?", "@", "&", "#", "<", ">", "/"),
    *("\\", "{", "}", "{{ ", "[", "]", "(", ")", "*", "`", "~", "|", "'", '"', "’", "“", "”", "«", "»", "« ", "…"),
    *("\u00a0", "\u202f", "é", "\u0301", "\u0315\u0300", "\u200d", "\u3164", "\ud83d", "\u00c2", "\x00", "a@", "a."),
    *("@a", "a_", "a-", "<a", "</a", "&a", "&#1", "http://", "www.", "http://a)", "1:1 ", "1:", "'a_", "et ", "ou la "),
    *("a b ", "a. ", "1. ", ". ", "h1>", "<h1"),
]
BEFORE = ["", "{{", "«", "“", "a@", "<a", "&", "'", '"', "http://", "'a_", "["]
TEXTS = [*itertools.product([""], REPEATED, ["", "!"]), *itertools.product(BEFORE, [" ", "a", "."], ["\x01"])]


def modules():
    for package in (app, ideas, clustering):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(NOT_IMPORTED):
                yield importlib.import_module(found.name)


def patterns():
    """Each compiled pattern that a module holds, also in a dict or a tuple, and each that a call of `re` spells out."""
    found = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in within(value):
                found.setdefault((pattern.pattern, pattern.flags), (f"{module.__name__}.{name}", pattern))
        for pattern in written_inline(Path(module.__file__)):
            found.setdefault((pattern.pattern, pattern.flags), (f"{module.__name__}.inline", pattern))
    return list(found.values())


def within(value):
    if isinstance(value, KINDS):
        return [value] if isinstance(value.pattern, str) else []
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple, set, frozenset)):
        return []
    return [pattern for each in value for pattern in within(each)]


def written_inline(path):
    for node in ast.walk(ast.parse(path.read_text())):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if not (is_call and isinstance(node.func.value, ast.Name) and node.func.value.id in {"re", "regex"}):
            continue
        if node.func.attr in {"match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"}:
            first = node.args[0]
            assert isinstance(first, ast.Constant), f"compile it by name: {path}:{node.lineno}"
            yield (re if node.func.value.id == "re" else regex).compile(first.value)


PATTERNS = patterns()
SOURCES = {name: Path(importlib.import_module(name.rpartition(".")[0]).__file__).read_text() for name, _ in PATTERNS}


def test_patterns_are_found_wherever_they_are():
    """Also the one that was cubic: four thousand spaces after two braces took 83 seconds."""
    names = {name for name, _ in PATTERNS}
    assert {
        "ideas.answers.debriefs.blocks.TOKEN",
        "ideas.text._BLANK_LINES",
        "app.web.pages.rendering._QUOTED",
    } <= names
    assert len(names) > 30


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_a_pattern_takes_linear_time_on_the_worst_text(name, pattern):
    # A pattern that is only asked about a whole text begins at one place.
    searched = not re.search(rf"\b{name.rpartition('.')[2]}\.fullmatch\(", SOURCES[name])
    for before, repeated, after in TEXTS:
        text = before + (repeated * (SIZE // len(repeated))) + after
        begun = time.process_time()
        pattern.fullmatch(text)
        if searched:
            for _ in pattern.finditer(text):
                pass
        taken = time.process_time() - begun
        assert taken < MAX_SECONDS, (before, repeated, after, taken)
