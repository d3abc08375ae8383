"""The process that reads a file: `python app/sandbox/child.py READER OPTIONS SECONDS MEGABYTES`, the file on its input.

A reader is a module beside this one with `read(content, **options)`. This is a script, so that it does not import the
application, which would take longer to start than most files take to read.

Its first line is JSON, with what it found or why it refuses. It can open no file to write, and knows no secret.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

_NICE = 10  # pages go first


def main(reader: str, options: str, seconds: str, megabytes: str) -> None:
    """Read the input with this reader, within the bounds."""
    limit(int(seconds), int(megabytes))
    # openpyxl would load it, for types that no file holds.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    out = sys.stdout.buffer
    content = sys.stdin.buffer.read()
    try:
        for line in _read(reader, content, json.loads(options)):
            out.write(line)
        out.flush()
    except BrokenPipeError:
        os._exit(0)  # the other side has what it needs


def limit(seconds: int, megabytes: int) -> None:
    """Bound this process. A system that does not know a bound, as macOS does not know that of memory, goes without."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    memory = megabytes * 1024 * 1024
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most + 1 if kind == resource.RLIMIT_CPU else most))


def _read(reader: str, content: bytes, options: dict[str, Any]) -> Iterator[bytes]:
    try:
        for found in import_module(reader).read(content, **options):
            yield found if isinstance(found, bytes) else _line(found)
    except MemoryError:
        yield _line({"error": "too_much_memory", "params": {}})


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[2]))  # for clustering.table
    main(*sys.argv[1:])
