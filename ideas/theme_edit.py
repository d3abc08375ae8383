"""People's acts on themes: rename, merge, split, move; each kept with what it changed, and undoable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaign import Campaign, hold
from ideas.errors import Conflict, DomainError, message_id
from ideas.person import Person
from ideas.text import clean_line, optional, required
from ideas.theme import NAME_MOST, VERBATIMS, Leftover, Placement, Theme

REASON_MOST = 500


class EditKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"


class NothingChosen(DomainError):
    message = message_id("Choose at least one idea first.")


class MergeNeedsTwo(DomainError):
    message = message_id("Choose another theme to merge with.")


class SplitTakesAll(DomainError):
    message = message_id("A split leaves something behind: keep at least one idea in the theme.")


class AlreadyUndone(DomainError):
    message = message_id("This was undone already.")


class EditOverlaid(Conflict):
    message = message_id("Something later stands on this change. Undo the later change first.")


class ThemeEdit(Base):
    """An act of a person on themes, with what it changed before and after: enough to undo it."""

    __tablename__ = "theme_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EditKind] = mapped_column(choice(EditKind, "kind"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    # What the history shows: names and numbers as they were at the time.
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)


def edit_history(session: Session, campaign: Campaign) -> Sequence[ThemeEdit]:
    """What people did to the campaign's themes, latest first."""
    return session.scalars(
        select(ThemeEdit)
        .where(ThemeEdit.campaign_id == campaign.id)
        .options(joinedload(ThemeEdit.person))
        .order_by(ThemeEdit.id.desc())
    ).all()


def rename_theme(
    session: Session, theme: Theme, *, name: str, by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Give a theme a person's name. The owner and facilitators may.

    Raises EmptyText, TooLong, Conflict (the theme is no more).
    """
    name = required(clean_line(name), most=NAME_MOST)
    _hold(session, theme.campaign, theme)
    act = _Act(session, theme.campaign, EditKind.RENAME, by, now, reason, themes=[theme], placements=[])
    act.summary = {"from": theme.name, "to": name}
    theme.given_name = name
    return act.record()


def merge_themes(
    session: Session, into: Theme, *, others: Sequence[Theme], by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Bring the ideas of other themes of the campaign into this one and retire them. The owner and facilitators may.

    All ideas of the merged theme count as placed by the person: later runs keep them together.
    Raises MergeNeedsTwo, Conflict (one of them is no more).
    """
    others = [theme for theme in others if theme.id != into.id and theme.campaign_id == into.campaign_id]
    if not others:
        raise MergeNeedsTwo
    _hold(session, into.campaign, into, *others)
    placements = _placements_in(session, [into, *others])
    act = _Act(session, into.campaign, EditKind.MERGE, by, now, reason, themes=[into, *others], placements=placements)
    act.summary = {"into": into.name, "others": [theme.name for theme in others], "ideas": len(placements)}
    _place(placements, into, by)
    into.phrases = _interleave([into.phrases, *(theme.phrases for theme in others)])[: max(6, len(into.phrases))]
    into.exemplars = _interleave([into.exemplars, *(theme.exemplars for theme in others)])[:VERBATIMS]
    for theme in others:
        theme.retired_at = now
    return act.record()


def split_theme(
    session: Session,
    theme: Theme,
    *,
    idea_ids: Sequence[int],
    name: str,
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Make a new theme of some of a theme's ideas. The owner and facilitators may.

    The ideas of both count as placed by the person.
    Raises NothingChosen, SplitTakesAll, EmptyText, TooLong, Conflict (the theme is no more).
    """
    name = required(clean_line(name), most=NAME_MOST)
    _hold(session, theme.campaign, theme)
    members = _placements_in(session, [theme])
    chosen = [placement for placement in members if placement.idea_id in set(idea_ids)]
    if not chosen:
        raise NothingChosen
    if len(chosen) == len(members):
        raise SplitTakesAll
    new = Theme(
        campaign_id=theme.campaign_id,
        given_name=name,
        found_name=name,
        created_at=now,
        cohesion=theme.cohesion,
        exemplars=[],
        phrases=[],
        x=sum(placement.x for placement in chosen) / len(chosen),
        y=sum(placement.y for placement in chosen) / len(chosen),
        retired_at=now,
    )
    session.add(new)
    session.flush()
    act = _Act(session, theme.campaign, EditKind.SPLIT, by, now, reason, themes=[theme, new], placements=members)
    act.summary = {"from": theme.name, "new": name, "ideas": len(chosen)}
    new.retired_at = None
    _place(chosen, new, by)
    _place([placement for placement in members if placement not in chosen], theme, by)
    return act.record()


def move_ideas(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    to: Theme | None,
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Put ideas of the campaign into one of its themes, or with `to` None let them stand alone.

    The owner and facilitators may. Raises NothingChosen, Conflict (a retired theme).
    """
    if to is not None and to.campaign_id != campaign.id:
        raise Conflict
    _hold(session, campaign, *([to] if to else []))
    placements = session.scalars(
        select(Placement).where(Placement.campaign_id == campaign.id, Placement.idea_id.in_(idea_ids))
    ).all()
    placements = [placement for placement in placements if placement.theme_id != (to.id if to else None)]
    if not placements:
        raise NothingChosen
    act = _Act(session, campaign, EditKind.MOVE, by, now, reason, themes=[], placements=placements)
    act.summary = {"to": to.name if to else None, "ideas": len(placements), "idea": placements[0].idea_id}
    _place(placements, to, by)
    return act.record()


def undo_edit(session: Session, edit: ThemeEdit, *, by: Person, now: datetime) -> None:
    """Put back what the act changed. The owner and facilitators may.

    Raises AlreadyUndone; EditOverlaid where a later act or run changed the same things again, or where the undoing
    would leave an idea in a theme that is no more.
    """
    hold(session, session.get_one(Campaign, edit.campaign_id))
    session.refresh(edit)
    if edit.undone_at is not None:
        raise AlreadyUndone
    themes = session.scalars(select(Theme).where(Theme.id.in_(_ids(edit.after["themes"])))).all()
    placements = session.scalars(select(Placement).where(Placement.idea_id.in_(_ids(edit.after["placements"])))).all()
    if _placements_state(placements) != edit.after["placements"]:
        raise EditOverlaid
    changes = _changes(edit)
    now_stands = _themes_state(themes)
    for theme_id, changed in changes.items():
        if any(now_stands[theme_id][name] != edit.after["themes"][theme_id][name] for name in changed):
            raise EditOverlaid
    if _is_built_upon(session, edit) or _would_strand(session, edit, changes):
        raise EditOverlaid
    for theme in themes:
        _put_back(theme, changes[str(theme.id)], now)
    for placement in placements:
        state = edit.before["placements"][str(placement.idea_id)]
        placement.theme_id, placement.placed_by_id = state["theme"], state["placed_by"]
        placement.leftover = Leftover(state["leftover"]) if state["leftover"] else None
    edit.undone_at = now
    edit.undone_by_id = by.id
    session.flush()


def _changes(edit: ThemeEdit) -> dict[str, dict[str, Any]]:
    """What the act changed in each theme, as it was before: a run may have changed the rest since."""
    before, after = edit.before["themes"], edit.after["themes"]
    return {
        theme_id: {name: value for name, value in state.items() if value != after[theme_id][name]}
        for theme_id, state in before.items()
    }


def _put_back(theme: Theme, state: Mapping[str, Any], now: datetime) -> None:
    theme.given_name = state.get("given_name", theme.given_name)
    theme.phrases = state.get("phrases", theme.phrases)
    theme.exemplars = state.get("exemplars", theme.exemplars)
    if "retired" in state:
        theme.retired_at = now if state["retired"] else None


def _is_built_upon(session: Session, edit: ThemeEdit) -> bool:
    """True if a later act that still holds concerns one of the same ideas, even where it left the idea as it was."""
    later = session.scalars(
        select(ThemeEdit).where(
            ThemeEdit.campaign_id == edit.campaign_id, ThemeEdit.id > edit.id, ThemeEdit.undone_at.is_(None)
        )
    )
    return any(act.after["placements"].keys() & edit.after["placements"].keys() for act in later)


def _would_strand(session: Session, edit: ThemeEdit, changes: Mapping[str, Mapping[str, Any]]) -> bool:
    """True if undoing would leave an idea in a theme that is retired."""
    retiring = {int(theme_id) for theme_id, state in changes.items() if state.get("retired") is True}
    reviving = {int(theme_id) for theme_id, state in changes.items() if state.get("retired") is False}
    returning = {state["theme"] for state in edit.before["placements"].values()} - {None}
    gone = session.scalars(select(Theme.id).where(Theme.id.in_(returning - reviving), Theme.retired_at.is_not(None)))
    staying = session.scalars(
        select(Placement.idea_id).where(
            Placement.theme_id.in_(retiring), Placement.idea_id.not_in(_ids(edit.before["placements"]))
        )
    )
    return bool(gone.all() or staying.all() or returning & retiring)


def _hold(session: Session, campaign: Campaign, *themes: Theme) -> None:
    """Let nobody else shape or group the campaign's themes until the commit. Raises Conflict if one is no more."""
    hold(session, campaign)
    for theme in themes:
        session.refresh(theme)
        if theme.retired_at is not None:
            raise Conflict


@dataclass(slots=True)
class _Act:
    """Remembers the state of what an act is about to change, then records both states."""

    session: Session
    campaign: Campaign
    kind: EditKind
    by: Person
    now: datetime
    reason: str
    themes: Sequence[Theme]
    placements: Sequence[Placement]
    summary: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._state()

    def _state(self) -> dict[str, Any]:
        return {"themes": _themes_state(self.themes), "placements": _placements_state(self.placements)}

    def record(self) -> ThemeEdit:
        edit = ThemeEdit(
            campaign_id=self.campaign.id,
            kind=self.kind,
            person=self.by,
            created_at=self.now,
            reason=optional(self.reason, most=REASON_MOST),
            summary=self.summary,
            before=self.before,
            after=self._state(),
        )
        self.session.add(edit)
        self.session.flush()
        return edit


def _themes_state(themes: Iterable[Theme]) -> dict[str, Any]:
    return {
        str(theme.id): {
            "given_name": theme.given_name,
            "phrases": list(theme.phrases),
            "exemplars": list(theme.exemplars),
            "retired": theme.retired_at is not None,
        }
        for theme in themes
    }


def _placements_state(placements: Iterable[Placement]) -> dict[str, Any]:
    return {
        str(placement.idea_id): {
            "theme": placement.theme_id,
            "leftover": placement.leftover.value if placement.leftover else None,
            "placed_by": placement.placed_by_id,
        }
        for placement in placements
    }


def _ids(states: Mapping[str, Any]) -> list[int]:
    return [int(name) for name in states]


def _placements_in(session: Session, themes: Sequence[Theme]) -> Sequence[Placement]:
    return session.scalars(
        select(Placement)
        .where(Placement.theme_id.in_([theme.id for theme in themes]))
        .order_by(Placement.strength.desc(), Placement.idea_id)
    ).all()


def _place(placements: Iterable[Placement], theme: Theme | None, by: Person) -> None:
    for placement in placements:
        placement.theme_id = theme.id if theme else None
        placement.leftover = None if theme else Leftover.ALONE
        placement.placed_by_id = by.id


def _interleave(lists: Iterable[Sequence[Any]]) -> list[Any]:
    """The firsts of each, then the seconds…, without repeats."""
    columns = [list(items) for items in lists]
    longest = max((len(items) for items in columns), default=0)
    mixed = [items[place] for place in range(longest) for items in columns if place < len(items)]
    return list(dict.fromkeys(mixed))
