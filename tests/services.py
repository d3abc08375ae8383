"""What a test needs from outside: there, or a plain reason."""

import os
import shutil
import socket
import subprocess
import time
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"


def unavailable(reason: str) -> NoReturn:
    """Skip with a plain reason, or fail where every service must be there (REQUIRE_SERVICES=1)."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


class Redis:
    """A server of this test's own that keeps nothing on disk: what it held is lost when it is killed."""

    def __init__(self) -> None:
        self._program = shutil.which("redis-server") or unavailable(
            "no Redis: install it (apt-get install redis-server)"
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._program, *options], stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
