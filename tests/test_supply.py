"""What the product installs may be passed on, and the tools of the supply chain see the same packages."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.__main__ import ROOT, is_allowed, python_parts, script_parts


def test_every_package_has_a_licence_that_is_allowed():
    parts = [*python_parts(), *script_parts()]
    assert [part for part in parts if not part.allowed] == []
    names = {canonicalize_name(part.name) for part in parts}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {canonicalize_name(Requirement(one).name) for one in project["dependencies"]} <= names
    assert {"jinja2", "torch", "esbuild"} <= names, "and what they need in turn"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR BSD-2-Clause", True),
        ("GPL-2.0-only OR AGPL-3.0-only AND MIT", False),
        ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception", True),
        ("not said", False),
        ("", False),
    ],
)
def test_an_expression_of_licences_is_read(expression, allowed):
    assert is_allowed(expression) is allowed


def test_each_package_has_a_version_that_was_tried():
    """Constraints pin what is installed, so that an audit and a bill of materials tell of the same."""
    lines = Path(ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}
    missing = {canonicalize_name(part.name) for part in python_parts()} - pinned
    assert missing <= {"setuptools"}, "which comes with pip"
