"""Ask the worker process which ideas and answered themes mean nearly the same as a text, over a socket of this machine.

The web process loads no model. It waits for the answer until a deadline; without one the page searches by words. One
request and one answer for each connection, both a line of JSON.
"""

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from os import O_DIRECTORY, O_RDONLY
from os import close as close_descriptor
from os import open as open_descriptor
from pathlib import Path
from typing import Any

from flask import current_app

from app.settings import Settings

# From the connection to the last byte. What the page does beside it must fit into 200 ms too.
DEADLINE_SECONDS = 0.12
MAX_LINE_BYTES = 65_536
MAX_TEXT_LENGTH = 2_000
# Of a theme: its name and its most typical ideas, of which the beginning says what they ask for.
MAX_TEXTS, MAX_LENGTH_OF_SEVERAL = 5, 500
# The path of a socket has at most 107 bytes.
MAX_PATH_BYTES = 100


@dataclass(frozen=True, slots=True)
class Nearest:
    """The ids of ideas and of answered themes, nearest first."""

    ideas: tuple[int, ...]
    themes: tuple[int, ...]


def nearest_to(text: str, *, campaign_id: int) -> Nearest | None:
    """What the worker finds among the ideas of a campaign and among all answered themes.

    The ids are not checked: the caller asks the database what the reader may see. None where the worker is away, is too
    slow, or has not read this campaign yet.
    """
    return _asked({"campaign": campaign_id, "text": text[:MAX_TEXT_LENGTH]})


def themes_near(texts: Sequence[str]) -> tuple[int, ...] | None:
    """The ids of the answered themes that mean nearly the same as a theme with these texts, nearest first.

    As `nearest_to`: not checked, and None where the worker does not say it.
    """
    found = _asked({"texts": [text[:MAX_LENGTH_OF_SEVERAL] for text in texts[:MAX_TEXTS]]})
    return None if found is None else found.themes


def _asked(asked: dict[str, Any]) -> Nearest | None:
    settings: Settings = current_app.extensions["settings"]
    until = time.time() + DEADLINE_SECONDS
    try:
        return _read(_exchange(socket_file(settings), json.dumps(asked | {"until": until}).encode() + b"\n", until))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def socket_file(settings: Settings) -> Path:
    return settings.instance / "similar.socket"


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The address to bind or to connect to: a path that is too long is named through its folder, which Linux opens."""
    if len(bytes(path)) <= MAX_PATH_BYTES:
        yield str(path)
        return
    folder = open_descriptor(path.parent, O_RDONLY | O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        close_descriptor(folder)


def _exchange(path: Path, line: bytes, until: float) -> Any:
    """Send a line and return what was answered, as JSON. Raises OSError (also after the deadline) or ValueError."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection, address_of(path) as address:
        connection.settimeout(_left(until))
        connection.connect(address)
        connection.sendall(line)
        answer = b""
        while not answer.endswith(b"\n") and len(answer) < MAX_LINE_BYTES:
            connection.settimeout(_left(until))
            received = connection.recv(MAX_LINE_BYTES)
            if not received:
                break
            answer += received
    return json.loads(answer)


def _left(until: float) -> float:
    left = until - time.time()
    if left <= 0:
        raise TimeoutError
    return left


def _read(answer: Any) -> Nearest | None:
    if not answer["ready"]:
        return None
    return Nearest(ideas=tuple(map(int, answer["ideas"])), themes=tuple(map(int, answer["themes"])))
