"""Taking an act back: what it changed is put back exactly, unless something later stands on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ideas.campaign import Campaign, hold
from ideas.errors import Conflict, DomainError, message_id
from ideas.person import Person
from ideas.theme import Forbidden, Leftover, PlacedHow, Placement, Theme, put
from ideas.theme_edit import FOUND, MEASURED, TOUCHING, ThemeEdit, placements_state, themes_state


class AlreadyUndone(DomainError):
    message = message_id("This was undone already.")


class EditOverlaid(Conflict):
    message = message_id("Something later stands on this change. Undo the later change first.")


def undo_edit(session: Session, edit: ThemeEdit, *, by: Person, now: datetime) -> None:
    """Put back what the act changed. The owner and facilitators may.

    What a later run found and measured since stays as it is. An idea that the machine put since into a theme which the
    undoing takes away stands alone.
    Raises AlreadyUndone; EditOverlaid where a later act or run changed the same things again, or where the undoing
    would leave an idea in a theme that is no more.
    """
    campaign = session.get_one(Campaign, edit.campaign_id)
    hold(session, campaign)
    session.refresh(edit)
    if edit.undone_at is not None:
        raise AlreadyUndone
    themes = session.scalars(select(Theme).where(Theme.id.in_(_ids(edit.after["themes"])))).all()
    placements = session.scalars(select(Placement).where(Placement.idea_id.in_(_ids(edit.after["placements"])))).all()
    bans = _bans_of(session, edit)
    others = _others(session, edit)
    _check_still_so(edit, themes, placements, bans)
    retiring = _turned(edit, retired=True)
    if _is_built_upon(edit, others) or _would_strand(session, edit, retiring):
        raise EditOverlaid
    _let_go(session, edit, retiring)
    for theme in themes:
        _put_theme_back(theme, edit, now)
        theme.touched = any(act.kind in TOUCHING and str(theme.id) in act.after["themes"] for act in others)
    for placement in placements:
        _put_idea_back(placement, edit)
    _put_bans_back(session, edit, bans)
    campaign.granularity = edit.before.get("granularity", campaign.granularity)
    edit.undone_at = now
    edit.undone_by_id = by.id
    session.flush()


def _check_still_so(
    edit: ThemeEdit, themes: Sequence[Theme], placements: Sequence[Placement], bans: Sequence[Forbidden]
) -> None:
    """What people decide must be as the act left it; what the machine finds may have changed. Raises EditOverlaid."""
    stands = {"themes": themes_state(themes), "placements": placements_state(placements)}
    for kind, apart in (("themes", FOUND), ("placements", MEASURED)):
        for name, state in edit.after[kind].items():
            here = stands[kind].get(name)
            watched = [key for key in state if key not in apart and _matters(edit, kind, name, key)]
            if here is None or any(here[key] != state[key] for key in watched):
                raise EditOverlaid
    if {(ban.idea_id, ban.theme_id) for ban in bans} != _pairs(edit.after.get("forbidden", [])):
        raise EditOverlaid


def _matters(edit: ThemeEdit, kind: str, name: str, key: str) -> bool:
    """A theme counts where the act changed it; an idea also where the act left it as it was."""
    return kind == "placements" or edit.before[kind][name][key] != edit.after[kind][name][key]


def _turned(edit: ThemeEdit, *, retired: bool) -> set[int]:
    """The themes that the undoing retires, or brings back."""
    before, after = edit.before["themes"], edit.after["themes"]
    return {
        int(name)
        for name, state in before.items()
        if state["retired"] is retired and after[name]["retired"] is not retired
    }


def _others(session: Session, edit: ThemeEdit) -> Sequence[ThemeEdit]:
    """The campaign's other acts that still hold."""
    return session.scalars(
        select(ThemeEdit).where(
            ThemeEdit.campaign_id == edit.campaign_id, ThemeEdit.id != edit.id, ThemeEdit.undone_at.is_(None)
        )
    ).all()


def _is_built_upon(edit: ThemeEdit, others: Sequence[ThemeEdit]) -> bool:
    """True if a later act concerns one of the same ideas, even where it left the idea as it was."""
    later = [act for act in others if act.id > edit.id]
    return any(act.after["placements"].keys() & edit.after["placements"].keys() for act in later)


def _would_strand(session: Session, edit: ThemeEdit, retiring: set[int]) -> bool:
    """True if undoing would leave an idea in a theme that is retired, or take one from where a person put it."""
    returning = {state["theme"] for state in edit.before["placements"].values()} - {None}
    coming_back = _turned(edit, retired=False)
    gone = session.scalars(select(Theme.id).where(Theme.id.in_(returning - coming_back), Theme.retired_at.is_not(None)))
    placed = session.scalars(
        select(Placement.idea_id).where(
            Placement.theme_id.in_(retiring),
            Placement.idea_id.not_in(_ids(edit.before["placements"])),
            Placement.placed_by_id.is_not(None),
        )
    )
    return bool(gone.all() or placed.all() or returning & retiring)


def _let_go(session: Session, edit: ThemeEdit, retiring: set[int]) -> None:
    """Ideas that the machine put since into a theme which goes stand alone until it places them again."""
    for placement in session.scalars(
        select(Placement).where(
            Placement.theme_id.in_(retiring), Placement.idea_id.not_in(_ids(edit.before["placements"]))
        )
    ):
        put(placement, None)


def _put_theme_back(theme: Theme, edit: ThemeEdit, now: datetime) -> None:
    before, after = edit.before["themes"][str(theme.id)], edit.after["themes"][str(theme.id)]
    changed = {name: value for name, value in before.items() if value != after[name]}
    if "retired" in changed:
        theme.retired_at = now if changed.pop("retired") else None
    for name, value in changed.items():
        if name not in FOUND or getattr(theme, name) == after[name]:
            setattr(theme, name, value)


def _put_idea_back(placement: Placement, edit: ThemeEdit) -> None:
    before, after = edit.before["placements"][str(placement.idea_id)], edit.after["placements"][str(placement.idea_id)]
    put(placement, before["theme"], Leftover(before["leftover"]) if before["leftover"] else None)
    placement.placed_by_id = before["placed_by"]
    placement.placed_how = _how(before)
    if all(getattr(placement, name) == after.get(name) for name in MEASURED):
        for name in MEASURED:
            setattr(placement, name, before[name])


def _how(state: Mapping[str, Any]) -> PlacedHow | None:
    """By which act a person placed an idea; acts of the first version did not say."""
    if state["placed_by"] is None:
        return None
    return PlacedHow(state.get("placed_how") or (PlacedHow.MOVED if state["theme"] else PlacedHow.ALONE))


def _bans_of(session: Session, edit: ThemeEdit) -> Sequence[Forbidden]:
    """Those of the act's forbidden pairs, lifted or added, that hold now."""
    pairs = _pairs(edit.before.get("forbidden", [])) | _pairs(edit.after.get("forbidden", []))
    return session.scalars(
        select(Forbidden).where(tuple_(Forbidden.idea_id, Forbidden.theme_id).in_(sorted(pairs)))
    ).all()


def _put_bans_back(session: Session, edit: ThemeEdit, bans: Sequence[Forbidden]) -> None:
    before = {(idea_id, theme_id): rest for idea_id, theme_id, *rest in edit.before.get("forbidden", [])}
    for ban in bans:
        if before.pop((ban.idea_id, ban.theme_id), None) is None:
            session.delete(ban)
    session.add_all(
        Forbidden(
            idea_id=idea_id,
            theme_id=theme_id,
            campaign_id=edit.campaign_id,
            person_id=person_id,
            created_at=datetime.fromisoformat(created_at),
        )
        for (idea_id, theme_id), (person_id, created_at) in before.items()
    )


def _pairs(bans: Sequence[Sequence[Any]]) -> set[tuple[int, int]]:
    return {(ban[0], ban[1]) for ban in bans}


def _ids(states: Mapping[str, Any]) -> list[int]:
    return [int(name) for name in states]
