"""Write requirements/: each version of constraints.txt with the hashes of all files that the registry has of it.

Run it as `make lock`, after a change of constraints.txt or of the dependencies. It needs the network.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
SERVER = ("postgresql", "gunicorn", "celery", "metrics", "telemetry", "pdf", "s3", "encryption")
# Builds of torch for processors alone, which PyTorch publishes beside those of the registry: file, hash. pip takes a
# file of the registry rather than one of these where both fit: they have a list of their own, which is tried first.
PROCESSORS = {
    "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl":
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
}  # fmt: skip
HEAD = "# Written by `make lock` from constraints.txt: {}. Change it there.\n"
# Lines of a package: its name and version, then its hashes.
_PACKAGE = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+)(?:[^\n]*\\\n)(?:    --hash=[^\n]+\n)+", re.MULTILINE)
_OF_CUDA = ("cuda-", "nvidia-", "triton")

Packages = dict[str, str]


def compiled(*extras: str, more: str = "") -> Packages:
    """The lines of each package that is needed with these extras, by name. `more`: what to add to them."""
    needed = FOLDER / "more.in"
    needed.write_text(more, "utf-8")
    command = [
        Path(sys.executable).with_name("uv"),
        "pip",
        "compile",
        "pyproject.toml",
        needed,
        "--quiet",
        "--universal",
    ]
    command += ["--python-version", "3.11", "--constraint", "constraints.txt", "--generate-hashes", "--no-annotate"]
    command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", *(f"--extra={extra}" for extra in extras)]
    try:
        text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- our own command
    finally:
        needed.unlink()
    return {found["name"]: found[0] for found in _PACKAGE.finditer(text)}


def for_processors() -> Packages:
    """The lines of torch in its builds for processors alone."""
    [version] = {name.split("-")[1] for name in PROCESSORS}
    hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in PROCESSORS.values())
    return {"torch": f"torch=={version}{hashes}\n"}


def write(name: str, what: str, packages: Packages, *, on: str = "") -> None:
    text = HEAD.format(what) + (f"-r {on}\n" if on else "") + "".join(packages.values())
    (FOLDER / name).write_text(text, "utf-8")
    sys.stdout.write(f"requirements/{name}: {len(packages)} packages, {text.count('--hash')} hashes\n")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    app = compiled(more="setuptools\n")  # which builds the package itself
    server = compiled(*SERVER, more="setuptools\n")
    test = compiled("test", more="setuptools\n")
    node = compiled(more="setuptools\nnodejs-wheel\n")
    cuda = {name: lines for name, lines in app.items() if name.startswith(_OF_CUDA)}
    base = {name: lines for name, lines in app.items() if name not in {*cuda, "torch"}}
    write("torch-cpu.txt", "torch, built for processors alone", for_processors())
    write(
        "torch.txt", "torch as the registry has it, and on Linux the libraries of CUDA", {"torch": app["torch"], **cuda}
    )
    write("app.txt", "what `make run` needs beside torch", base)
    extra = {name: lines for name, lines in server.items() if name not in app}
    write("server.txt", "the extras of a server as well", extra, on="app.txt")
    known = {**app, **extra}
    write(
        "test.txt", "what `make test` needs as well", {n: t for n, t in test.items() if n not in known}, on="server.txt"
    )
    write("node.txt", "npm, where the machine has none", {n: t for n, t in node.items() if n not in app})


if __name__ == "__main__":
    main()
