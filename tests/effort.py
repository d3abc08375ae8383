"""What a piece of work costs, in figures that mean the same on a slow or busy machine and on a fast, quiet one."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import thread_time

# What these additions take on the machine whose seconds these are.
ADDITIONS, ADDITIONS_SECONDS = 300_000, 0.015


@dataclass(slots=True)
class Effort:
    """`seconds`: what the thread computed, known once the block has ended."""

    seconds: float = 0.0


@contextmanager
def effort() -> Iterator[Effort]:
    """Measure the block against additions just before and after it: other processes slow both of them down."""
    found, before = Effort(), _additions()
    began = thread_time()
    yield found
    taken = thread_time() - began
    found.seconds = taken * 2 * ADDITIONS_SECONDS / (before + _additions())


def _additions() -> float:
    began, total = thread_time(), 0
    for number in range(ADDITIONS):
        total += number
    return thread_time() - began


def calls(work: Callable[[], object]) -> int:
    """How many functions are called: the same on every machine."""
    counted = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted
