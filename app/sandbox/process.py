"""Start a process that reads one file, and take what it found. It has little memory and little time.

At most MAX_READERS run on a machine at once, whatever the number of web processes and workers. A few more may wait.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CHILD = Path(__file__).resolve().parent / "child.py"
MAX_READERS = 2
MAX_WAITING = 3
WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_MAX_LINE_BYTES = 64 * 1024 * 1024

_waiting = threading.BoundedSemaphore(MAX_READERS + MAX_WAITING)


class Refused(Exception):
    """The file can't be read. `code` says why: one of the reader's own, or too_slow, too_much_memory, busy, failed."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a reader may take: seconds of computing, and megabytes of memory."""

    seconds: int = 20
    megabytes: int = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: its first line, then its others or, for a picture, bytes."""

    facts: dict[str, Any]
    _output: IO[bytes]

    def lines(self) -> Iterator[Any]:
        """The other lines, each from JSON. Raises Refused where the reader ends too early."""
        while line := self._output.readline(_MAX_LINE_BYTES):
            found = json.loads(line)
            if found is None:  # the end, as the reader says it
                return
            yield found
        raise Refused("failed")

    def content(self) -> bytes:
        """The bytes after the first line. Raises Refused where some are missing."""
        content = self._output.read(self.facts["bytes"])
        if len(content) != self.facts["bytes"]:
            raise Refused("failed")
        return content


@contextmanager
def read(
    reader: str,
    content: bytes,
    options: Mapping[str, Any],
    *,
    slots: Path,
    bounds: Bounds = Bounds(),
) -> Iterator[Reading]:
    """Read the content in a process of its own with this reader of the folder: `table` or `picture`.

    `slots`: a folder that all processes of the site share. The reader ends with the block. Raises Refused.
    """
    with _slot(slots):
        process = _start(reader, options, bounds)
        # It may wait for us to take its lines, which is not computing: hence a second, larger bound.
        killer = threading.Timer(bounds.seconds * 10, process.kill)
        killer.start()
        try:
            _send(process, content)
            yield Reading(_facts(process), _stream(process.stdout))
        finally:
            killer.cancel()
            process.kill()
            _stream(process.stdout).close()
            process.wait()


def _start(reader: str, options: Mapping[str, Any], bounds: Bounds) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-E", "-s", str(CHILD), reader, json.dumps(dict(options))]
    command += [str(bounds.seconds), str(bounds.megabytes)]
    return subprocess.Popen(  # noqa: S603 -- our own command; the options are an argument, not a shell
        command, env={"PATH": os.defpath}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, close_fds=True,
    )  # fmt: skip


def _send(process: subprocess.Popen[bytes], content: bytes) -> None:
    stream = _stream(process.stdin)
    try:
        stream.write(content)
        stream.close()
    except BrokenPipeError:  # it ended already; its last words are read next
        pass


def _facts(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    line = _stream(process.stdout).readline(_MAX_LINE_BYTES)
    if not line:
        raise Refused(_why_it_ended(process.wait()))
    facts: dict[str, Any] = json.loads(line)
    if "error" in facts:
        raise Refused(facts["error"], **facts["params"])
    return facts


def _why_it_ended(status: int) -> str:
    """SIGXCPU or SIGKILL for the time, SIGSEGV or SIGABRT for libraries that meet the bound on memory."""
    return {-24: "too_slow", -9: "too_slow", -11: "too_much_memory", -6: "too_much_memory"}.get(status, "failed")


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("the process was started without this stream")
    return stream


@contextmanager
def _slot(folder: Path) -> Iterator[None]:
    """One of the readers that may run at once. Raises Refused where too many wait, or for too long."""
    if not _waiting.acquire(blocking=False):
        raise Refused("busy")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        end = time.monotonic() + WAIT_SECONDS
        while (taken := _take(folder)) is None:
            if time.monotonic() > end:
                raise Refused("busy")
            time.sleep(_LOOK_SECONDS)
        try:
            yield
        finally:
            os.close(taken)  # which ends the lock, as the end of this process would
    finally:
        _waiting.release()


def _take(folder: Path) -> int | None:
    for number in range(MAX_READERS):
        handle = os.open(folder / f"reader-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
        else:
            return handle
    return None
