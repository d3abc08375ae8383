"""Undoing an edit: what it changed is restored exactly, unless something later depends on it."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import optional
from ideas.themes.edits.history import (
    DECIDED_OF_IDEA,
    DECIDED_OF_THEME,
    FOUND,
    MAX_REASON_LENGTH,
    SHAPE,
    TOUCHING,
    EditedTheme,
    EditKind,
    Moves,
    ThemeEdit,
    answers_by_passage,
    placement_states,
    record_moves,
    theme_states,
)
from ideas.themes.edits.later import EditOverlaid, ThemesAreKept, later_edits
from ideas.themes.passage import carried, drop_stray_passages, load_passages, replace_passages_of
from ideas.themes.place_new_ideas import place_waiting_ideas
from ideas.themes.placement import (
    BELONGING,
    Forbidden,
    PlacedHow,
    Placement,
    PlacementRow,
    add_forbidden,
    load_placements,
    theme_columns,
    unmeasured_columns,
    update_placements,
)
from ideas.themes.refresh import ask_for_refresh
from ideas.themes.runs.apply import forget_run
from ideas.themes.runs.proposal import Proposal, restore_measurements
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import Theme, active_themes, mark_reshaped


class AlreadyUndone(DomainError):
    message = message_id("This was undone already.")


def undo_edit(
    session: Session, edit: ThemeEdit, *, keep: Container[int] = (), by: Person, now: datetime, reason: str = ""
) -> None:
    """Restore what the edit changed. The owner and facilitators may. `keep`: themes that no undoing may retire.

    What a later run found and measured stays as it is. An idea that a run placed since in a theme that the undoing
    retires becomes an outlier. A theme that people named, merged or split since keeps the name that it has.
    Raises AlreadyUndone; EditOverlaid where a later edit or run changed the same things again, or where the undoing
    would leave an idea in a retired theme, or retire a theme that a person shaped since or, as ThemesAreKept, one that
    is to be kept;
    PublicAnswersChange (after the debrief, ideas move without a reason).
    """
    campaign = session.get_one(Campaign, edit.campaign_id)
    lock_campaign(session, campaign)
    session.refresh(edit)
    if edit.undone_at is not None:
        raise AlreadyUndone
    themes = session.scalars(select(Theme).where(Theme.id.in_(edit.after.themes))).all()
    here = load_placements(session, campaign)
    forbidden = _forbidden_of(session, edit)
    retiring, shaped = _turned(edit, retired=True), _shaped_by_others(session, edit)
    if (
        not _is_unchanged(edit, themes, here, forbidden)
        or _has_later_edit(session, edit)
        or _would_strand(session, edit, retiring, here)
        or any(number in keep or number in shaped for number in retiring)
    ):
        later = later_edits(session, edit, retiring=retiring)
        kept = [theme.name for theme in themes if theme.id in retiring and theme.id in keep]
        if kept and not later:
            raise ThemesAreKept(themes=" · ".join(kept))
        raise EditOverlaid(later)
    for theme in themes:
        theme.touched = theme.id in shaped
    exact = {theme.id for theme in themes if _restore_theme(theme, edit, now)}
    stranded = _placed_there_since(edit, retiring, here)
    concerned = [here[idea_id] for idea_id in edit.before.placements]
    moves = _moves(edit, stranded, concerned)
    _mark_unmeasured(session, campaign, edit, moves, exact)
    measured = _measured(session, [row.idea_id for row in (*stranded, *concerned)])
    update_placements(session, [_left_over(row, measured[row.idea_id]) for row in stranded])
    update_placements(session, [_placement_before(edit, row, measured[row.idea_id]) for row in concerned])
    _restore_forbidden(session, edit, forbidden)
    if edit.kind is EditKind.ACCEPT:
        _restore_run(session, campaign, edit)
    answers = _restore_passages(session, campaign, edit, moves) | moves
    edit.undone_at = now
    edit.undone_by = by
    reason = optional(reason, max_length=MAX_REASON_LENGTH)
    facts = {"kind": edit.kind, "count": len(moves)}
    record(session, Verb.UNDONE, edit, by=by, now=now, campaign_id=campaign.id, reason=reason, after=facts)
    record_moves(session, campaign, edit, answers, by=by, reason=reason, now=now)
    session.flush()
    ask_for_refresh(session, campaign, active_themes(session, campaign), now=now)
    place_waiting_ideas(session, campaign, now=now)


def _moves(edit: ThemeEdit, stranded: Sequence[PlacementRow], concerned: Sequence[PlacementRow]) -> Moves:
    """The ideas that the undoing moves."""
    back = {row.idea_id: (row.theme_id, edit.before.placements[row.idea_id]["theme_id"]) for row in concerned}
    out: Moves = {row.idea_id: (row.theme_id, None) for row in stranded}
    return {idea_id: move for idea_id, move in (back | out).items() if move[0] != move[1]}


def _mark_unmeasured(
    session: Session, campaign: Campaign, edit: ThemeEdit, moves: Moves, exact: Container[int]
) -> None:
    """Mark the themes that have other ideas now than those that were measured together.

    Not those that are back `exact`ly as they were, unless a run came after the edit. A theme that comes back has no
    sub-themes and family in that run.
    """
    run = latest_run(session, campaign)
    run_since = run is not None and run.id != edit.after.run
    back = _turned(edit, retired=False)
    moved = {number for move in moves.values() for number in move}
    themes = active_themes(session, campaign)
    for theme in themes:
        if run_since and theme.id in back:
            forget_run(theme, [other for other in themes if other.id not in back])
        # The first moves of ideas kept neither their run nor the themes, which stayed as they were.
        other_run = run_since and (edit.after.run is not None or theme.id in edit.after.themes)
        if theme.id in moved and (other_run or (theme.id not in exact and _was_reshaped(edit, theme))):
            mark_reshaped(theme)


def _was_reshaped(edit: ThemeEdit, theme: Theme) -> bool:
    """True if the edit gave the theme other ideas. One of an earlier version cleared nothing then, and may not say."""
    before, after = edit.before.themes.get(theme.id, {}), edit.after.themes.get(theme.id, {})
    return before[SHAPE] != after[SHAPE] if SHAPE in before else bool(before) or theme.shape > 1


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


def _is_unchanged(
    edit: ThemeEdit, themes: Sequence[Theme], here: Mapping[int, PlacementRow], forbidden: Sequence[Forbidden]
) -> bool:
    """True if what people decide is as the edit left it; what runs find may have changed."""
    placed = placement_states(here[idea_id] for idea_id in edit.after.placements if idea_id in here)
    for idea_id, state in edit.after.placements.items():
        if idea_id not in placed or _differs(placed[idea_id], state, DECIDED_OF_IDEA):
            return False
    there = theme_states(themes)
    for theme_id, state in edit.after.themes.items():
        before = edit.before.themes[theme_id]
        changed = [name for name in DECIDED_OF_THEME if before[name] != state[name]]
        if theme_id not in there or _differs(there[theme_id], state, changed):
            return False
    return {(row.idea_id, row.theme_id) for row in forbidden} == edit.after.forbidden.keys()


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
    """The campaign's other edits that still hold."""
    return select(ThemeEdit).where(
        ThemeEdit.campaign_id == edit.campaign_id, ThemeEdit.id != edit.id, ThemeEdit.undone_at.is_(None)
    )


def _shaped_by_others(session: Session, edit: ThemeEdit) -> set[int]:
    """The themes that other edits, which still hold, named, merged or split."""
    others = _others(edit).where(ThemeEdit.kind.in_(TOUCHING)).with_only_columns(ThemeEdit.id)
    return set(session.scalars(select(EditedTheme.theme_id).where(EditedTheme.edit_id.in_(others)).distinct()))


def _has_later_edit(session: Session, edit: ThemeEdit) -> bool:
    """True if a later edit concerns one of the same ideas, even where it left the idea as it was."""
    later = _others(edit).where(ThemeEdit.id > edit.id).with_only_columns(ThemeEdit.after)
    concerned = edit.after.placements.keys()
    with session.scalars(later.execution_options(yield_per=10)) as found:  # each may hold thousands of ideas
        return any(after.placements.keys() & concerned for after in found)


def _would_strand(session: Session, edit: ThemeEdit, retiring: set[int], here: Mapping[int, PlacementRow]) -> bool:
    """True if undoing would leave an idea in a theme that is retired, or move one that a person placed."""
    returning = {state["theme_id"] for state in edit.before.placements.values()} - {None}
    coming_back = _turned(edit, retired=False)
    gone = session.scalars(select(Theme.id).where(Theme.id.in_(returning - coming_back), Theme.retired_at.is_not(None)))
    placed = any(row.placed_by_id is not None for row in _placed_there_since(edit, retiring, here))
    return placed or bool(gone.all() or returning & retiring)


def _placed_there_since(edit: ThemeEdit, retiring: set[int], here: Mapping[int, PlacementRow]) -> list[PlacementRow]:
    """The ideas that are no part of the edit, in themes that its undoing retires."""
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


def _restore_theme(theme: Theme, edit: ThemeEdit, now: datetime) -> bool:
    """Restore what the edit changed. True if the theme is back exactly as it was: it had no other ideas since."""
    before, after = edit.before.themes[theme.id], edit.after.themes[theme.id]
    exact: bool
    if SHAPE in before:
        exact = before[SHAPE] != after[SHAPE] and theme.shape == after[SHAPE]
    else:  # an edit of an earlier version
        exact = theme.shape == 1 and all(getattr(theme, name) == after[name] for name in FOUND if name in after)
    if before["retired"] != after["retired"]:
        theme.retired_at = now if before["retired"] else None
    for name in ("given_name", *FOUND):
        held = name in ("found_name", "other_names") and theme.touched  # a name holds until a person changes it
        changed = name in before and before[name] != after[name]
        as_left = name == "given_name" or getattr(theme, name) == after.get(name)
        if not held and name in before and ((exact and name in FOUND) or (changed and as_left)):
            setattr(theme, name, before[name])
    if exact:
        theme.shape = before.get(SHAPE, theme.shape)
    theme.version += 1
    return exact


def _placement_before(edit: ThemeEdit, row: PlacementRow, measured: Row[Any]) -> dict[str, Any]:
    before, after = (states.placements[row.idea_id] for states in (edit.before, edit.after))
    by = {"placed_by_id": before["placed_by_id"], "placed_how": _how(before)}
    where = theme_columns(before["theme_id"], before["leftover"]) | by
    if all(getattr(measured, name) == after.get(name) for name in BELONGING):
        belonging = {name: before[name] for name in BELONGING}
    elif before["theme_id"] != row.theme_id:  # a run measured it since in the theme where the edit had moved it
        belonging = unmeasured_columns(before["theme_id"], measured.nearest)
    else:
        belonging = {name: getattr(measured, name) for name in BELONGING}
    return {"idea_id": row.idea_id} | where | belonging


def _restore_passages(session: Session, campaign: Campaign, edit: ThemeEdit, moves: Moves) -> Moves:
    """Restore the passages as they were before the edit, where they are as it left them.

    Those that a run found since follow their ideas. Returns the ideas that count in other themes by it, as moves.
    """
    session.flush()
    here = load_passages(session, campaign)
    changed = carried(here, moves)
    for idea_id, after in edit.after.passages.items():
        before = edit.before.passages[idea_id]
        if here.get(idea_id, []) == after:
            changed[idea_id] = before
        elif kept := {row.theme_id for row in after if row.kept} - {row.theme_id for row in before if row.kept}:
            rows = changed.get(idea_id, here.get(idea_id, []))
            changed[idea_id] = [row._replace(kept=row.kept and row.theme_id not in kept) for row in rows]
    replace_passages_of(session, changed.keys(), changed)
    drop_stray_passages(session, campaign)
    if not here and not changed:
        return {}
    now = load_passages(session, campaign)
    others = sorted(idea_id for idea_id in here.keys() | now.keys() if now.get(idea_id) != here.get(idea_id))
    mains: dict[int, int | None] = {}
    for some in chunks(others):
        found = session.execute(select(Placement.idea_id, Placement.theme_id).where(Placement.idea_id.in_(some)))
        mains.update((idea_id, theme_id) for idea_id, theme_id in found)
    return answers_by_passage(here, {idea_id: now.get(idea_id, []) for idea_id in others}, mains)


def _how(state: Mapping[str, Any]) -> PlacedHow | None:
    """The edit by which a person placed an idea; the first edits of all did not keep it."""
    if state["placed_by_id"] is None:
        return None
    return PlacedHow(state.get("placed_how") or (PlacedHow.MOVED if state["theme_id"] else PlacedHow.SET_ASIDE))


def _forbidden_of(session: Session, edit: ThemeEdit) -> Sequence[Forbidden]:
    """Those of the edit's forbidden pairs, lifted or added, that hold now."""
    pairs = edit.before.forbidden.keys() | edit.after.forbidden.keys()
    return session.scalars(
        select(Forbidden).where(tuple_(Forbidden.idea_id, Forbidden.theme_id).in_(sorted(pairs)))
    ).all()


def _restore_forbidden(session: Session, edit: ThemeEdit, forbidden: Sequence[Forbidden]) -> None:
    before = dict(edit.before.forbidden)
    for row in forbidden:
        if before.pop((row.idea_id, row.theme_id), None) is None:
            session.delete(row)
    add_forbidden(session, edit.campaign_id, before)
