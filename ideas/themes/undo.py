"""Taking an act back: what it changed is put back exactly, unless something later stands on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.orm import Session, undefer

from ideas.answers.decision import decision_on
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, hold
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.themes.due import place_what_waits
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
from ideas.themes.placement import Stand, change_stands, stands
from ideas.themes.proposal import Proposal, restore_measured
from ideas.themes.run import forget_run
from ideas.themes.theme import (
    BELONGING,
    Forbidden,
    PlacedHow,
    Placement,
    Theme,
    active_themes,
    latest_run,
    mark_reshaped,
    place,
    unmeasured,
)


class AlreadyUndone(DomainError):
    message = message_id("This was undone already.")


class EditOverlaid(Conflict):
    message = message_id("Something later stands on this change. Undo the later change first.")


def undo_edit(session: Session, edit: ThemeEdit, *, by: Person, now: datetime) -> None:
    """Put back what the act changed. The owner and facilitators may.

    What a later run found and measured since stays as it is. An idea that the machine put since into a theme which the
    undoing takes away stands alone.
    Raises AlreadyUndone; EditOverlaid where a later act or run changed the same things again, or where the undoing
    would leave an idea in a theme that is no more, or take away a theme that a person shaped since or that has its
    answer.
    """
    campaign = session.get_one(Campaign, edit.campaign_id)
    hold(session, campaign)
    session.refresh(edit)
    if edit.undone_at is not None:
        raise AlreadyUndone
    themes = session.scalars(select(Theme).where(Theme.id.in_(edit.after.themes))).all()
    here = stands(session, campaign)
    bans = _bans_of(session, edit)
    _check_still_so(edit, themes, here, bans)
    retiring = _turned(edit, retired=True)
    shaping = session.scalars(_others(edit).where(ThemeEdit.kind.in_(TOUCHING))).all()
    going = [theme for theme in themes if theme.id in retiring]
    if _is_built_upon(session, edit) or _would_strand(session, edit, retiring, here):
        raise EditOverlaid
    if _are_cared_for(session, going, shaping):
        raise EditOverlaid
    for theme in themes:
        _put_theme_back(theme, edit, now)
        theme.touched = any(act.concerns(theme) for act in shaping)
    _leave_older_runs(session, campaign, edit)
    let_go = _put_there_since(edit, retiring, here)
    concerned = [here[idea_id] for idea_id in edit.before.placements]
    measured = _measured(session, [stand.idea_id for stand in (*let_go, *concerned)])
    change_stands(session, [_alone(stand, measured[stand.idea_id]) for stand in let_go])
    change_stands(session, [_stand_before(edit, stand, measured[stand.idea_id]) for stand in concerned])
    _put_bans_back(session, edit, bans)
    if edit.kind is EditKind.ACCEPT:
        _take_run_back(session, campaign, edit)
    edit.undone_at = now
    edit.undone_by = by
    session.flush()
    place_what_waits(session, campaign, now=now)


def _leave_older_runs(session: Session, campaign: Campaign, edit: ThemeEdit) -> None:
    """What a run found since the act is not said of the ideas as they stood before it.

    A theme that comes back has none of the sub-themes and families of the run on the page.
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


def _take_run_back(session: Session, campaign: Campaign, edit: ThemeEdit) -> None:
    """The themes are those of the run before the accepted one again, with all that it measured.

    Where a later run took the place of the accepted one since, what that measured stays.
    """
    run = latest_run(session, campaign)
    if run is None or run.id != edit.after.run:
        return
    run.applied_at = None
    session.flush()
    restore_measured(session, session.scalars(select(Proposal).where(Proposal.run_id == run.id)).one())
    earlier = latest_run(session, campaign)
    if earlier is not None:
        campaign.grouped_at, campaign.granularity = earlier.created_at, earlier.granularity


def _check_still_so(
    edit: ThemeEdit, themes: Sequence[Theme], here: Mapping[int, Stand], bans: Sequence[Forbidden]
) -> None:
    """What people decide must be as the act left it; what the machine finds may have changed. Raises EditOverlaid."""
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
    if {(ban.idea_id, ban.theme_id) for ban in bans} != edit.after.forbidden.keys():
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


def _is_built_upon(session: Session, edit: ThemeEdit) -> bool:
    """True if a later act concerns one of the same ideas, even where it left the idea as it was."""
    later = session.scalars(_others(edit).where(ThemeEdit.id > edit.id).options(undefer(ThemeEdit.after)))
    return any(act.after.placements.keys() & edit.after.placements.keys() for act in later)


def _would_strand(session: Session, edit: ThemeEdit, retiring: set[int], here: Mapping[int, Stand]) -> bool:
    """True if undoing would leave an idea in a theme that is retired, or take one from where a person put it."""
    returning = {state["theme_id"] for state in edit.before.placements.values()} - {None}
    coming_back = _turned(edit, retired=False)
    gone = session.scalars(select(Theme.id).where(Theme.id.in_(returning - coming_back), Theme.retired_at.is_not(None)))
    placed = any(stand.placed_by_id is not None for stand in _put_there_since(edit, retiring, here))
    return placed or bool(gone.all() or returning & retiring)


def _are_cared_for(session: Session, themes: Sequence[Theme], shaping: Sequence[ThemeEdit]) -> bool:
    """True if a person named or shaped one of these themes by another act, or gave it its answer."""
    shaped = any(act.concerns(theme) for act in shaping for theme in themes)
    return shaped or any(decision_on(session, theme) is not None for theme in themes)


def _put_there_since(edit: ThemeEdit, retiring: set[int], here: Mapping[int, Stand]) -> list[Stand]:
    """The ideas that are no part of the act, in themes that its undoing retires."""
    concerned = edit.before.placements
    return [stand for stand in here.values() if stand.theme_id in retiring and stand.idea_id not in concerned]


def _measured(session: Session, idea_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """How each idea belongs where it stands now, and its nearest themes."""
    columns = [getattr(Placement, name) for name in ("idea_id", "nearest", *BELONGING)]
    found: dict[int, Row[Any]] = {}
    for some in chunks(idea_ids):
        rows = session.execute(select(*columns).where(Placement.idea_id.in_(some)))
        found.update((row.idea_id, row) for row in rows)
    return found


def _alone(stand: Stand, measured: Row[Any]) -> dict[str, Any]:
    """An idea that the machine put since into a theme which goes stands alone until it places it again."""
    return {"idea_id": stand.idea_id} | place(None) | unmeasured(None, measured.nearest)


def _put_theme_back(theme: Theme, edit: ThemeEdit, now: datetime) -> None:
    before, after = edit.before.themes[theme.id], edit.after.themes[theme.id]
    changed = {name: value for name, value in before.items() if value != after[name]}
    if "retired" in changed:
        theme.retired_at = now if changed.pop("retired") else None
    for name, value in changed.items():
        if name not in FOUND or getattr(theme, name) == after[name]:
            setattr(theme, name, value)


def _stand_before(edit: ThemeEdit, stand: Stand, measured: Row[Any]) -> dict[str, Any]:
    before, after = (states.placements[stand.idea_id] for states in (edit.before, edit.after))
    by = {"placed_by_id": before["placed_by_id"], "placed_how": _how(before)}
    where = place(before["theme_id"], before["leftover"]) | by
    if all(getattr(measured, name) == after.get(name) for name in BELONGING):
        belonging = {name: before[name] for name in BELONGING}
    elif before["theme_id"] != stand.theme_id:  # a run measured it since where the act had put it
        belonging = unmeasured(before["theme_id"], measured.nearest)
    else:
        belonging = {name: getattr(measured, name) for name in BELONGING}
    return {"idea_id": stand.idea_id} | where | belonging


def _how(state: Mapping[str, Any]) -> PlacedHow | None:
    """By which act a person placed an idea; acts of the first version did not say."""
    if state["placed_by_id"] is None:
        return None
    return PlacedHow(state.get("placed_how") or (PlacedHow.MOVED if state["theme_id"] else PlacedHow.SET_ASIDE))


def _bans_of(session: Session, edit: ThemeEdit) -> Sequence[Forbidden]:
    """Those of the act's forbidden pairs, lifted or added, that hold now."""
    pairs = edit.before.forbidden.keys() | edit.after.forbidden.keys()
    return session.scalars(
        select(Forbidden).where(tuple_(Forbidden.idea_id, Forbidden.theme_id).in_(sorted(pairs)))
    ).all()


def _put_bans_back(session: Session, edit: ThemeEdit, bans: Sequence[Forbidden]) -> None:
    before = dict(edit.before.forbidden)
    for ban in bans:
        if before.pop((ban.idea_id, ban.theme_id), None) is None:
            session.delete(ban)
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
