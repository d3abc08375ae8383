"""Edits on themes: rename, merge, split, gather.

A theme that people shaped is never dropped by a run, nor given another name: these edits set `Theme.touched`. Ideas
that were merged or split count as placed by the person: see `ideas.themes.edits.move`.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from ideas.activity.version import ChangedMeanwhile, check_unchanged
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required
from ideas.themes.edits.history import EditKind, NewEdit, ThemeEdit
from ideas.themes.edits.move import (
    NothingChosen,
    Place,
    check_still_there,
    chosen_placements,
    lift,
    listed,
    lock_themes,
    place,
)
from ideas.themes.passage import merge_passages
from ideas.themes.placement import (
    MemberRow,
    Pairs,
    PlacedHow,
    Placement,
    add_forbidden,
    forbidden_in,
    load_members,
    place_members,
    theme_sizes,
)
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
    shown: Callable[[Theme], str] = attrgetter("name"),
) -> ThemeEdit | None:
    """Give a theme a person's name. The owner and facilitators may. `seen`: the version that the person saw.

    `shown`: the name under which the person reads the theme, in their language. Where that is the new name too, nothing
    is done and None returned. Raises EmptyText, TooLong, Conflict (the theme is no more), ChangedMeanwhile (it had
    another name then: `seen_name` if that is known).
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    lock_themes(session, theme.campaign, theme)
    if seen_name is None or seen_name != shown(theme):
        check_unchanged(theme, seen)
    if name == shown(theme):
        return None
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
    has. An idea that counts in one of the others by a passage counts in this one. An idea that was forbidden in one of
    the others is forbidden in this one too. `seen`: the versions that the person saw, by theme id.
    Raises MergeNeedsTwo, Conflict (it is no more), ThemesChangedMeanwhile (another is no more, or was changed since).
    """
    others = [theme for theme in others if theme.id != into.id and theme.campaign_id == into.campaign_id]
    if not others:
        raise MergeNeedsTwo
    lock_themes(session, into.campaign, into)
    _check_versions(session, [into, *others], seen or {})
    themes = [into, *others]
    sizes = theme_sizes(session, into.campaign)
    members = load_members(session, [theme.id for theme in themes])  # withdrawn ideas may come back
    forbidden = forbidden_in(session, themes)
    edit = NewEdit(session, into.campaign, EditKind.MERGE, by, now, reason, themes, members, forbidden)
    edit.placements = place_members(session, members, into.id, by=by, how=PlacedHow.MERGED)
    edit.forbidden |= _carry_over(session, forbidden, into, {member.idea_id for member in members})
    merge_passages(session, into, [theme.id for theme in others])
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
    members = load_members(session, [theme.id], submitted=True)
    wanted = set(idea_ids)
    chosen = [member for member in members if member.idea_id in wanted]
    if len(chosen) < len(wanted):
        check_still_there(session, theme.campaign, wanted - {member.idea_id for member in chosen}, theme)
    if not chosen:
        raise NothingChosen
    if len(chosen) == len(members):
        raise SplitTakesAll
    new = _new_theme(theme.campaign, name, chosen, family=theme.family, now=now)
    session.add(new)
    session.flush()
    edit = NewEdit(session, theme.campaign, EditKind.SPLIT, by, now, reason, [theme, new], members)
    new.retired_at = None
    new.touched = theme.touched = True
    staying = [member for member in members if member.idea_id not in wanted]
    edit.placements = [
        *place_members(session, chosen, new.id, by=by, how=PlacedHow.SPLIT),
        *place_members(session, staying, theme.id, by=by, how=PlacedHow.SPLIT),
    ]
    return edit.record({"from": theme.name, "new": name, "ideas": len(chosen)})


def gather_theme(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Iterable[int],
    name: str,
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Mapping[int, Place] | None = None,
) -> ThemeEdit:
    """Make a new theme of ideas from any themes of the campaign, or from none. The owner and facilitators may.

    The ideas count as placed by the person. `seen`: where the person saw each of them.
    Raises NothingChosen, EmptyText, TooLong, MovedMeanwhile.
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    lock_themes(session, campaign)
    placements = chosen_placements(session, campaign, idea_ids, seen, true())
    new = _new_theme(campaign, name, placements, family=_commonest_family(session, placements), now=now)
    session.add(new)
    session.flush()
    edit = NewEdit(session, campaign, EditKind.GATHER, by, now, reason, [new], placements)
    new.retired_at, new.touched = None, True
    place(placements, new, by, PlacedHow.MOVED)
    return edit.record({"new": name, "ideas": len(placements)})


def _new_theme(
    campaign: Campaign, name: str, placements: Sequence[Placement | MemberRow], *, family: int, now: datetime
) -> Theme:
    """A theme that is retired until the edit that makes it has taken its snapshot of before."""
    return Theme(
        campaign_id=campaign.id,
        given_name=name,
        found_name=name,
        created_at=now,
        family=family,
        measured=False,
        exemplars=[],
        phrases=[],
        x=sum(placement.x for placement in placements) / len(placements),
        y=sum(placement.y for placement in placements) / len(placements),
        retired_at=now,
    )


def _commonest_family(session: Session, placements: Sequence[Placement]) -> int:
    """The family that most of the ideas come from, the first one where none of them is in a theme."""
    come_from = Counter(placement.theme_id for placement in placements if placement.theme_id is not None)
    families: Counter[int] = Counter()
    for theme in session.scalars(select(Theme).where(Theme.id.in_(come_from)).order_by(Theme.id)):
        families[theme.family] += come_from[theme.id]
    return families.most_common(1)[0][0] if families else 0


def _check_versions(session: Session, themes: Sequence[Theme], seen: Mapping[int, int]) -> None:
    """Raises ThemesChangedMeanwhile, with names, if one of these themes is no more or was changed since it was seen."""
    for theme in themes:
        session.refresh(theme)
    changed = [theme for theme in themes if theme.retired_at or seen.get(theme.id, theme.version) != theme.version]
    if changed:
        raise ThemesChangedMeanwhile(themes=listed([theme.name or str(theme.id) for theme in changed]))


def _carry_over(session: Session, forbidden: Pairs, into: Theme, members: Container[int]) -> Pairs:
    """Forbid in the merged theme what was forbidden in those that it took in, but for its own ideas."""
    lift(session, [row for (idea_id, theme_id), row in forbidden.items() if theme_id == into.id and idea_id in members])
    carried = {
        (idea_id, into.id): (row.person_id, row.created_at)
        for (idea_id, _), row in forbidden.items()
        if idea_id not in members and (idea_id, into.id) not in forbidden
    }
    return add_forbidden(session, into.campaign_id, carried)
