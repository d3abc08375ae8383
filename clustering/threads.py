"""Threads: ours run side by side, those of BLAS are held to one.

The products here are small: the threads of a BLAS wait for each other longer than they work, for seconds on a busy
machine.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar, cast

Task = TypeVar("Task")


@cache
def _libraries() -> Any:
    """Finds the loaded BLAS libraries once: a search takes as long as placing a short text."""
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own, which must be loaded before the search
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Holds BLAS to one thread within a `with` block; a block may lie within another."""
    return cast("AbstractContextManager[object]", _libraries().limit(limits=1, user_api="blas"))


def in_parallel(work: Callable[[Task], None], tasks: Sequence[Task]) -> None:
    """Does each task once, on as many threads as there are cores; raises what the first failed task raises."""
    with one_blas_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, tasks):
            pass
