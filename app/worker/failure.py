"""What is kept of an exception: a code for everyone, and a detail for administrators without personal data."""

import re
import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.sandbox.reading import ReadersBusy
from app.settings import PROJECT
from clustering.errors import ModelUnavailable
from ideas.errors import DomainError
from ideas.store import DiskFull, StoreAway
from ideas.work.job import JobError

MAX_MESSAGE_LENGTH = 200
# What is between quotation marks may be what somebody wrote; names of tables and constraints have an underscore.
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|“[^“”]*”|«[^«»]*»""")
_IDENTIFIER = re.compile(r"[\"'][a-z]+(_[a-z0-9]+)+[\"']")
_EMAIL = re.compile(r"(?<!\S)\S*@\S*")


def code_of(error: Exception) -> JobError:
    """The code of what ended an attempt."""
    if isinstance(error, ModelUnavailable):
        return JobError.MODEL_UNAVAILABLE
    if isinstance(error, DomainError):
        return JobError.REFUSED
    return JobError.DATABASE if isinstance(error, SQLAlchemyError) else JobError.UNEXPECTED


def may_pass(error: Exception) -> bool:
    """True where another attempt may go well: neither a missing model nor a rule changes within minutes.

    Other files are read, a disk is given room, and a store comes back.
    """
    return isinstance(error, ReadersBusy | DiskFull | StoreAway) or not isinstance(
        error, ModelUnavailable | DomainError
    )


def detail_of(error: Exception) -> str:
    """The exception's class, its message without what people wrote, and the line of our code that it came from."""
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    message = str(error.message if isinstance(error, DomainError) else cause).strip().partition("\n")[0]
    message = _EMAIL.sub("…", _QUOTED.sub(_masked, message))[:MAX_MESSAGE_LENGTH]
    return ", ".join(part for part in (f"{type(cause).__name__}: {message}".rstrip(": "), _place(error)) if part)


def _masked(quoted: re.Match[str]) -> str:
    return quoted[0] if _IDENTIFIER.fullmatch(quoted[0]) else "…"


def _place(error: Exception) -> str:
    """The last line of this project in the traceback: “app/mail/delivery.py:30”."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(PROJECT) and "site-packages" not in path.parts:
            return f"{path.relative_to(PROJECT)}:{frame.lineno}"
    return ""
