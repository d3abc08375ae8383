"""The rows of `make checks` name tests that exist, and docs/checks.md shows each of them."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.checks.rows import CHECKS

ROOT = Path(__file__).parent.parent


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_each_row_names_tests_that_exist_or_says_why_it_does_not_apply(check):
    assert bool(check.tests) != bool(check.why)
    for test in check.tests:
        path, _, name = test.partition("::")
        assert name in names_in(path), test


def test_ids_are_unique_and_the_document_shows_each_row_with_its_tests():
    assert len({check.id for check in CHECKS}) == len(CHECKS) > 50
    document = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    for check in CHECKS:
        assert f"| {check.id} | {check.tried} | {check.expected} |" in document, "run `make checks`"
        assert all(f"`{test.partition('::')[2]}`" in document for test in check.tests), check.id
