"""Edits on themes: rename, merge, split.

A theme that people shaped is never dropped by a run, nor given another name: these edits set `Theme.touched`. Ideas
that were merged or split count as placed by the person: see `ideas.themes.edits.move`.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from ideas.activity.version import ChangedMeanwhile, check_unchanged
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required
from ideas.themes.edits.history import EditKind, NewEdit, ThemeEdit
from ideas.themes.edits.move import (
    NothingChosen,
    check_still_there,
    lift,
    listed,
    lock_themes,
    place,
)
from ideas.themes.placement import Pairs, PlacedHow, Placement, add_forbidden, forbidden_in, theme_sizes
from ideas.themes.theme import MAX_NAME_LENGTH, Theme


class MergeNeedsTwo(DomainError):
    message = message_id("Choose another theme to merge with.")


class SplitTakesAll(DomainError):
    message = message_id("You can’t split off every idea. Leave at least one in the theme.")


class ThemesChangedMeanwhile(ChangedMeanwhile):
    message = message_id(
        "Themes have changed in the meantime: %(themes)s. Nothing was changed. Check them, then try again."
    )


def rename_theme(
    session: Session,
    theme: Theme,
    *,
    name: str,
    by: Person,
    now: datetime,
    reason: str = "",
    seen: int | None = None,
    seen_name: str | None = None,
) -> ThemeEdit:
    """Give a theme a person's name. The owner and facilitators may. `seen`: the version that the person saw.

    Raises EmptyText, TooLong, Conflict (the theme is no more), ChangedMeanwhile (it had another name then: `seen_name`
    if that is known).
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    lock_themes(session, theme.campaign, theme)
    if seen_name is None or seen_name != theme.name:
        check_unchanged(theme, seen)
    edit = NewEdit(session, theme.campaign, EditKind.RENAME, by, now, reason, themes=[theme])
    old_name = theme.name
    theme.given_name, theme.touched = name, True
    return edit.record({"from": old_name, "to": name})


def merge_themes(
    session: Session,
    into: Theme,
    *,
    others: Sequence[Theme],
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Mapping[int, int] | None = None,
) -> ThemeEdit:
    """Bring the ideas of other themes of the campaign into this one and retire them. The owner and facilitators may.

    All ideas of the merged theme count as placed by the person: later runs keep them together, under the name that it
    has. An idea that was forbidden in one of the others is forbidden in this one too. `seen`: the versions that the
    person saw, by theme id.
    Raises MergeNeedsTwo, Conflict (it is no more), ThemesChangedMeanwhile (another is no more, or was changed since).
    """
    others = [theme for theme in others if theme.id != into.id and theme.campaign_id == into.campaign_id]
    if not others:
        raise MergeNeedsTwo
    lock_themes(session, into.campaign, into)
    _check_versions(session, [into, *others], seen or {})
    themes = [into, *others]
    sizes = theme_sizes(session, into.campaign)
    placements, forbidden = _placements_in(session, themes), forbidden_in(session, themes)
    edit = NewEdit(session, into.campaign, EditKind.MERGE, by, now, reason, themes, placements, forbidden)
    place(placements, into, by, PlacedHow.MERGED)
    edit.forbidden |= _carry_over(session, forbidden, into, {placement.idea_id for placement in placements})
    into.touched = True
    for theme in others:
        theme.retired_at = now
    count = sum(sizes.get(theme.id, 0) for theme in themes)
    return edit.record({"into": into.name, "others": [theme.name for theme in others], "ideas": count})


def split_theme(
    session: Session,
    theme: Theme,
    *,
    idea_ids: Iterable[int],
    name: str,
    by: Person,
    now: datetime,
    reason: str = "",
    seen: int | None = None,
) -> ThemeEdit:
    """Make a new theme of some of a theme's ideas. The owner and facilitators may.

    The ideas of both count as placed by the person, and both keep their names. `seen`: the version of the theme that
    the person saw, where the ideas were not chosen one by one.
    Raises NothingChosen, SplitTakesAll, EmptyText, TooLong, Conflict (the theme is no more), MovedMeanwhile (one of the
    ideas is no longer in the theme), ThemesChangedMeanwhile.
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    lock_themes(session, theme.campaign, theme)
    if seen is not None:
        _check_versions(session, [theme], {theme.id: seen})
    members = _placements_in(session, [theme], is_submitted())
    wanted = set(idea_ids)
    chosen = [placement for placement in members if placement.idea_id in wanted]
    if len(chosen) < len(wanted):
        check_still_there(session, theme.campaign, wanted - {placement.idea_id for placement in chosen}, theme)
    if not chosen:
        raise NothingChosen
    if len(chosen) == len(members):
        raise SplitTakesAll
    new = Theme(
        campaign_id=theme.campaign_id,
        given_name=name,
        found_name=name,
        created_at=now,
        family=theme.family,
        measured=False,
        exemplars=[],
        phrases=[],
        x=sum(placement.x for placement in chosen) / len(chosen),
        y=sum(placement.y for placement in chosen) / len(chosen),
        retired_at=now,
    )
    session.add(new)
    session.flush()
    edit = NewEdit(session, theme.campaign, EditKind.SPLIT, by, now, reason, [theme, new], members)
    new.retired_at = None
    new.touched = theme.touched = True
    staying = [placement for placement in members if placement.idea_id not in wanted]
    place(chosen, new, by, PlacedHow.SPLIT)
    place(staying, theme, by, PlacedHow.SPLIT)
    return edit.record({"from": theme.name, "new": name, "ideas": len(chosen)})


def _check_versions(session: Session, themes: Sequence[Theme], seen: Mapping[int, int]) -> None:
    """Raises ThemesChangedMeanwhile, with names, if one of these themes is no more or was changed since it was seen."""
    for theme in themes:
        session.refresh(theme)
    changed = [theme for theme in themes if theme.retired_at or seen.get(theme.id, theme.version) != theme.version]
    if changed:
        raise ThemesChangedMeanwhile(themes=listed([theme.name or str(theme.id) for theme in changed]))


def _placements_in(session: Session, themes: Sequence[Theme], *conditions: ColumnElement[bool]) -> Sequence[Placement]:
    """The placements of all ideas in these themes, withdrawn ones too: those may come back to their theme."""
    return session.scalars(
        select(Placement)
        .join(Idea, Idea.id == Placement.idea_id)
        .where(Placement.theme_id.in_([theme.id for theme in themes]), *conditions)
        .options(defer(Placement.neighbours))  # no edit changes them, and there may be thousands
        .order_by(Placement.strength.desc(), Placement.idea_id)
    ).all()


def _carry_over(session: Session, forbidden: Pairs, into: Theme, members: Container[int]) -> Pairs:
    """Forbid in the merged theme what was forbidden in those that it took in, but for its own ideas."""
    lift(session, [row for (idea_id, theme_id), row in forbidden.items() if theme_id == into.id and idea_id in members])
    carried = {
        (idea_id, into.id): (row.person_id, row.created_at)
        for (idea_id, _), row in forbidden.items()
        if idea_id not in members and (idea_id, into.id) not in forbidden
    }
    return add_forbidden(session, into.campaign_id, carried)
