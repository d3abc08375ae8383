"""`make licences`: the licence of everything that the product installs, and whether we may pass it on."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
# What the product runs with; tests and benchmarks are not passed on.
EXTRAS = ("postgresql", "gunicorn", "celery", "metrics", "telemetry", "pdf", "encryption")
# Licences under which an MIT project may be passed on with them, as SPDX names them.
ALLOWED = frozenset({
    "MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0", "Python-2.0",
    "Zlib", "ZPL-2.1", "BSL-1.0", "CC0-1.0", "CNRI-Python", "HPND", "OFL-1.1", "Unicode-3.0", "Unlicense",
    # As long as a library stays one of its own, which may be exchanged.
    "MPL-2.0", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later",
})  # fmt: skip
# Their exceptions let any program use them.
WITH_EXCEPTION = ("Apache-2.0 WITH LLVM-exception", "GPL-3.0-or-later WITH GCC-exception-3.1")
# How some packages call them, in lower case.
NAMES = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0 license": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.1-or-later",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "zope public license": "ZPL-2.1",
}
# Packages that say it only in the file of the licence, as it was read there.
IN_THE_FILE = {"pyrage": "MIT"}


class Part(NamedTuple):
    """Something that is installed, and under which licence."""

    name: str
    version: str
    licence: str

    @property
    def allowed(self) -> bool:
        return is_allowed(self.licence)


def is_allowed(expression: str) -> bool:
    """True where each licence of an AND, and one of each OR, is allowed."""
    for exception in WITH_EXCEPTION:
        expression = expression.replace(exception, "MIT")
    words = {"AND": "and", "OR": "or"}
    said = re.sub(r"[\w.+-]+", lambda found: words.get(found[0], str(found[0] in ALLOWED)), expression)
    try:
        return _is_true(ast.parse(said, mode="eval").body)
    except SyntaxError:  # not an expression of SPDX
        return False


def _is_true(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return (all if isinstance(node.op, ast.And) else any)(map(_is_true, node.values))
    return isinstance(node, ast.Constant) and node.value is True


def python_parts() -> list[Part]:
    """What the product needs of Python, with all that it needs in turn, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in EXTRAS for one in project["optional-dependencies"][extra])]
    found: dict[str, Part] = {}
    for distribution_ in _all_of([Requirement(one) for one in wanted], set()):
        name = distribution_.metadata["Name"]
        found[name.lower()] = Part(name, distribution_.version, licence_of(distribution_))
    return [found[name] for name in sorted(found)]


def _all_of(wanted: list[Requirement], seen: set[tuple[str, str]]) -> Iterator[Distribution]:
    for requirement in wanted:
        for extra in ("", *requirement.extras):
            key = (requirement.name.lower(), extra)
            if key in seen:
                continue
            seen.add(key)
            try:
                found = distribution(requirement.name)
            except PackageNotFoundError:  # not for this machine
                continue
            yield found
            needed = [Requirement(one) for one in found.requires or ()]
            here = {"extra": extra}
            yield from _all_of([one for one in needed if one.marker is None or one.marker.evaluate(here)], seen)


def licence_of(found: Distribution) -> str:
    """The licence as SPDX writes it, where the package or the table above says it; else what the package says."""
    expression = found.metadata.get("License-Expression")
    if expression:
        return expression
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in found.metadata.get_all("Classifier") or ()
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    if found.metadata["Name"] in IN_THE_FILE:
        return IN_THE_FILE[found.metadata["Name"]]
    said = (found.metadata.get("License") or "").partition("\n")[0].strip()
    if said in ALLOWED or is_allowed(said):
        return said
    known = [NAMES.get(name.lower(), name) for name in classifiers or [said]]
    return " OR ".join(dict.fromkeys(known)) or "not said"


def script_parts() -> list[Part]:
    """What the front end is built with, from its lock file."""
    locked = json.loads((ROOT / "app" / "assets" / "package-lock.json").read_text("utf-8"))["packages"]
    return [
        Part(path.removeprefix("node_modules/"), facts["version"], facts.get("license", "not said"))
        for path, facts in sorted(locked.items())
        if path
    ]


def main() -> int:
    """The exit status: 0 where every licence is allowed."""
    parts = [*python_parts(), *script_parts()]
    for part in parts:
        print(f"{part.name:40} {part.version:14} {part.licence}{'' if part.allowed else '   NOT ALLOWED'}")  # noqa: T201 -- a command
    refused = [part for part in parts if not part.allowed]
    print(f"\n{len(parts)} packages, {len(refused)} with a licence that is not allowed.")  # noqa: T201 -- a command
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
