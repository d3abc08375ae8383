"""A small disk that fills up under a site: nothing acknowledged is lost, pages are read, and the site recovers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import unavailable

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


def on_a_small_disk(module, *, size, user):
    """What the module prints, in a mount namespace of its own: a small disk is made without touching the machine.

    `user`: the number that it has there; PostgreSQL refuses to run as 0.
    """
    unshare = shutil.which("unshare")
    command = [unshare, "--map-root-user", "--mount", "--propagation", "private"]
    if unshare is None or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:  # noqa: S603 -- our own command
        unavailable("no mount namespace: this machine does not let a process make a disk of its own")
    within = f"exec unshare --user --map-user={user}" if user else "exec"
    script = ["sh", "-c", f'mount -t tmpfs -o size={size},mode=700 none "$0" && {within} "$1" -m {module} "$0"']
    folder = Path("/mnt") if Path("/mnt").is_dir() else Path("/srv")
    ended = subprocess.run(  # noqa: S603 -- our own command
        [*command, *script, folder, sys.executable], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_disk_that_fills_up_takes_no_text_and_all_are_taken_again_with_room():
    seen = on_a_small_disk("tests.small_disk", size="40m", user=0)
    assert seen["full"]["health"] == [503, "full"]
    assert seen["full"]["refused"] == 503
    assert seen["full"]["text is on the page"]
    assert seen["full"]["read"] == [200, 200, 200]
    assert seen["full"]["uploads"] == [[422, True, False], [422, True, True]], "a document, and a form with a portrait"
    assert seen["full"]["files"] == [0, 0, 0], "nothing is left of them"
    assert seen["room"]["uploads"] == [[303, False, False]] * 2
    assert seen["room"]["files"] == [2, 2, 0]
    assert seen["room"]["health"][0] == 200
    assert seen["room"]["sent again"] == 303
    assert seen["acknowledged"] == seen["in the database"] > 0
    assert seen["check"] == "ok"
    assert (seen["written while full"], seen["afterwards"]) == ([], [True]), "no half of a mail, then all of it once"


@pytest.mark.postgresql
def test_a_full_disk_of_postgresql_takes_no_text_and_all_are_taken_again_with_room():
    """A commit is refused where there is no room for it, and pages are read meanwhile."""
    seen = on_a_small_disk("tests.small_disk_postgresql", size="160m", user=1000)
    assert seen["full"] == {"refused": [503, True], "read": [200, 200, 200, 200, 200], "ended": False}
    assert seen["room"] == {"sent again": 303, "read": [200, 200, 200, 200, 200]}
    assert seen["acknowledged"] == seen["in the database"] > 0
