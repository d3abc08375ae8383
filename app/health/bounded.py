"""A look at the health of the site that ends in time, also where the database or a disk does not answer."""

import threading
from collections.abc import Callable
from queue import Empty, Queue
from typing import Generic, TypeVar

from flask import Flask

Seen = TypeVar("Seen")
# Whoever watches a site has no long patience.
MAX_SECONDS = 3.0


class NoAnswer(Exception):
    """The look did not end in time, or an earlier one still has not."""


class Bounded(Generic[Seen]):
    """Looks in a thread of its own, one at a time: while one hangs, the next ones end at once and pile up nothing."""

    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look
        self._looking = threading.Lock()

    def __call__(self, app: Flask) -> Seen:
        """What the look returns or raises. Raises NoAnswer."""
        if not self._looking.acquire(blocking=False) and not self._looking.acquire(timeout=MAX_SECONDS):
            raise NoAnswer
        found: Queue[Seen | Exception] = Queue()
        threading.Thread(target=self._run, args=(app, found), daemon=True).start()
        try:
            seen = found.get(timeout=MAX_SECONDS)
        except Empty:
            raise NoAnswer from None
        if isinstance(seen, Exception):
            raise seen
        return seen

    def _run(self, app: Flask, found: "Queue[Seen | Exception]") -> None:
        try:
            with app.app_context():
                found.put(self._look())
        except Exception as error:  # noqa: BLE001 -- the caller raises it
            found.put(error)
        finally:
            self._looking.release()
