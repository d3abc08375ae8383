"""A look at the health of the site that ends in time, also where the database or a disk does not answer."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from flask import Flask

Seen = TypeVar("Seen")
# Whoever watches a site has no long patience.
MAX_SECONDS = 3.0


class NoAnswer(Exception):
    """The look did not end in time, or an earlier one still has not."""


class Bounded(Generic[Seen]):
    """Looks in a thread of its own, one at a time: who asks meanwhile gets what that one sees.

    While one hangs, the next ones end at once and pile up nothing.
    """

    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._looking: Future[Seen] | None = None
        self._until = 0.0

    def __call__(self, app: Flask) -> Seen:
        """What the look returns or raises. Raises NoAnswer."""
        with self._lock:
            if self._looking is None:
                self._looking = self._begin(app)
            looking, until = self._looking, self._until
        try:
            return looking.result(timeout=max(0.0, until - time.monotonic()))
        except TimeoutError:
            raise NoAnswer from None

    def _begin(self, app: Flask) -> "Future[Seen]":
        looking: Future[Seen] = Future()
        try:
            threading.Thread(target=self._run, args=(app, looking), daemon=True).start()
        except RuntimeError as error:  # the machine gives no more threads
            raise NoAnswer from error
        self._until = time.monotonic() + MAX_SECONDS
        return looking

    def _run(self, app: Flask, looking: "Future[Seen]") -> None:
        try:
            with app.app_context():
                seen = self._look()
        except Exception as error:  # noqa: BLE001 -- the caller raises it
            self._end()
            looking.set_exception(error)
        else:
            self._end()
            looking.set_result(seen)

    def _end(self) -> None:
        with self._lock:
            self._looking = None
