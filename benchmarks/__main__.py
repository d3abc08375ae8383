"""`python -m benchmarks`: prints how good and how fast the themes are; keeps the figures in benchmarks/results."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from statistics import mean

from benchmarks.app import SIZES, Bounds, Wait, measure_app
from benchmarks.data import DATA, RESULTS
from benchmarks.quality import Measure, labelled_sets, measure_languages, measure_leftovers, measure_quality, methods
from benchmarks.speed import RUNS, Run, measure_speed

PARTS = ("app", "speed", "quality")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the parts that were asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all if left out")
    parts = parser.parse_args(argv).parts or PARTS
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(f"Data: {DATA}{'' if DATA.is_dir() else ' (absent: set CONVERGENCE_DATA)'}")
    results: dict[str, object] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    print(f"{results['date']}, {results['machine']}")
    if "app" in parts:
        results["app"] = show_app()
    if "speed" in parts:
        results["speed"] = show_speed()
    if "quality" in parts:
        results |= show_quality()
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in (f"bench-{datetime.now(UTC):%Y%m%d-%H%M%S}.json", "latest.json"):
        (RESULTS / name).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\nKept in {RESULTS / 'latest.json'}")
    return 0


def show_app() -> list[object]:
    """Prints and returns how long a manager waits, from a file to themes on the page."""
    print(
        "\nFrom a file to themes on the page: web, worker and SQLite as `make run` starts them (seconds, peak memory)"
    )
    rows = []
    kept: list[object] = []
    for size, bounds in SIZES.items():
        wait = measure_app(size)
        kept.append(wait.as_json() if wait else {"ideas": size, "absent": True})
        rows.append(_app_row(wait, bounds) if wait else [f"{size:,}", "absent"])
    table(["ideas", "themes", "import", "group", "page", "in all", "at most", "worker MB", "at most", "page kB"], rows)
    return kept


def _app_row(wait: Wait, bounds: Bounds) -> list[str]:
    steps = [f"{step:.2f}" for step in (wait.importing, wait.grouping, wait.page, wait.total)]
    memory = f"{bounds.worker_mb:,}" if bounds.worker_mb else "–"
    return [
        f"{wait.ideas:,}",
        str(wait.themes),
        *steps,
        f"{bounds.seconds:g}",
        f"{wait.worker_mb:.0f}",
        memory,
        f"{wait.page_kb:.0f}",
    ]


def show_speed() -> list[object]:
    """Prints and returns seconds and memory on real files."""
    print("\nFrom a file to themes and report, in a process of its own (seconds, peak memory)")
    rows = []
    kept: list[object] = []
    for name, n in RUNS:
        run = measure_speed(name, n)
        kept.append(run.as_json() if run else {"set": name, "n": n, "absent": True})
        rows.append(_speed_row(run) if run else [name, f"{n:,}", "absent"])
    table(["set", "ideas", "read", "embed", "group", "name", "layout", "in all", "MB", "themes"], rows)
    return kept


def _speed_row(run: Run) -> list[str]:
    stages = [f"{run.seconds[stage]:.1f}" for stage in ("read", "embed", "group", "name", "layout")]
    return [run.name, f"{run.n:,}", *stages, f"{run.process:.1f}", f"{run.memory:.0f}", str(run.themes)]


def show_quality() -> dict[str, object]:
    """Prints and returns agreement with people's labels, peers beside us."""
    print("\nAgreement with people's labels (AMI filled = leftovers given to the nearest theme)")
    for peer in ("bertopic", "evoc"):
        if find_spec(peer) is None:
            print(f"{peer} is not installed: pip install '.[bench]'")
    measures = measure_quality(lambda doing: print(f"  {doing}…", file=sys.stderr))
    there = {measure.name for measure in measures}
    absent = [name for name, _ in labelled_sets() if name not in there]
    header = ["set", "n", "method", "AMI filled", "as is", "homogeneity", "themes", "left over", "seconds"]
    table(header, [*map(_quality_row, measures), *([name, "", "absent"] for name in absent), *_means(measures)])
    results: dict[str, object] = {"quality": [measure.as_json() for measure in measures], "absent": absent}
    for title, key, figures in (
        ("Left over on clinc150", "leftovers", measure_leftovers()),
        ("Nine languages of sib200", "languages", measure_languages()),
    ):
        words = ", ".join(f"{what} {value:.3f}" for what, value in figures.items()) if figures else "absent"
        print(f"{title}: {words}")
        results[key] = figures
    return results


def _quality_row(measure: Measure) -> list[str]:
    found = measure.score
    figures = [f"{found.filled:.3f}", f"{found.as_is:.3f}", f"{found.homogeneity:.3f}", str(found.themes)]
    return [measure.name, f"{measure.n:,}", measure.method, *figures, f"{found.leftover:.0%}", f"{measure.seconds:.1f}"]


def _means(measures: list[Measure]) -> Iterable[list[str]]:
    for method in methods():
        of_method = [measure for measure in measures if measure.method == method]
        if of_method:
            filled = mean(measure.score.filled for measure in of_method)
            as_is = mean(measure.score.as_is for measure in of_method)
            yield ["mean", "", method, f"{filled:.3f}", f"{as_is:.3f}"]


def table(header: list[str], rows: Sequence[list[str]]) -> None:
    """Prints rows under a header, each column as wide as it must be."""
    padded = [row + [""] * (len(header) - len(row)) for row in [header, *rows]]
    widths = [max(len(row[at]) for row in padded) for at in range(len(header))]
    for row in padded:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
