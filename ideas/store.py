"""Where the bytes of files are kept: a folder, or what `app/file_store.py` has beside it."""

import errno
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ideas.errors import message_id
from ideas.media_type import FileRefused

UNFINISHED = ".part"
SCRATCH = "scratch-"
# What the system answers where a disk, or the share of its user, is full.
DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFull(FileRefused):
    message = message_id("This site has no space left for files. Tell an administrator, then try again.")


class StoreAway(FileRefused):
    message = message_id("This site does not reach its files now. Wait a few minutes, then try again.")


class Store(ABC):
    """Bytes by name. What is written is there whole, or not at all.

    `scratch`: a folder of this machine for what is written on the way. Every method may raise StoreAway.
    """

    scratch: Path

    @abstractmethod
    def put(self, name: str, source: bytes | Path) -> None:
        """Write these bytes, or those of a file, in the place of what has the name. Raises DiskFull."""

    @abstractmethod
    def move(self, path: Path, name: str) -> None:
        """Write the bytes of a file of the scratch folder, which is gone afterwards."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The bytes, to be read from their beginning, and closed. Raises FileNotFoundError."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete the bytes, if they are there."""

    @abstractmethod
    def names(self, *, until: datetime | None = None) -> Iterator[str]:
        """The names of what is there, or was written until an instant."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a small file, or None where it is not there."""
        try:
            with self.open(name) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def unfinished(self, *, until: datetime) -> Iterator[Path]:
        """What a process that died had not written to its end in the scratch folder, until an instant."""
        for path in self.scratch.glob(f"[0-9a-f][0-9a-f]/*{UNFINISHED}"):
            if _is_old(path, until):
                yield path


class Folder(Store):
    """Files of a folder that only this user can read."""

    def __init__(self, path: Path) -> None:
        self.path = self.scratch = path

    def put(self, name: str, source: bytes | Path) -> None:
        path = self.path / name
        unfinished = path.with_name(path.name + UNFINISHED)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                if isinstance(source, bytes):
                    file.write(source)
                else:
                    with source.open("rb") as given:
                        shutil.copyfileobj(given, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException as error:
            unfinished.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
                raise DiskFull from error
            raise

    def move(self, path: Path, name: str) -> None:
        target = self.path / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(target)

    def open(self, name: str) -> BinaryIO:
        return (self.path / name).open("rb")

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def names(self, *, until: datetime | None = None) -> Iterator[str]:
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path)
            is_ours = path.suffix != UNFINISHED and not name.parts[0].startswith(SCRATCH)
            if is_ours and path.is_file() and not path.is_symlink() and (until is None or _is_old(path, until)):
                yield name.as_posix()


def _is_old(path: Path, until: datetime) -> bool:
    try:
        return path.stat().st_mtime <= until.timestamp()
    except FileNotFoundError:  # deleted meanwhile
        return False
