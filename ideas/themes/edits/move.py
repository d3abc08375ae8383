"""Edits on ideas: move, set aside, pin, unpin, forbid.

An idea that a person placed is never moved by a run: these edits set `Placement.placed_by_id`, and unpinning clears it.
An idea is never put in a theme where a person forbade it: see Forbidden.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from clustering.types import Leftover
from ideas.activity.version import ChangedMeanwhile
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person
from ideas.text import shorten
from ideas.themes.edits.history import EditKind, NewEdit, ThemeEdit
from ideas.themes.passage import (
    counting_by_passage,
    passages_of,
    relabelled,
    replace_passages_of,
    strongest_theme,
)
from ideas.themes.placement import (
    Forbidden,
    PlacedHow,
    Placement,
    add_forbidden,
    forbidden_in,
    load_forbidden,
    move,
    nearest_allowed,
)
from ideas.themes.theme import Theme, active_themes

# Ideas or themes that a sentence names, and the characters of each.
MAX_NAMED, MAX_NAMED_LENGTH = 3, 60


class NothingChosen(DomainError):
    message = message_id("Select at least one idea first.")


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


Place = int | Leftover | None  # the id of a theme, or why an idea is in none
# Where a person saw ideas: the one list that all of them were in, or the place of each.
Seen = Theme | Leftover | Mapping[int, Place]


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
    lock_themes(session, campaign, to)
    placements = chosen_placements(session, campaign, idea_ids, seen, Placement.theme_id.is_distinct_from(to.id))
    moved = {placement.idea_id for placement in placements}
    forbidden = {pair: row for pair, row in forbidden_in(session, [to]).items() if pair[0] in moved}
    edit = NewEdit(session, campaign, EditKind.MOVE, by, now, reason, [], placements, forbidden, to)
    place(placements, to, by, PlacedHow.MOVED)
    lift(session, forbidden.values())
    return edit.record({"to": to.name} | _summary(placements))


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
    lock_themes(session, campaign)
    placements = chosen_placements(
        session, campaign, idea_ids, seen, Placement.theme_id.is_not(None) | Placement.placed_by_id.is_(None)
    )
    edit = NewEdit(session, campaign, EditKind.MOVE, by, now, reason, [], placements)
    place(placements, None, by, PlacedHow.SET_ASIDE)
    return edit.record({"to": None} | _summary(placements))


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
    lock_themes(session, campaign)
    placements = chosen_placements(
        session, campaign, idea_ids, seen, Placement.theme_id.is_not(None) & Placement.placed_by_id.is_(None)
    )
    edit = NewEdit(session, campaign, EditKind.PIN, by, now, reason, [], placements)
    for placement in placements:
        placement.placed_by_id, placement.placed_how = by.id, PlacedHow.PINNED
    return edit.record(_summary(placements))


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
    lock_themes(session, campaign)
    placements = chosen_placements(session, campaign, idea_ids, seen, Placement.placed_by_id.is_not(None))
    edit = NewEdit(session, campaign, EditKind.UNPIN, by, now, reason, [], placements)
    for placement in placements:
        placement.placed_by_id = placement.placed_how = None
    return edit.record(_summary(placements))


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
    even_placed: bool = False,
) -> ThemeEdit:
    """Forbid ideas of the campaign in this theme: no run places them there. The owner and facilitators may.

    One that is there goes to the theme of its strongest other passage, else to the next theme that it is near enough
    to, or to none. One that counts there by a passage alone counts there no more. `seen`: where the person saw them.
    `even_placed`: also one that a person placed there, which runs place from now on. Raises NothingChosen (all were
    forbidden already), PlacedThere, Conflict (the theme is no more), MovedMeanwhile.
    """
    if theme.campaign_id != campaign.id:
        raise Conflict
    lock_themes(session, campaign, theme)
    already = select(Forbidden.idea_id).where(Forbidden.theme_id == theme.id)
    counting = counting_by_passage(session, theme, idea_ids) if seen is theme else frozenset()
    placements = chosen_placements(
        session, campaign, idea_ids, seen, Placement.idea_id.not_in(already), unseen=counting
    )
    inside = [placement for placement in placements if placement.theme_id == theme.id]
    if not even_placed and any(placement.placed_by_id is not None for placement in inside):
        raise PlacedThere
    edit = NewEdit(session, campaign, EditKind.FORBID, by, now, reason, [theme], placements)
    edit.forbidden |= add_forbidden(
        session, campaign.id, {(placement.idea_id, theme.id): (by.id, now) for placement in placements}
    )
    allowed = {active.id for active in active_themes(session, campaign)}
    forbidden = load_forbidden(session, campaign)
    passages = passages_of(session, [placement.idea_id for placement in inside])
    for placement in inside:
        placement.placed_by_id = placement.placed_how = None
        open_to = allowed - forbidden[placement.idea_id]
        asked = strongest_theme(passages.get(placement.idea_id, []), open_to)
        move(placement, asked or nearest_allowed(placement.nearest, open_to))
    return edit.record({"theme": theme.name} | _summary(placements))


def keep_passages(
    session: Session, campaign: Campaign, *, idea_id: int, theme: Theme, by: Person, now: datetime, reason: str = ""
) -> ThemeEdit | None:
    """Keep what an idea asks of a theme that is not its main one there, in every later run. None where it is kept.

    The owner and facilitators may. Raises Conflict (the theme is no more).
    """
    lock_themes(session, campaign, theme)
    rows = passages_of(session, [idea_id]).get(idea_id, [])
    if all(row.kept for row in rows if row.theme_id == theme.id):
        return None
    placements = chosen_placements(session, campaign, [idea_id], None, true())
    edit = NewEdit(session, campaign, EditKind.PIN, by, now, reason, [], placements)
    kept = [row._replace(kept=row.kept or row.theme_id == theme.id) for row in rows]
    replace_passages_of(session, [idea_id], {idea_id: kept})
    return edit.record(_summary(placements))


def move_passages(
    session: Session,
    campaign: Campaign,
    *,
    idea_id: int,
    theme: Theme,
    to: Theme,
    by: Person,
    now: datetime,
    reason: str = "",
) -> ThemeEdit:
    """Have what an idea asks of a theme that is not its main one count in another, now and in every later run.

    The owner and facilitators may. Raises Conflict (a theme is no more), PublicAnswersChange.
    """
    if to.campaign_id != campaign.id:
        raise Conflict
    lock_themes(session, campaign, theme, to)
    placements = chosen_placements(session, campaign, [idea_id], None, true())
    lifted = {pair: row for pair, row in forbidden_in(session, [to]).items() if pair[0] == idea_id}
    edit = NewEdit(session, campaign, EditKind.MOVE, by, now, reason, [], placements, lifted, to)
    lift(session, lifted.values())
    edit.forbidden |= add_forbidden(session, campaign.id, {(idea_id, theme.id): (by.id, now)})
    rows = passages_of(session, [idea_id]).get(idea_id, [])
    asked = relabelled([row._replace(kept=row.kept or row.theme_id == theme.id) for row in rows], {theme.id: to.id})
    alone = all(row.theme_id == placements[0].theme_id for row in asked)  # it asks for its main theme alone
    replace_passages_of(session, [idea_id], {} if alone else {idea_id: asked})
    return edit.record({"to": to.name} | _summary(placements))


def _summary(placements: Sequence[Placement]) -> dict[str, Any]:
    """What the history shows of the ideas: how many, and one of them."""
    return {"ideas": len(placements), "idea": placements[0].idea_id}


def lock_themes(session: Session, campaign: Campaign, *themes: Theme) -> None:
    """Lock the campaign's themes until the commit. Raises Conflict if one of these was retired meanwhile."""
    lock_campaign(session, campaign)
    for theme in themes:
        session.refresh(theme)
        if theme.retired_at is not None:
            raise Conflict


def chosen_placements(
    session: Session,
    campaign: Campaign,
    idea_ids: Iterable[int],
    seen: Seen | None,
    concerned: ColumnElement[bool],
    *,
    unseen: Collection[int] = (),
) -> list[Placement]:
    """The placements of those of the chosen ideas that an edit concerns.

    `unseen`: ideas whose placement is elsewhere than where they were seen, as they count there by a passage.
    Raises NothingChosen where there is none, MovedMeanwhile where one of the ideas is not where the person saw it.
    """
    wanted = set(idea_ids)
    if seen is not None:
        check_still_there(session, campaign, wanted - set(unseen), seen)
    chosen = [
        placement
        for some in chunks(sorted(wanted))
        for placement in session.scalars(
            select(Placement)
            .where(Placement.campaign_id == campaign.id, Placement.idea_id.in_(some), concerned)
            .order_by(Placement.idea_id)
            .execution_options(populate_existing=True)
        )
    ]
    if not chosen:
        raise NothingChosen
    return chosen


def check_still_there(session: Session, campaign: Campaign, idea_ids: Collection[int], seen: Seen) -> None:
    """Raises MovedMeanwhile, with the first few, if one of the campaign's ideas is not where the person saw it."""
    elsewhere: ColumnElement[bool] = true()  # where each has a place of its own, they are compared below
    if isinstance(seen, Theme):
        elsewhere = Placement.theme_id.is_distinct_from(seen.id)
    elif isinstance(seen, Leftover):
        elsewhere = Placement.leftover.is_distinct_from(seen)
    moved = [
        idea
        for some in chunks(sorted(idea_ids))
        for idea, theme_id, leftover in session.execute(
            select(Idea, Placement.theme_id, Placement.leftover)
            .join(Placement, Placement.idea_id == Idea.id)
            .where(Idea.id.in_(some), Placement.campaign_id == campaign.id, is_submitted(), elsewhere)
            .order_by(Idea.id)
        )
        if not isinstance(seen, Mapping) or seen.get(idea.id, place := theme_id or leftover) != place
    ]
    if moved:
        raise MovedMeanwhile(ideas=listed([idea.title or idea.body for idea in moved]))


def listed(texts: Sequence[str]) -> str:
    """The first few of some texts, each shortened, and how many more there are."""
    more = f" (+{len(texts) - MAX_NAMED})" if len(texts) > MAX_NAMED else ""
    return " · ".join(shorten(text, MAX_NAMED_LENGTH) for text in texts[:MAX_NAMED]) + more


def place(placements: Iterable[Placement], theme: Theme | None, by: Person, how: PlacedHow) -> None:
    for placement in placements:
        move(placement, theme.id if theme else None)
        placement.placed_by_id, placement.placed_how = by.id, how


def lift(session: Session, forbidden: Iterable[Forbidden]) -> None:
    for row in forbidden:
        session.delete(row)
    session.flush()
