"""Which themes were merged into which, by the acts that still hold, and which theme a split was taken from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.themes.edits.history import EditKind, ThemeEdit


class Merge(NamedTuple):
    """One act: `others` were merged into `into`. `id`: of the act; a later act has a higher one."""

    id: int
    into: int
    others: Sequence[int]


def merges_in(session: Session, campaign_ids: Collection[int]) -> list[Merge]:
    """The merges in these campaigns that are not undone, oldest first."""
    merges = session.scalars(
        select(ThemeEdit)
        .where(
            ThemeEdit.campaign_id.in_(campaign_ids),
            ThemeEdit.kind == EditKind.MERGE,
            ThemeEdit.undone_at.is_(None),
        )
        .order_by(ThemeEdit.id)
    )
    return [Merge(merge.id, *_themes_of(merge)) for merge in merges]


def merge_targets(merges: Iterable[Merge]) -> dict[int, int]:
    """Into which theme each one was merged."""
    targets: dict[int, int] = {}
    for merge in merges:
        targets.update(dict.fromkeys(merge.others, merge.into))
    return targets


def split_back(session: Session, campaign_id: int) -> dict[int, int]:
    """The themes that a split made and its undoing took away again: each with the theme that has its ideas back."""
    splits = session.scalars(
        select(ThemeEdit).where(
            ThemeEdit.campaign_id == campaign_id, ThemeEdit.kind == EditKind.SPLIT, ThemeEdit.undone_at.is_not(None)
        )
    )
    return {new: theme for theme, (new, *_) in map(_themes_of, splits)}


def last_target(theme_id: int, targets: Mapping[int, int]) -> int:
    """The theme at the end of a chain of merges: A into B, then B into C. Merges and their undoing make no circle."""
    while theme_id in targets:
        theme_id = targets[theme_id]
    return theme_id


def _themes_of(edit: ThemeEdit) -> tuple[int, list[int]]:
    """The first theme of an act, and the others. The acts of the first version name them in their states alone, in
    the same order.
    """
    first, *others = edit.summary.get("themes") or edit.after.themes
    return first, others
