"""Seconds and memory, as all parts measure them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Returns what some work gives, and its seconds."""
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def quantiles(what: str, seconds: Sequence[float]) -> dict[str, float]:
    """Returns the median and the 95th percentile, in milliseconds."""
    median, late = np.quantile(seconds, [0.5, 0.95]) * 1000
    return {f"{what}: median ms": round(float(median), 1), f"{what}: p95 ms": round(float(late), 1)}


def peak_mb(pid: int | str = "self") -> float:
    """Returns the peak resident memory of a process since it began.

    Not `ru_maxrss`: a child begins with that of the process that started it.
    """
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
