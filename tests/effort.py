"""What a piece of work costs, in figures that a slow or busy machine does not change."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import thread_time

# What these additions take on the slowest machine whose seconds are taken as they are.
ADDITIONS, ADDITIONS_SECONDS = 300_000, 0.015


@dataclass(slots=True)
class Effort:
    """`seconds`: what the thread computed, known once the block has ended."""

    seconds: float = 0.0


@contextmanager
def effort() -> Iterator[Effort]:
    """Measure the block: on a slow machine, or while others compute, by additions just before and after it.

    Garbage is not looked for meanwhile: among what the tests before it left, that takes as long as a page.
    """
    found, before = Effort(), slowness()
    gc.disable()
    try:
        began = thread_time()
        yield found
        taken = thread_time() - began
    finally:
        gc.enable()
    found.seconds = 2 * taken / (before + slowness())


def slowness() -> float:
    """How many times as long this machine computes now. 1 where it is fast."""
    began, total = thread_time(), 0
    for number in range(ADDITIONS):
        total += number
    return max(1.0, (thread_time() - began) / ADDITIONS_SECONDS)


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
