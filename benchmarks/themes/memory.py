"""How much memory the worker keeps: ten groupings of different campaigns, one after the other in one process."""

import json
import subprocess
import sys

import numpy as np

from benchmarks.data import load
from benchmarks.figures import Target, show_table, show_targets

SETS = ("gdn_ideas_fr", "banking77_en", "argkp_en", "sib200_multi", "polis_en")
ROUNDS = 2
IDEAS = 2_000
MOST_MB = 700

CHILD = """
import json, sys
from app.worker.memory import give_back
from benchmarks.figures import resident_mb
from clustering.pipeline import find_themes
from clustering.vectors.encoders import load_encoder
encoder = load_encoder()
for line in sys.stdin:
    find_themes(json.loads(line), encoder=encoder)
    give_back()
    print(json.dumps(resident_mb()), flush=True)
"""


def show() -> dict[str, object]:
    """Prints and returns what the process holds after each grouping, and after all of them."""
    print("\nMemory that is kept after a grouping, in one process (MB)")
    found = kept_after_each()
    absent = [name for name in SETS if name not in {name for name, _, _ in found}]
    show_table(
        ["set", "ideas", "kept"],
        [[name, f"{n:,}", f"{mb:.0f}"] for name, n, mb in found] + [[name, "", "absent"] for name in absent],
    )
    targets = [Target("MB kept after all groupings", found[-1][2], MOST_MB, True)] if found else []
    kept = [{"set": name, "n": n, "mb": round(mb)} for name, n, mb in found]
    return {"kept": kept + [{"set": name, "absent": True} for name in absent], "targets": show_targets(targets)}


def kept_after_each(sets: tuple[str, ...] = SETS, *, ideas: int = IDEAS) -> list[tuple[str, int, float]]:
    """Groups some texts of each set, drawn at random, then others of each. Returns the set, how many, and MB kept."""
    loaded = [(name, texts.texts) for name in sets if (texts := load(name)) is not None]
    rng = np.random.default_rng(0)
    draws = ((name, texts, rng.permutation(len(texts))[:ideas]) for _ in range(ROUNDS) for name, texts in loaded)
    parts = [(name, [texts[row] for row in rows]) for name, texts, rows in draws]
    if not parts:
        return []
    given = "\n".join(json.dumps(part) for _, part in parts)
    run = subprocess.run([sys.executable, "-c", CHILD], input=given, capture_output=True, text=True, check=True)
    kept = [json.loads(line) for line in run.stdout.splitlines()]
    return [(name, len(part), mb) for (name, part), mb in zip(parts, kept, strict=True)]
