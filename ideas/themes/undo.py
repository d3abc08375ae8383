"""Undoing an act: what it changed is restored exactly, unless something later depends on it."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.orm import Session, undefer

from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.apply import forget_run
from ideas.themes.history import (
    DECIDED_OF_IDEA,
    DECIDED_OF_THEME,
    FOUND,
    RESHAPING,
    TOUCHING,
    EditKind,
    ThemeEdit,
    placement_states,
    theme_states,
)
from ideas.themes.place_new_ideas import place_waiting_ideas
from ideas.themes.placement import (
    BELONGING,
    Forbidden,
    PlacedHow,
    Placement,
    PlacementRow,
    load_placements,
    theme_columns,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.proposal import Proposal, restore_measurements
from ideas.themes.run import latest_run
from ideas.themes.theme import Theme, active_themes, mark_reshaped


class AlreadyUndone(DomainError):
    message = message_id("This was undone already.")


class EditOverlaid(Conflict):
    message = message_id("A later change depends on this one. Undo the later one first.")


def undo_edit(session: Session, edit: ThemeEdit, *, keep: Container[int] = (), by: Person, now: datetime) -> None:
    """Restore what the act changed. The owner and facilitators may. `keep`: themes that no undoing may retire.

    What a later run found and measured stays as it is. An idea that a run placed since in a theme that the undoing
    retires becomes an outlier.
    Raises AlreadyUndone; EditOverlaid where a later act or run changed the same things again, or where the undoing
    would leave an idea in a retired theme, or retire a theme that a person shaped since or that is to be kept.
    """
    campaign = session.get_one(Campaign, edit.campaign_id)
    lock_campaign(session, campaign)
    session.refresh(edit)
    if edit.undone_at is not None:
        raise AlreadyUndone
    themes = session.scalars(select(Theme).where(Theme.id.in_(edit.after.themes))).all()
    here = load_placements(session, campaign)
    forbidden = _forbidden_of(session, edit)
    _check_unchanged(edit, themes, here, forbidden)
    retiring = _turned(edit, retired=True)
    shaping = session.scalars(_others(edit).where(ThemeEdit.kind.in_(TOUCHING))).all()
    going = [theme for theme in themes if theme.id in retiring]
    if _has_later_act(session, edit) or _would_strand(session, edit, retiring, here):
        raise EditOverlaid
    if any(theme.id in keep or any(act.concerns(theme) for act in shaping) for theme in going):
        raise EditOverlaid
    for theme in themes:
        _restore_theme(theme, edit, now)
        theme.touched = any(act.concerns(theme) for act in shaping)
    _mark_unmeasured(session, campaign, edit)
    stranded = _placed_there_since(edit, retiring, here)
    concerned = [here[idea_id] for idea_id in edit.before.placements]
    measured = _measured(session, [row.idea_id for row in (*stranded, *concerned)])
    update_placements(session, [_left_over(row, measured[row.idea_id]) for row in stranded])
    update_placements(session, [_placement_before(edit, row, measured[row.idea_id]) for row in concerned])
    _restore_forbidden(session, edit, forbidden)
    if edit.kind is EditKind.ACCEPT:
        _restore_run(session, campaign, edit)
    edit.undone_at = now
    edit.undone_by = by
    session.flush()
    place_waiting_ideas(session, campaign, now=now)


def _mark_unmeasured(session: Session, campaign: Campaign, edit: ThemeEdit) -> None:
    """Mark what the latest run did not measure, where it came after the act.

    A theme that comes back has no sub-themes and family in that run; one that gets other ideas is reshaped.
    """
    run = latest_run(session, campaign)
    if run is None or run.id == edit.after.run:
        return
    back, reshaped = _turned(edit, retired=False), _reshaped(edit)
    themes = active_themes(session, campaign)
    for theme in themes:
        if theme.id in back:
            forget_run(theme, [other for other in themes if other.id not in back])
        if theme.id in reshaped:
            mark_reshaped(theme)


def _reshaped(edit: ThemeEdit) -> set[int]:
    """The themes that the undoing gives other ideas, where the act had shaped themes."""
    if edit.kind not in RESHAPING:
        return set()
    after = edit.after.placements
    moves = [(state["theme_id"], after[idea_id]["theme_id"]) for idea_id, state in edit.before.placements.items()]
    return {theme for move in moves if move[0] != move[1] for theme in move if theme is not None}


def _restore_run(session: Session, campaign: Campaign, edit: ThemeEdit) -> None:
    """Make the run before the accepted one the latest again, with all that it measured.

    Where a later run was applied since, what that measured stays.
    """
    run = latest_run(session, campaign)
    if run is None or run.id != edit.after.run:
        return
    run.applied_at = None
    session.flush()
    restore_measurements(session, session.scalars(select(Proposal).where(Proposal.run_id == run.id)).one())
    earlier = latest_run(session, campaign)
    if earlier is not None:
        campaign.grouped_at, campaign.granularity = earlier.created_at, earlier.granularity


def _check_unchanged(
    edit: ThemeEdit, themes: Sequence[Theme], here: Mapping[int, PlacementRow], forbidden: Sequence[Forbidden]
) -> None:
    """What people decide must be as the act left it; what runs find may have changed. Raises EditOverlaid."""
    placed = placement_states(here[idea_id] for idea_id in edit.after.placements if idea_id in here)
    for idea_id, state in edit.after.placements.items():
        if idea_id not in placed or _differs(placed[idea_id], state, DECIDED_OF_IDEA):
            raise EditOverlaid
    there = theme_states(themes)
    for theme_id, state in edit.after.themes.items():
        before = edit.before.themes[theme_id]
        changed = [name for name in DECIDED_OF_THEME if before[name] != state[name]]
        if theme_id not in there or _differs(there[theme_id], state, changed):
            raise EditOverlaid
    if {(row.idea_id, row.theme_id) for row in forbidden} != edit.after.forbidden.keys():
        raise EditOverlaid


def _differs(today: Mapping[str, Any], state: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(today[name] != state[name] for name in names if name in state)


def _turned(edit: ThemeEdit, *, retired: bool) -> set[int]:
    """The themes that the undoing retires, or brings back."""
    after = edit.after.themes
    return {
        theme_id
        for theme_id, state in edit.before.themes.items()
        if state["retired"] is retired and after[theme_id]["retired"] is not retired
    }


def _others(edit: ThemeEdit) -> Select[ThemeEdit]:
    """The campaign's other acts that still hold."""
    return select(ThemeEdit).where(
        ThemeEdit.campaign_id == edit.campaign_id, ThemeEdit.id != edit.id, ThemeEdit.undone_at.is_(None)
    )


def _has_later_act(session: Session, edit: ThemeEdit) -> bool:
    """True if a later act concerns one of the same ideas, even where it left the idea as it was."""
    later = session.scalars(_others(edit).where(ThemeEdit.id > edit.id).options(undefer(ThemeEdit.after)))
    return any(act.after.placements.keys() & edit.after.placements.keys() for act in later)


def _would_strand(session: Session, edit: ThemeEdit, retiring: set[int], here: Mapping[int, PlacementRow]) -> bool:
    """True if undoing would leave an idea in a theme that is retired, or move one that a person placed."""
    returning = {state["theme_id"] for state in edit.before.placements.values()} - {None}
    coming_back = _turned(edit, retired=False)
    gone = session.scalars(select(Theme.id).where(Theme.id.in_(returning - coming_back), Theme.retired_at.is_not(None)))
    placed = any(row.placed_by_id is not None for row in _placed_there_since(edit, retiring, here))
    return placed or bool(gone.all() or returning & retiring)


def _placed_there_since(edit: ThemeEdit, retiring: set[int], here: Mapping[int, PlacementRow]) -> list[PlacementRow]:
    """The ideas that are no part of the act, in themes that its undoing retires."""
    concerned = edit.before.placements
    return [row for row in here.values() if row.theme_id in retiring and row.idea_id not in concerned]


def _measured(session: Session, idea_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """How each idea belongs to its theme now, and its nearest themes."""
    columns = [getattr(Placement, name) for name in ("idea_id", "nearest", *BELONGING)]
    found: dict[int, Row[Any]] = {}
    for some in chunks(idea_ids):
        rows = session.execute(select(*columns).where(Placement.idea_id.in_(some)))
        found.update((row.idea_id, row) for row in rows)
    return found


def _left_over(row: PlacementRow, measured: Row[Any]) -> dict[str, Any]:
    """The columns of an idea that a run placed since in a theme that is retired: an outlier until a run places it."""
    return {"idea_id": row.idea_id} | theme_columns(None) | unmeasured_columns(None, measured.nearest)


def _restore_theme(theme: Theme, edit: ThemeEdit, now: datetime) -> None:
    before, after = edit.before.themes[theme.id], edit.after.themes[theme.id]
    changed = {name: value for name, value in before.items() if value != after[name]}
    if "retired" in changed:
        theme.retired_at = now if changed.pop("retired") else None
    for name, value in changed.items():
        if name not in FOUND or getattr(theme, name) == after[name]:
            setattr(theme, name, value)


def _placement_before(edit: ThemeEdit, row: PlacementRow, measured: Row[Any]) -> dict[str, Any]:
    before, after = (states.placements[row.idea_id] for states in (edit.before, edit.after))
    by = {"placed_by_id": before["placed_by_id"], "placed_how": _how(before)}
    where = theme_columns(before["theme_id"], before["leftover"]) | by
    if all(getattr(measured, name) == after.get(name) for name in BELONGING):
        belonging = {name: before[name] for name in BELONGING}
    elif before["theme_id"] != row.theme_id:  # a run measured it since in the theme where the act had moved it
        belonging = unmeasured_columns(before["theme_id"], measured.nearest)
    else:
        belonging = {name: getattr(measured, name) for name in BELONGING}
    return {"idea_id": row.idea_id} | where | belonging


def _how(state: Mapping[str, Any]) -> PlacedHow | None:
    """The act by which a person placed an idea; the first acts of all did not keep it."""
    if state["placed_by_id"] is None:
        return None
    return PlacedHow(state.get("placed_how") or (PlacedHow.MOVED if state["theme_id"] else PlacedHow.SET_ASIDE))


def _forbidden_of(session: Session, edit: ThemeEdit) -> Sequence[Forbidden]:
    """Those of the act's forbidden pairs, lifted or added, that hold now."""
    pairs = edit.before.forbidden.keys() | edit.after.forbidden.keys()
    return session.scalars(
        select(Forbidden).where(tuple_(Forbidden.idea_id, Forbidden.theme_id).in_(sorted(pairs)))
    ).all()


def _restore_forbidden(session: Session, edit: ThemeEdit, forbidden: Sequence[Forbidden]) -> None:
    before = dict(edit.before.forbidden)
    for row in forbidden:
        if before.pop((row.idea_id, row.theme_id), None) is None:
            session.delete(row)
    session.add_all(
        Forbidden(
            idea_id=idea_id,
            theme_id=theme_id,
            campaign_id=edit.campaign_id,
            person_id=person_id,
            created_at=created_at,
        )
        for (idea_id, theme_id), (person_id, created_at) in before.items()
    )
