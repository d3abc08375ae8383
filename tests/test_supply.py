"""What the product installs may be passed on, and the tools of the supply chain see the same packages."""

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
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


def locked():
    """(name, version) of what requirements/ lists, each with its number of hashes."""
    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "requirements").glob("*.txt")))
    found = re.findall(
        r"^([\w.-]+)==([^ ;\\]+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    assert len(found) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), "each has hashes"
    return {(canonicalize_name(name), version): hashes.count("--hash") for name, version, hashes in found}


def test_each_version_that_was_tried_has_its_hashes():
    """After a change of constraints.txt, run `make lock`."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line.split("==") for line in lines if "==" in line and not line.startswith("#")]
    assert {(canonicalize_name(name), version) for name, version in pinned} <= set(locked())
    versions = {(name, version.partition("+")[0]) for name, version in locked()}
    names = [name for name, _version in versions]
    assert len(names) == len(set(names)), "one version of each"
    assert {canonicalize_name(part.name) for part in python_parts()} <= set(names)


def test_a_file_with_another_hash_is_not_installed(tmp_path):
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr("tiny-1.0.dist-info/METADATA", about)
        file.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("tiny-1.0.dist-info/RECORD", "")
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    ends = []
    for digest in (right, "0" * 64):
        (tmp_path / "list.txt").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
        command = [sys.executable, "-m", "pip", "install", "--isolated", "--no-index", "--find-links", tmp_path]
        command += ["--require-hashes", "--target", tmp_path / digest, "--requirement", tmp_path / "list.txt"]
        ends.append(subprocess.run(command, capture_output=True, text=True, check=False))  # noqa: S603 -- our own command
    assert ends[0].returncode == 0, ends[0].stderr
    assert (ends[1].returncode, "DO NOT MATCH THE HASHES" in ends[1].stderr) == (1, True)
