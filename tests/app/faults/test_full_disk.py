"""A small disk that fills up under a site: nothing acknowledged is lost, pages are read, and the site recovers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import unavailable

pytestmark = [pytest.mark.slow, pytest.mark.one_database]
ROOT = Path(__file__).parents[3]


def test_a_disk_that_fills_up_takes_no_text_and_all_are_taken_again_with_room():
    """In a mount namespace of its own, where a small disk is made without touching the machine."""
    unshare = shutil.which("unshare")
    command = [unshare, "--map-root-user", "--mount", "--propagation", "private"]
    if unshare is None or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:  # noqa: S603 -- our own command
        unavailable("no mount namespace: this machine does not let a process make a disk of its own")
    script = ["sh", "-c", 'mount -t tmpfs -o size=40m,mode=700 none "$0" && exec "$1" -m tests.small_disk "$0"']
    folder = Path("/mnt") if Path("/mnt").is_dir() else Path("/srv")
    ended = subprocess.run(  # noqa: S603 -- our own command
        [*command, *script, folder, sys.executable], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout.splitlines()[-1])
    assert seen["full"]["health"] == [503, "full"]
    assert seen["full"]["refused"] == 503
    assert seen["full"]["text is on the page"]
    assert seen["full"]["read"] == [200, 200, 200]
    assert seen["room"]["health"][0] == 200
    assert seen["room"]["sent again"] == 303
    assert seen["acknowledged"] == seen["in the database"] > 0
    assert seen["check"] == "ok"
    assert (seen["written while full"], seen["afterwards"]) == ([], [True]), "no half of a mail, then all of it once"
