"""The sentences of the command line."""

import ast
import inspect
import re
from pathlib import Path
from string import Formatter

import pytest

import clustering
from clustering.errors import ClusteringError
from clustering.messages import FRENCH, message_of, terminal_language


def raised():
    """Yields the code and the names of the parameters of every error that clustering makes."""
    for path in Path(inspect.getfile(clustering)).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                if isinstance(given.get("code"), ast.Constant):
                    added = {"path", "folder"} if ast.unparse(call.func) == "_unwritable" else set()
                    yield given["code"].value, set(given) | added


def test_every_error_has_a_french_sentence():
    assert {code for code, _ in raised()} == set(FRENCH)


def test_a_french_sentence_uses_only_what_the_error_carries():
    places = {code: {name for _, name, _, _ in Formatter().parse(text) if name} for code, text in FRENCH.items()}
    assert [(code, names) for code, names in raised() if not places[code] <= names] == []


def test_a_french_sentence_is_typeset():
    for text in FRENCH.values():
        assert not re.search(r"[^\u202f][;?!»]|[^\u00a0]:|'|\.\.\.", text), text


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "fr_BE.UTF-8"}, "fr"),
        ({"LC_ALL": "", "LC_MESSAGES": "fr", "LANG": "de_DE"}, "fr"),
        ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environ, lang):
    assert terminal_language(environ) == lang


def test_an_error_without_a_french_sentence_is_in_english():
    assert message_of(ClusteringError("Something.", code="new"), "fr") == "Something."
