"""Read a file that a person sent: in a process of its own, with a sentence for what its bounds refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app

from app.sandbox.process import Bounds, Reading, Refused, read
from ideas.errors import DomainError, message_id
from ideas.store import DISK_IS_FULL, DiskFull

BOUNDS = Bounds()


class UnreadableFile(DomainError):
    """The file can't be read within the bounds. The message says which, and what to do."""

    message = message_id("This file can’t be read. Save it again, or choose another one.")


class TooSlow(UnreadableFile):
    message = message_id("This file takes more than %(most)s seconds to read. Split it, or choose a simpler one.")


class TooMuchMemory(UnreadableFile):
    message = message_id("This file takes more than %(most)s MB of memory to read. Split it, or choose a smaller one.")


class ReadersBusy(UnreadableFile):
    message = message_id("Several files are being read at the moment. Wait a minute, then send yours again.")


def slots() -> Path:
    """The folder that all processes of the site share, to count the files that are being read."""
    folder: Path = current_app.extensions["settings"].instance / "locks"
    return folder


@contextmanager
def reading(reader: str, content: bytes, **options: Any) -> Iterator[Reading]:
    """Read the content in a child process, with the reader of app/sandbox of this name: "table" or "picture".

    Raises UnreadableFile, DiskFull, and Refused for what the reader itself refuses.
    """
    try:
        with read(reader, content, options, slots=slots(), bounds=BOUNDS) as found:
            yield found
    except Refused as refused:
        if refused.code == "busy":
            raise ReadersBusy from refused
        if refused.code == "too_slow":
            raise TooSlow(most=BOUNDS.seconds) from refused
        if refused.code == "too_much_memory":
            raise TooMuchMemory(most=BOUNDS.megabytes) from refused
        if refused.code == "failed":
            raise UnreadableFile from refused
        raise
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise DiskFull from error
        raise
