"""People's edits on themes: rename, merge, split, move, set aside, pin, unpin, forbid.

Each edit records what later runs must respect; `ideas.themes.run` reads it:

- a theme that people shaped is never dropped by a run, nor given another name: renaming, merging and splitting set
  `Theme.touched`;
- an idea that a person placed is never moved by a run: moving, setting aside, pinning, merging and splitting set
  `Placement.placed_by_id`, and unpinning clears it;
- an idea is never put in a theme where a person forbade it: see Forbidden.

Every edit is stored with all that it changed (`ideas.themes.history`), and can be undone (`ideas.themes.undo`).
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from clustering.types import Leftover
from ideas.activity.version import ChangedMeanwhile, check_unchanged
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required, shorten
from ideas.themes.history import EditKind, NewEdit, Pairs, ThemeEdit
from ideas.themes.placement import (
    Forbidden,
    PlacedHow,
    Placement,
    load_forbidden,
    move,
    nearest_allowed,
)
from ideas.themes.stored import Forbidding
from ideas.themes.theme import MAX_NAME_LENGTH, Theme, active_themes

# Ideas or themes that a sentence names, and the characters of each.
MAX_NAMED, MAX_NAMED_LENGTH = 3, 60


class NothingChosen(DomainError):
    message = message_id("Select at least one idea first.")


class MergeNeedsTwo(DomainError):
    message = message_id("Choose another theme to merge with.")


class SplitTakesAll(DomainError):
    message = message_id("You can’t split off every idea. Leave at least one in the theme.")


class PlacedThere(DomainError):
    message = message_id(
        "A person placed one of these ideas in this theme. Move it to another theme, or have it placed automatically"
        " first."
    )


class MovedMeanwhile(ChangedMeanwhile):
    message = message_id(
        "Ideas have moved in the meantime: %(ideas)s. Nothing was changed. Check the ideas that are still selected,"
        " then try again."
    )


class ThemesChangedMeanwhile(ChangedMeanwhile):
    message = message_id(
        "Themes have changed in the meantime: %(themes)s. Nothing was changed. Check them, then try again."
    )


Seen = Theme | Leftover  # the list that a person saw ideas in


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
    _lock(session, theme.campaign, theme)
    if seen_name is None or seen_name != theme.name:
        check_unchanged(theme, seen)
    edit = NewEdit(session, theme.campaign, EditKind.RENAME, by, now, reason, themes=[theme])
    edit.summary = {"from": theme.name, "to": name}
    theme.given_name, theme.touched = name, True
    return edit.record()


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
    _lock(session, into.campaign, into)
    _check_versions(session, [into, *others], seen)
    placements = _placements_in(session, [into, *others])
    forbidden = _forbidden_in(session, [into, *others])
    edit = NewEdit(session, into.campaign, EditKind.MERGE, by, now, reason, [into, *others], placements, forbidden)
    count = _count_submitted(session, [into, *others])
    edit.summary = {"into": into.name, "others": [theme.name for theme in others], "ideas": count}
    _place(placements, into, by, PlacedHow.MERGED)
    edit.forbidden |= _carried_over(session, forbidden, into, {placement.idea_id for placement in placements})
    into.touched = True
    for theme in others:
        theme.retired_at = now
    return edit.record()


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
    _lock(session, theme.campaign, theme)
    if seen is not None:
        _check_versions(session, [theme], {theme.id: seen})
    members = _submitted_in(session, [theme])
    wanted = set(idea_ids)
    chosen = [placement for placement in members if placement.idea_id in wanted]
    if len(chosen) < len(wanted):
        _check_still_there(session, theme.campaign, wanted - {placement.idea_id for placement in chosen}, theme)
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
    edit.summary = {"from": theme.name, "new": name, "ideas": len(chosen)}
    new.retired_at = None
    new.touched = theme.touched = True
    staying = [placement for placement in members if placement.idea_id not in wanted]
    _place(chosen, new, by, PlacedHow.SPLIT)
    _place(staying, theme, by, PlacedHow.SPLIT)
    return edit.record()


def move_ideas(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    to: Theme | None,
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Seen | None = None,
) -> ThemeEdit:
    """Move ideas of the campaign to one of its themes, or with `to` None to none.

    They stay there in every later run. Where a person had forbidden it before, that is lifted. `seen`: where the person
    saw them. The owner and facilitators may. Raises NothingChosen, Conflict (a retired theme), MovedMeanwhile.
    """
    if to is None:
        return set_aside(session, campaign, idea_ids=idea_ids, by=by, now=now, reason=reason, seen=seen)
    if to.campaign_id != campaign.id:
        raise Conflict
    _lock(session, campaign, to)
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.theme_id != to.id, seen)
    moved = {placement.idea_id for placement in placements}
    forbidden = {pair: row for pair, row in _forbidden_in(session, [to]).items() if pair[0] in moved}
    edit = NewEdit(session, campaign, EditKind.MOVE, by, now, reason, [], placements, forbidden, to)
    edit.summary = {"to": to.name, "ideas": len(placements), "idea": placements[0].idea_id}
    _place(placements, to, by, PlacedHow.MOVED)
    _lift(session, forbidden.values())
    return edit.record()


def set_aside(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Seen | None = None,
) -> ThemeEdit:
    """Place ideas of the campaign in no theme, now and in every later run. The owner and facilitators may.

    `seen`: where the person saw them. Raises NothingChosen, MovedMeanwhile.
    """
    _lock(session, campaign)
    placements = _chosen(
        session,
        campaign,
        idea_ids,
        lambda placement: placement.theme_id is not None or placement.placed_by_id is None,
        seen,
    )
    edit = NewEdit(session, campaign, EditKind.MOVE, by, now, reason, [], placements)
    edit.summary = {"to": None, "ideas": len(placements), "idea": placements[0].idea_id}
    _place(placements, None, by, PlacedHow.SET_ASIDE)
    return edit.record()


def pin_ideas(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Seen | None = None,
) -> ThemeEdit:
    """Keep ideas of the campaign in their themes in every later run. The owner and facilitators may.

    `seen`: where the person saw them. Raises NothingChosen (none of them was placed in a theme by a run),
    MovedMeanwhile.
    """
    _lock(session, campaign)
    placements = _chosen(
        session,
        campaign,
        idea_ids,
        lambda placement: placement.theme_id is not None and placement.placed_by_id is None,
        seen,
    )
    edit = NewEdit(session, campaign, EditKind.PIN, by, now, reason, [], placements)
    edit.summary = {"ideas": len(placements), "idea": placements[0].idea_id}
    for placement in placements:
        placement.placed_by_id, placement.placed_how = by.id, PlacedHow.PINNED
    return edit.record()


def unpin_ideas(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Seen | None = None,
) -> ThemeEdit:
    """Let runs place ideas again that a person placed: the next one may move them.

    `seen`: where the person saw them. The owner and facilitators may. Raises NothingChosen (a person placed none of
    them), MovedMeanwhile.
    """
    _lock(session, campaign)
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.placed_by_id is not None, seen)
    edit = NewEdit(session, campaign, EditKind.UNPIN, by, now, reason, [], placements)
    edit.summary = {"ideas": len(placements), "idea": placements[0].idea_id}
    for placement in placements:
        placement.placed_by_id = placement.placed_how = None
    return edit.record()


def forbid(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    theme: Theme,
    by: Person,
    now: datetime,
    reason: str = "",
    seen: Seen | None = None,
) -> ThemeEdit:
    """Forbid ideas of the campaign in this theme: no run places them there. The owner and facilitators may.

    One that is there goes to the next theme that it is near enough to, or to none. `seen`: where the person saw them.
    Raises NothingChosen (all were forbidden already), PlacedThere, Conflict (the theme is no more), MovedMeanwhile.
    """
    if theme.campaign_id != campaign.id:
        raise Conflict
    _lock(session, campaign, theme)
    already = {idea_id for idea_id, _ in _forbidden_in(session, [theme])}
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.idea_id not in already, seen)
    inside = [placement for placement in placements if placement.theme_id == theme.id]
    if any(placement.placed_by_id is not None for placement in inside):
        raise PlacedThere
    edit = NewEdit(session, campaign, EditKind.FORBID, by, now, reason, [theme], placements)
    edit.summary = {"theme": theme.name, "ideas": len(placements), "idea": placements[0].idea_id}
    edit.forbidden |= _forbid(session, theme, {placement.idea_id: (by.id, now) for placement in placements})
    allowed = {active.id for active in active_themes(session, campaign)}
    forbidden = load_forbidden(session, campaign)
    for placement in inside:
        move(placement, nearest_allowed(placement.nearest, allowed - forbidden[placement.idea_id]))
    return edit.record()


def _lock(session: Session, campaign: Campaign, *themes: Theme) -> None:
    """Lock the campaign's themes until the commit. Raises Conflict if one of these was retired meanwhile."""
    lock_campaign(session, campaign)
    for theme in themes:
        session.refresh(theme)
        if theme.retired_at is not None:
            raise Conflict


def _chosen(
    session: Session,
    campaign: Campaign,
    idea_ids: Iterable[int],
    concerned: Callable[[Placement], bool],
    seen: Seen | None,
) -> list[Placement]:
    """The placements of those of the chosen ideas that an edit concerns. Raises NothingChosen where there is none.

    Raises MovedMeanwhile where one of the chosen ideas is not where the person saw it.
    """
    wanted = set(idea_ids)
    if seen is not None:
        _check_still_there(session, campaign, wanted, seen)
    placements = [
        placement
        for some in chunks(sorted(wanted))
        for placement in session.scalars(
            select(Placement)
            .where(Placement.campaign_id == campaign.id, Placement.idea_id.in_(some))
            .order_by(Placement.idea_id)
            .execution_options(populate_existing=True)
        )
    ]
    chosen = [placement for placement in placements if concerned(placement)]
    if not chosen:
        raise NothingChosen
    return chosen


def _check_still_there(session: Session, campaign: Campaign, idea_ids: Collection[int], seen: Seen) -> None:
    """Raises MovedMeanwhile, with the first few, if one of the campaign's ideas is not where the person saw it."""
    column, value = (Placement.leftover, seen) if isinstance(seen, Leftover) else (Placement.theme_id, seen.id)
    elsewhere = column.is_distinct_from(value)
    moved = [
        idea
        for some in chunks(sorted(idea_ids))
        for idea in session.scalars(
            select(Idea)
            .join(Placement, Placement.idea_id == Idea.id)
            .where(
                Idea.id.in_(some),
                Placement.campaign_id == campaign.id,
                is_submitted(),
                elsewhere,
            )
            .order_by(Idea.id)
        )
    ]
    if moved:
        raise MovedMeanwhile(ideas=_listed([idea.title or idea.body for idea in moved]))


def _check_versions(session: Session, themes: Sequence[Theme], seen: Mapping[int, int] | None) -> None:
    """Raises ThemesChangedMeanwhile, with names, if one of these themes is no more or was changed since it was seen."""
    for theme in themes:
        session.refresh(theme)
    versions = seen or {}
    changed = [
        theme
        for theme in themes
        if theme.retired_at is not None or versions.get(theme.id, theme.version) != theme.version
    ]
    if changed:
        raise ThemesChangedMeanwhile(themes=_listed([theme.name or str(theme.id) for theme in changed]))


def _listed(texts: Sequence[str]) -> str:
    """The first few of some texts, each shortened, and how many more there are."""
    more = f" (+{len(texts) - MAX_NAMED})" if len(texts) > MAX_NAMED else ""
    return " · ".join(shorten(text, MAX_NAMED_LENGTH) for text in texts[:MAX_NAMED]) + more


def _placements_in(session: Session, themes: Sequence[Theme]) -> Sequence[Placement]:
    """The placements of all ideas in these themes, withdrawn ones too: those may come back to their theme."""
    return session.scalars(_in_themes(themes)).all()


def _submitted_in(session: Session, themes: Sequence[Theme]) -> Sequence[Placement]:
    return session.scalars(_in_themes(themes).join(Idea, Idea.id == Placement.idea_id).where(is_submitted())).all()


def _count_submitted(session: Session, themes: Sequence[Theme]) -> int:
    counted = select(func.count()).select_from(Placement).join(Idea, Idea.id == Placement.idea_id)
    return session.scalar(counted.where(Placement.theme_id.in_([theme.id for theme in themes]), is_submitted())) or 0


def _in_themes(themes: Sequence[Theme]) -> Select[Placement]:
    return (
        select(Placement)
        .where(Placement.theme_id.in_([theme.id for theme in themes]))
        .options(defer(Placement.neighbours))  # no edit changes them, and there may be thousands
        .order_by(Placement.strength.desc(), Placement.idea_id)
    )


def _place(placements: Iterable[Placement], theme: Theme | None, by: Person, how: PlacedHow) -> None:
    for placement in placements:
        move(placement, theme.id if theme else None)
        placement.placed_by_id, placement.placed_how = by.id, how


def _forbidden_in(session: Session, themes: Sequence[Theme]) -> Pairs:
    found = session.scalars(select(Forbidden).where(Forbidden.theme_id.in_([theme.id for theme in themes])))
    return {(row.idea_id, row.theme_id): row for row in found}


def _forbid(session: Session, theme: Theme, forbidding: Mapping[int, Forbidding]) -> Pairs:
    """Forbid ideas in a theme. `forbidding`: by idea, who forbids it and when."""
    made = {
        (idea_id, theme.id): Forbidden(
            idea_id=idea_id,
            theme_id=theme.id,
            campaign_id=theme.campaign_id,
            person_id=person_id,
            created_at=created_at,
        )
        for idea_id, (person_id, created_at) in forbidding.items()
    }
    session.add_all(made.values())
    session.flush()
    return made


def _lift(session: Session, forbidden: Iterable[Forbidden]) -> None:
    for row in forbidden:
        session.delete(row)
    session.flush()


def _carried_over(session: Session, forbidden: Pairs, into: Theme, members: Container[int]) -> Pairs:
    """Forbid in the merged theme what was forbidden in those that it took in, but for its own ideas."""
    _lift(
        session, [row for (idea_id, theme_id), row in forbidden.items() if theme_id == into.id and idea_id in members]
    )
    carried = {
        idea_id: (row.person_id, row.created_at)
        for (idea_id, _), row in forbidden.items()
        if idea_id not in members and (idea_id, into.id) not in forbidden
    }
    return _forbid(session, into, carried)
