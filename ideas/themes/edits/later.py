"""What came after an edit and concerns the same: it is to be undone before that edit."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ideas.errors import Conflict, message_id
from ideas.themes.edits.history import DECIDED_OF_THEME, TOUCHING, ThemeEdit
from ideas.themes.stored import Snapshot


class EditOverlaid(Conflict):
    """`later`: the edits that came after and concern the same, latest first; none where a run or an answer did."""

    message = message_id("A later change depends on this one. Undo the later one first.")

    def __init__(self, later: Sequence[ThemeEdit] = (), **values: Any) -> None:
        self.later = later
        super().__init__(**values)


class LaterEditsHold(EditOverlaid):
    """EditOverlaid with its later edits in words."""

    message = message_id("Later changes depend on this one. Undo them first, in this order: %(changes)s")


class ThemesAreKept(EditOverlaid):
    """No later edit, but themes that would go have an answer or work of the team."""

    message = message_id(
        "Undoing this takes these themes away, and they have an answer, an assignee, a due date or a note: %(themes)s."
        " Remove those first. A published answer stays, and so does its theme."
    )


def later_edits(session: Session, edit: ThemeEdit, *, retiring: Container[int]) -> list[ThemeEdit]:
    """The later edits that still hold and concern the same ideas or themes, the latest first.

    Of themes: those that named, merged or split one that the edit changed, that retired one where its ideas came from,
    or that put an idea in one of those that its undoing retires (`retiring`). Two queries.
    """
    later = select(ThemeEdit.id, ThemeEdit.kind, ThemeEdit.summary, ThemeEdit.before, ThemeEdit.after).where(
        ThemeEdit.campaign_id == edit.campaign_id, ThemeEdit.id > edit.id, ThemeEdit.undone_at.is_(None)
    )
    changed = _changed_themes(edit.before, edit.after)
    came_from = {state["theme_id"] for state in edit.before.placements.values()}
    found = []
    with session.execute(later.execution_options(yield_per=10)) as rows:  # each may hold thousands of ideas
        for number, kind, summary, before, after in rows:
            shaped = set(summary.get("themes", ())) if kind in TOUCHING else set()
            if (
                after.placements.keys() & edit.after.placements.keys()
                or (before.forbidden.keys() | after.forbidden.keys()) & edit.after.forbidden.keys()
                or shaped & changed
                or any(after.themes[theme_id]["retired"] for theme_id in after.themes.keys() & came_from)
                or any(state["theme_id"] in retiring for state in after.placements.values())
            ):
                found.append(number)
    named = select(ThemeEdit).where(ThemeEdit.id.in_(found)).options(joinedload(ThemeEdit.person))
    return list(session.scalars(named.order_by(ThemeEdit.id.desc())))


def _changed_themes(before: Snapshot, after: Snapshot) -> set[int]:
    """The themes that have another name by the edit, or came or went with it."""

    def differs(theme_id: int, state: Mapping[str, object]) -> bool:
        return any(state[name] != before.themes[theme_id][name] for name in DECIDED_OF_THEME)

    return {theme_id for theme_id, state in after.themes.items() if differs(theme_id, state)}
