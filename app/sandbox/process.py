"""Start a process that reads one file, and take what it found. It has little memory and little time.

At most three run on a machine at once, whatever the number of web processes and workers: one of them may read a table,
which can take as long as the bounds allow, so that pictures are always drawn; one makes documents, which visitors ask
for, so that they keep no team from its table. A few more may wait.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CHILD = Path(__file__).resolve().parent / "child.py"
# The places that a reader may take, the first that is free.
PLACES = {"table": (0,), "picture": (1, 0), "drawing": (1, 0), "document": (2,)}
MAX_WAITING = 3
# Threads of this process that tables hold, waiting included: a web process has eight, and the others serve pages.
MAX_TABLES = 2
# And that documents hold, made of a page: a few seconds each.
MAX_DOCUMENTS = 1
WAIT_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_MAX_LINE_BYTES = 64 * 1024 * 1024

_waiting = threading.BoundedSemaphore(len(PLACES["picture"]) + MAX_WAITING)
_held = {"table": threading.BoundedSemaphore(MAX_TABLES), "document": threading.BoundedSemaphore(MAX_DOCUMENTS)}
_END = b"null\n"  # as the reader says it


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

    @property
    def whole_seconds(self) -> int:
        """Seconds that may pass, on a machine that is busy or while the lines are taken."""
        return 2 * self.seconds


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found: its first line, then its others or, for a picture, bytes."""

    facts: dict[str, Any]
    _output: IO[bytes]
    _process: subprocess.Popen[bytes]

    def lines(self) -> Iterator[Any]:
        """The other lines, each from JSON. Raises Refused where the reader ends too early."""
        for line in self._raw_lines():
            yield json.loads(line)

    def copy_lines(self, target: IO[bytes]) -> None:
        """Write the other lines as they are, for `lines_of`, so that the reader ends before they are used.

        Raises Refused where the reader ends too early.
        """
        target.writelines(self._raw_lines())

    def _raw_lines(self) -> Iterator[bytes]:
        while line := self._output.readline(_MAX_LINE_BYTES):
            if line == _END:
                return
            yield line
        raise Refused(_why_it_ended(self._process.wait()))

    def content(self) -> bytes:
        """The bytes after the first line. Raises Refused where some are missing."""
        content = self._output.read(self.facts["bytes"])
        if len(content) != self.facts["bytes"]:
            raise Refused(_why_it_ended(self._process.wait()))
        return content


def lines_of(copied: IO[bytes]) -> Iterator[Any]:
    """The lines that `copy_lines` has written, each from JSON."""
    copied.seek(0)
    for line in copied:
        yield json.loads(line)


@contextmanager
def read(
    reader: str,
    content: bytes,
    options: Mapping[str, Any],
    *,
    slots: Path,
    bounds: Bounds = Bounds(),
) -> Iterator[Reading]:
    """Read the content in a process of its own with this reader of the folder, such as `table`.

    `slots`: a folder that all processes of the site share. The reader ends with the block. Raises Refused.
    """
    with _thread_for(reader), _slot(slots, PLACES[reader]):
        process = _start(reader, options, bounds)
        # Time passes too where others compute, or where its lines are not taken: hence a second, larger bound.
        killer = threading.Timer(bounds.whole_seconds, process.kill)
        killer.start()
        try:
            _send(process, content)
            yield Reading(_facts(process), _stream(process.stdout), process)
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
def _thread_for(reader: str) -> Iterator[None]:
    """A thread of this process. Raises Refused where tables, or documents, hold as many as they may."""
    held = _held.get(reader)
    if held is None:
        yield
        return
    if not held.acquire(blocking=False):
        raise Refused("busy")
    try:
        yield
    finally:
        held.release()


@contextmanager
def _slot(folder: Path, places: Sequence[int]) -> Iterator[None]:
    """One of these places among the readers that run at once. Raises Refused where too many wait, or for too long."""
    if not _waiting.acquire(blocking=False):
        raise Refused("busy")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        end = time.monotonic() + WAIT_SECONDS
        while (taken := _take(folder, places)) is None:
            if time.monotonic() > end:
                raise Refused("busy")
            time.sleep(_LOOK_SECONDS)
        try:
            yield
        finally:
            os.close(taken)  # which ends the lock, as the end of this process would
    finally:
        _waiting.release()


def _take(folder: Path, places: Sequence[int]) -> int | None:
    for number in places:
        handle = os.open(folder / f"reader-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
        else:
            return handle
    return None
