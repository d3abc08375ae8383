"""Figures: seconds and memory as all parts measure them, and tables with what was promised beside what came."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
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
    return _memory(pid, "VmHWM")


def resident_mb() -> float:
    """Returns the resident memory of this process now."""
    return _memory("self", "VmRSS")


def _memory(pid: int | str, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass(frozen=True)
class Target:
    """A figure beside its bound, which it must reach, or stay below where it is `at_most`."""

    what: str
    value: float
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"met": self.met}


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints rows under a header; rows may be of any length."""
    columns = list(zip_longest(header, *rows, fillvalue=""))
    widths = [max(map(len, column)) for column in columns]
    for row in zip(*columns, strict=True):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def show_targets(targets: Sequence[Target]) -> list[dict[str, object]]:
    """Prints each figure with its bound and by how much it misses it; returns them as JSON."""
    rows = []
    for target in targets:
        missed = "met" if target.met else f"missed by {abs(target.value - target.bound):.4g}"
        bound = f"{'at most' if target.at_most else 'at least'} {target.bound:g}"
        rows.append([target.what, f"{target.value:.4g}", bound, missed])
    if rows:
        show_table(["promised", "found", "bound", ""], rows)
    return [target.as_json() for target in targets]


def report_progress(doing: str) -> None:
    """Prints on standard error what is measured now."""
    print(f"  {doing}…", file=sys.stderr, flush=True)
