"""Threads: ours run side by side, those of BLAS are held to one.

The products here are small: the threads of a BLAS wait for each other longer than they work, for seconds on a busy
machine.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import Any, TypeVar

Task = TypeVar("Task")


@cache
def _libraries() -> Any:
    """Finds the loaded BLAS libraries once: a search takes as long as placing a short text."""
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own, which must be loaded before the search
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _OneBlasThread:
    """Limits BLAS with the first block that is entered, and lifts the limit with the last that is left.

    Blocks of several threads overlap: the limit is one of the process.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._limit = _libraries().limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore_original_limits()


_ONE = _OneBlasThread()


def one_blas_thread() -> AbstractContextManager[object]:
    """Holds BLAS to one thread within a `with` block; a block may lie within another, or beside it in a thread."""
    return _ONE


def in_parallel(work: Callable[[Task], None], tasks: Sequence[Task]) -> None:
    """Does each task once, on as many threads as there are cores; raises what the first failed task raises."""
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, tasks):
            pass
