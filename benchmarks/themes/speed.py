"""How fast, and in how much memory: the command line on real files, each in a process of its own."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import DATA
from benchmarks.figures import show_table

RUNS = (("gdn_mobilite_fr", 1225), ("gdn_mobilite_fr", 6884), ("gdn_ideas_fr", 20_000))


@dataclass(frozen=True)
class Run:
    """One file through the command line. `seconds` by stage and in all; `memory`: the peak, in MB."""

    name: str
    n: int
    seconds: dict[str, float]
    process: float
    memory: float
    themes: int

    def as_json(self) -> dict[str, object]:
        return {
            "set": self.name,
            "n": self.n,
            "seconds": self.seconds,
            "process_seconds": round(self.process, 2),
            "memory_mb": round(self.memory),
            "themes": self.themes,
        }


# The child measures itself: the parent's own peak would hide that of its children.
CHILD = """
import json, sys, time
started = time.perf_counter()
from benchmarks.figures import peak_mb
from clustering.__main__ import main
status = main(sys.argv[1:])
print(json.dumps([status, time.perf_counter() - started, peak_mb()]))
"""


def show() -> dict[str, object]:
    """Prints and returns seconds and memory on real files."""
    print("\nFrom a file to themes and report, in a process of its own (seconds, peak memory)")
    rows = []
    kept: list[object] = []
    for name, n in RUNS:
        run = measure_speed(name, n)
        kept.append(run.as_json() if run else {"set": name, "n": n, "absent": True})
        rows.append(_row(run) if run else [name, f"{n:,}", "absent"])
    show_table(["set", "ideas", "read", "embed", "group", "name", "layout", "in all", "MB", "themes"], rows)
    return {"runs": kept}


def _row(run: Run) -> list[str]:
    stages = [f"{run.seconds[stage]:.1f}" for stage in ("read", "embed", "group", "name", "layout")]
    return [run.name, f"{run.n:,}", *stages, f"{run.process:.1f}", f"{run.memory:.0f}", str(run.themes)]


def measure_speed(name: str, n: int) -> Run | None:
    """Runs the first `n` ideas of a file, report included; None when the file isn't there."""
    path = DATA / f"{name}.csv"
    if not path.is_file():
        return None
    with tempfile.TemporaryDirectory() as folder:
        part, out = Path(folder, "ideas.csv"), Path(folder, "out.json")
        _copy_rows(path, part, n)
        command = [sys.executable, "-c", CHILD, part, "--json", out, "--html", Path(folder, "report.html")]
        root = Path(__file__).resolve().parents[2]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root, env=environment)
        status, process, memory = json.loads(done.stdout)
        if status:
            raise RuntimeError(done.stderr)
        found = json.loads(out.read_text(encoding="utf-8"))
    return Run(name, len(found["ideas"]), found["seconds"], process, memory, len(found["themes"]))


def _copy_rows(path: Path, part: Path, n: int) -> None:
    """Keeps id and text alone, so that languages are found, as they must be in a real campaign."""
    with path.open(encoding="utf-8", newline="") as source, part.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["id", "text"])
        for _, row in zip(range(n), csv.DictReader(source), strict=False):
            writer.writerow([row["id"], row["text"]])
