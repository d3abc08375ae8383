"""How well personal data are found in texts that were written for it: `open.jsonl`, which the rules were made on, and
`held_out.jsonl`, which they were not."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.figures import Target, show_table, show_targets
from ideas.personal_data.personal_data import Kind, Span, find_personal_data

HERE = Path(__file__).parent
SETS = ("open", "held_out")
FORMATS = frozenset(Kind) - {Kind.PATIENT}
MIN_FORMATS = 0.95  # share of addresses, numbers and dates that are found
MIN_PATIENTS = 0.8
MAX_FALSE_ALARMS = 0.03  # share of texts without personal data in which some are shown


def show() -> dict[str, Any]:
    """Prints and returns, for each set, how many of each kind are found, and how many clean texts raise an alarm."""
    print("\nPersonal data found (texts written by hand, half of them without)")
    measured = {name: measure(name) for name in SETS}
    show_table(
        ["kind", *SETS],
        [
            [kind.value, *(f"{found[kind]} of {there[kind]}" for found, there, _, _ in measured.values())]
            for kind in Kind
        ]
        + [["false alarms", *(f"{alarms} of {clean}" for _, _, alarms, clean in measured.values())]],
    )
    found, there, alarms, clean = measured["held_out"]
    targets = [
        Target("formats found, held-out", share(found, there, FORMATS), MIN_FORMATS, False),
        Target("patients found, held-out", share(found, there, {Kind.PATIENT}), MIN_PATIENTS, False),
        Target("false alarms, held-out", alarms / clean, MAX_FALSE_ALARMS, True),
    ]
    kept = {
        name: {"found": dict(found), "there": dict(there), "alarms": alarms, "clean": clean}
        for name, (found, there, alarms, clean) in measured.items()
    }
    return {"sets": kept, "targets": show_targets(targets)}


def measure(name: str) -> tuple[Counter[Kind], Counter[Kind], int, int]:
    """What is found and what is there, by kind; clean texts with an alarm, and all clean texts."""
    found: Counter[Kind] = Counter()
    there: Counter[Kind] = Counter()
    alarms = clean = 0
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = find_personal_data(row["text"], health=row["health"])
        clean += not row["found"]
        alarms += bool(spans) and not row["found"]
        for one in row["found"]:
            there[Kind(one["kind"])] += 1
            found[Kind(one["kind"])] += _is_found(one, row["text"], spans)
    return found, there, alarms, clean


def share(found: Counter[Kind], there: Counter[Kind], kinds: frozenset[Kind] | set[Kind]) -> float:
    return sum(found[kind] for kind in kinds) / sum(there[kind] for kind in kinds)


def _is_found(one: dict[str, str], text: str, spans: list[Span]) -> bool:
    """True if what is marked as this kind covers a part of it."""
    start = text.index(one["text"])
    end = start + len(one["text"])
    return any(span.kind == one["kind"] and span.start < end and span.end > start for span in spans)
