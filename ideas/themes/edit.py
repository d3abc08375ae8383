"""People's acts on themes: rename, merge, split, move, set aside, pin, unpin, forbid.

Each act records what later runs must respect; `ideas.themes.run` reads it:

- a theme that people shaped is never dropped by a run: renaming, merging and splitting set `Theme.touched`;
- an idea that a person placed is never moved by a run: moving, setting aside, pinning, merging and splitting set
  `Placement.placed_by_id`, and unpinning clears it;
- an idea is never put in a theme where a person forbade it: see Forbidden.

Every act is stored with all that it changed (`ideas.themes.history`), and can be undone (`ideas.themes.undo`).
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required
from ideas.themes.history import Act, EditKind, Pairs, ThemeEdit
from ideas.themes.placement import Forbidden, PlacedHow, Placement, load_forbidden, move, nearest_allowed
from ideas.themes.stored import Forbidding
from ideas.themes.theme import (
    MAX_NAME_LENGTH,
    VERBATIMS,
    Theme,
    active_themes,
    languages_of_some,
    languages_together,
    mark_reshaped,
)


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


def rename_theme(
    session: Session, theme: Theme, *, name: str, by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Give a theme a person's name. The owner and facilitators may.

    Raises EmptyText, TooLong, Conflict (the theme is no more).
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    _lock(session, theme.campaign, theme)
    act = Act(session, theme.campaign, EditKind.RENAME, by, now, reason, themes=[theme])
    act.summary = {"from": theme.name, "to": name}
    theme.given_name, theme.touched = name, True
    return act.record()


def merge_themes(
    session: Session, into: Theme, *, others: Sequence[Theme], by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Bring the ideas of other themes of the campaign into this one and retire them. The owner and facilitators may.

    All ideas of the merged theme count as placed by the person: later runs keep them together. An idea that was
    forbidden in one of the others is forbidden in this one too. What they have in common is not known until a run.
    Raises MergeNeedsTwo, Conflict (one of them is no more).
    """
    others = [theme for theme in others if theme.id != into.id and theme.campaign_id == into.campaign_id]
    if not others:
        raise MergeNeedsTwo
    _lock(session, into.campaign, into, *others)
    placements = _placements_in(session, [into, *others])
    sizes = Counter(placement.theme_id for placement in _submitted_in(session, [into, *others]) if placement.theme_id)
    forbidden = _forbidden_in(session, [into, *others])
    act = Act(session, into.campaign, EditKind.MERGE, by, now, reason, [into, *others], placements, forbidden)
    act.summary = {"into": into.name, "others": [theme.name for theme in others], "ideas": sizes.total()}
    _place(placements, into, by, PlacedHow.MERGED)
    act.forbidden |= _carried_over(session, forbidden, into, {placement.idea_id for placement in placements})
    into.touched = True
    into.phrases = _interleave([into.phrases, *(theme.phrases for theme in others)])[: max(6, len(into.phrases))]
    into.exemplars = _interleave([into.exemplars, *(theme.exemplars for theme in others)])[:VERBATIMS]
    into.languages = languages_together(sizes, {theme.id: theme for theme in (into, *others)}, sizes)
    mark_reshaped(into)
    for theme in others:
        theme.retired_at = now
    return act.record()


def split_theme(
    session: Session,
    theme: Theme,
    *,
    idea_ids: Sequence[int],
    name: str,
    phrases: Sequence[str] = (),
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Make a new theme of some of a theme's ideas. The owner and facilitators may.

    The ideas of both count as placed by the person; what they have in common is not known until a run. `phrases`: the
    key phrases of the new theme, where they are known.
    Raises NothingChosen, SplitTakesAll, EmptyText, TooLong, Conflict (the theme is no more).
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    _lock(session, theme.campaign, theme)
    members = _submitted_in(session, [theme])
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
        family=theme.family,
        languages=languages_of_some(theme),
        measured=False,
        exemplars=[],
        phrases=list(phrases),
        x=sum(placement.x for placement in chosen) / len(chosen),
        y=sum(placement.y for placement in chosen) / len(chosen),
        retired_at=now,
    )
    session.add(new)
    session.flush()
    act = Act(session, theme.campaign, EditKind.SPLIT, by, now, reason, [theme, new], members)
    act.summary = {"from": theme.name, "new": name, "ideas": len(chosen)}
    new.retired_at = None
    new.touched = theme.touched = True
    theme.languages = languages_of_some(theme)
    mark_reshaped(theme)
    _place(chosen, new, by, PlacedHow.SPLIT)
    _place([placement for placement in members if placement not in chosen], theme, by, PlacedHow.SPLIT)
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
    """Move ideas of the campaign to one of its themes, or with `to` None to none.

    They stay there in every later run. Where a person had forbidden it before, that is lifted.
    The owner and facilitators may. Raises NothingChosen, Conflict (a retired theme).
    """
    if to is None:
        return set_aside(session, campaign, idea_ids=idea_ids, by=by, now=now, reason=reason)
    if to.campaign_id != campaign.id:
        raise Conflict
    _lock(session, campaign, to)
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.theme_id != to.id)
    moved = {placement.idea_id for placement in placements}
    forbidden = {pair: row for pair, row in _forbidden_in(session, [to]).items() if pair[0] in moved}
    act = Act(session, campaign, EditKind.MOVE, by, now, reason, [], placements, forbidden)
    act.summary = {"to": to.name, "ideas": len(placements), "idea": placements[0].idea_id}
    _place(placements, to, by, PlacedHow.MOVED)
    _lift(session, forbidden.values())
    return act.record()


def set_aside(
    session: Session, campaign: Campaign, *, idea_ids: Sequence[int], by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Place ideas of the campaign in no theme, now and in every later run. The owner and facilitators may.

    Raises NothingChosen.
    """
    _lock(session, campaign)
    placements = _chosen(
        session, campaign, idea_ids, lambda placement: placement.theme_id is not None or placement.placed_by_id is None
    )
    act = Act(session, campaign, EditKind.MOVE, by, now, reason, [], placements)
    act.summary = {"to": None, "ideas": len(placements), "idea": placements[0].idea_id}
    _place(placements, None, by, PlacedHow.SET_ASIDE)
    return act.record()


def pin_ideas(
    session: Session, campaign: Campaign, *, idea_ids: Sequence[int], by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Keep ideas of the campaign in their themes in every later run. The owner and facilitators may.

    Raises NothingChosen (none of them was placed in a theme by a run).
    """
    _lock(session, campaign)
    placements = _chosen(
        session, campaign, idea_ids, lambda placement: placement.theme_id is not None and placement.placed_by_id is None
    )
    act = Act(session, campaign, EditKind.PIN, by, now, reason, [], placements)
    act.summary = {"ideas": len(placements), "idea": placements[0].idea_id}
    for placement in placements:
        placement.placed_by_id, placement.placed_how = by.id, PlacedHow.PINNED
    return act.record()


def unpin_ideas(
    session: Session, campaign: Campaign, *, idea_ids: Sequence[int], by: Person, now: datetime, reason: str = ""
) -> ThemeEdit:
    """Let runs place ideas again that a person placed: the next one may move them.

    The owner and facilitators may. Raises NothingChosen (a person placed none of them).
    """
    _lock(session, campaign)
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.placed_by_id is not None)
    act = Act(session, campaign, EditKind.UNPIN, by, now, reason, [], placements)
    act.summary = {"ideas": len(placements), "idea": placements[0].idea_id}
    for placement in placements:
        placement.placed_by_id = placement.placed_how = None
    return act.record()


def forbid(
    session: Session,
    campaign: Campaign,
    *,
    idea_ids: Sequence[int],
    theme: Theme,
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Forbid ideas of the campaign in this theme: no run places them there. The owner and facilitators may.

    One that is there goes to the next theme that it is near enough to, or to none.
    Raises NothingChosen (all were forbidden already), PlacedThere, Conflict (the theme is no more).
    """
    if theme.campaign_id != campaign.id:
        raise Conflict
    _lock(session, campaign, theme)
    already = {idea_id for idea_id, _ in _forbidden_in(session, [theme])}
    placements = _chosen(session, campaign, idea_ids, lambda placement: placement.idea_id not in already)
    inside = [placement for placement in placements if placement.theme_id == theme.id]
    if any(placement.placed_by_id is not None for placement in inside):
        raise PlacedThere
    act = Act(session, campaign, EditKind.FORBID, by, now, reason, [theme], placements)
    act.summary = {"theme": theme.name, "ideas": len(placements), "idea": placements[0].idea_id}
    act.forbidden |= _forbid(session, theme, {placement.idea_id: (by.id, now) for placement in placements})
    allowed = {active.id for active in active_themes(session, campaign)}
    forbidden = load_forbidden(session, campaign)
    for placement in inside:
        move(placement, nearest_allowed(placement.nearest, allowed - forbidden[placement.idea_id]))
    return act.record()


def _lock(session: Session, campaign: Campaign, *themes: Theme) -> None:
    """Lock the campaign's themes until the commit. Raises Conflict if one of these was retired meanwhile."""
    lock_campaign(session, campaign)
    for theme in themes:
        session.refresh(theme)
        if theme.retired_at is not None:
            raise Conflict


def _chosen(
    session: Session, campaign: Campaign, idea_ids: Iterable[int], concerned: Callable[[Placement], bool]
) -> list[Placement]:
    """The placements of those of the chosen ideas that an act concerns. Raises NothingChosen where there is none."""
    placements = session.scalars(
        select(Placement)
        .where(Placement.campaign_id == campaign.id, Placement.idea_id.in_(set(idea_ids)))
        .order_by(Placement.idea_id)
    )
    chosen = [placement for placement in placements if concerned(placement)]
    if not chosen:
        raise NothingChosen
    return chosen


def _placements_in(session: Session, themes: Sequence[Theme]) -> Sequence[Placement]:
    """The placements of all ideas in these themes, withdrawn ones too: those may come back to their theme."""
    return session.scalars(_in_themes(themes)).all()


def _submitted_in(session: Session, themes: Sequence[Theme]) -> Sequence[Placement]:
    return session.scalars(_in_themes(themes).join(Idea, Idea.id == Placement.idea_id).where(is_submitted())).all()


def _in_themes(themes: Sequence[Theme]) -> Select[Placement]:
    return (
        select(Placement)
        .where(Placement.theme_id.in_([theme.id for theme in themes]))
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


def _interleave(lists: Iterable[Sequence[Any]]) -> list[Any]:
    """The firsts of each, then the seconds…, without repeats."""
    columns = [list(items) for items in lists]
    longest = max((len(items) for items in columns), default=0)
    mixed = [items[place] for place in range(longest) for items in columns if place < len(items)]
    return list(dict.fromkeys(mixed))
