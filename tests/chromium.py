"""A Chromium for the browser journeys: one found on the machine, else Debian's (as root), else Playwright's own.

`python -m tests.chromium` makes sure that there is one, and never fails: the tests say what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium, or None. CHROMIUM names one that is elsewhere."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return _playwrights()


def ensure() -> str | None:
    """The path of a Chromium, installed now if need be, or None."""
    return find() or _from_debian() or _from_playwright()


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core")
    return find()


def _from_playwright() -> str | None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 -- package managers


if __name__ == "__main__":
    found = ensure()
    print(f"Chromium: {found}" if found else "No Chromium can be had here: the browser journeys will say so.")  # noqa: T201 -- a command's answer
