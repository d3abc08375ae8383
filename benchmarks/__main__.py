"""`python -m benchmarks [PART …]`: prints how good and how fast the themes are; keeps figures in benchmarks/results."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.data import DATA, RESULTS
from benchmarks.figures import timed
from benchmarks.personal_data import measure as personal_data
from benchmarks.product import (
    app,
    desk,
    digests,
    half_year,
    journey,
    lists,
    mail,
    pages,
    rush,
    search,
    standings,
    weight,
    writing,
)
from benchmarks.scale import migrations
from benchmarks.scale import show as scale
from benchmarks.themes import asks, dirt, few_ideas, growth, memory, names, new_ideas, quality, speed, vectors

# Cheap ones first. Each prints its figures, and returns them as JSON, what was promised under "targets".
PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "embedding": vectors.show_embedding,
    "similar": vectors.show_similar,
    "names": names.show,
    "app": app.show,
    "pages": pages.show,
    "weight": weight.show,
    "rush": rush.show,
    "mail": mail.show,
    "digests": digests.show,
    "search": search.show,
    "lists": lists.show,
    "standings": standings.show,
    "writing": writing.show,
    "desk": desk.show,
    "personal": personal_data.show,
    "speed": speed.show,
    "memory": memory.show,
    "placing": new_ideas.show_placing,
    "stability": new_ideas.show_stability,
    "growth": growth.show,
    "asks": asks.show,
    "few": few_ideas.show,
    "dirt": dirt.show,
    "quality": quality.show,
}
EXTRA: dict[str, Callable[[], dict[str, Any]]] = {  # only when asked for
    "scale": scale.show,
    "migrations": migrations.show,
    "million": growth.show_million,
    "journey": journey.show,
    "half-year": half_year.show,
}
LATEST = "latest.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the parts that were asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    shown = f"any of {', '.join(PARTS)}; all of these if left out; or {', '.join(EXTRA)}"
    parser.add_argument("parts", nargs="*", metavar="PART", help=shown)
    chosen = parser.parse_args(argv).parts or list(PARTS)
    unknown = set(chosen) - set(PARTS | EXTRA)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(f"Data: {DATA}{'' if DATA.is_dir() else ' (absent: see docs/benchmarks.md)'}")
    started = datetime.now(UTC)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{started.isoformat(timespec='seconds')}, {machine}")
    results: dict[str, Any] = {}
    for part in chosen:
        found, seconds = timed((PARTS | EXTRA)[part])
        print(f"({part}: {seconds:.0f} s)", flush=True)
        results[part] = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine,
            "seconds": round(seconds),
        } | found
        keep(results, started)
    promised = [target for found in results.values() for target in found.get("targets", [])]
    missed = [target["what"] for target in promised if not target["met"]]
    print(f"\nMissed, of {len(promised)} promised figures: {'; '.join(missed) or 'none'}\nKept in {RESULTS / LATEST}")
    return 0


def keep(results: dict[str, Any], started: datetime) -> None:
    """Writes a file for this run, and brings the parts up to date in the one that has the latest of each."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    _write(f"bench-{started:%Y%m%d-%H%M%S}.json", results)
    latest = RESULTS / LATEST
    earlier = json.loads(latest.read_text(encoding="utf-8")) if latest.is_file() else {}
    _write(LATEST, {part: found for part, found in earlier.items() if part in PARTS | EXTRA} | results)


def _write(name: str, results: dict[str, Any]) -> None:
    (RESULTS / name).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
