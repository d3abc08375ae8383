"""What the authors of a theme's ideas gave in the form: its segments, for whoever manages the campaign."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Case, ColumnElement, String, case, cast, func, literal, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, fields_of
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.fields.ranges import NumberRange, number_ranges, range_number
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea, is_submitted
from ideas.spaces.segment import MIN_SHOWN
from ideas.themes.passage import counted
from ideas.themes.theme import Theme

# The kinds of fields that make segments: a file says nothing that people have in common.
SEGMENTING = frozenset({FieldKind.CHOICE, FieldKind.NUMBER, FieldKind.PLACE})
# Numbers of people by field and option; with no option, of whoever gave something in the field.
Counts = dict[tuple[int, int | None], int]


@dataclass(frozen=True, slots=True)
class InField:
    """A number of a range, or a place, that is given in a field."""

    field_id: int
    range: NumberRange | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class OptionShare:
    """How many people gave this, among the ideas of the theme and among all of the campaign. `label`: the option or the
    place, as it is written; empty for a `range` of numbers.
    """

    label: str
    people: int
    share: float
    share_of_all: float
    range: NumberRange | None = None


@dataclass(frozen=True, slots=True)
class FieldShares:
    """A choice, a number or a place of the form. `people`: how many gave something; no options where they are fewer
    than five.
    """

    field: FormField
    people: int
    options: Sequence[OptionShare]


def field_shares(session: Session, theme: Theme) -> list[FieldShares]:
    """What people gave who wrote ideas that count in the theme. Whoever manages the campaign may read it.

    Somebody counts once for an option, however many ideas they wrote, named or anonymous. An imported author is known
    by their name alone, and an idea without a name is somebody of its own. Fewer than five people are never shown: of
    numbers and places, which are no closed list, neither is a range nor a place that fewer gave. Eleven queries at
    most.
    """
    fields = [field for field in fields_of(session, theme.campaign) if field.kind in SEGMENTING]
    if not fields:
        return []
    here, everywhere = _counts(session, theme, in_theme=True), _counts(session, theme, in_theme=False)
    more = _further_shares(session, theme, fields, here, everywhere)
    found = []
    for field in fields:
        people, all_people = here.get((field.id, None), 0), everywhere.get((field.id, None), 0)
        if not people:
            continue
        shares = more.get(field.id, []) + [
            OptionShare(
                option.label,
                here.get((field.id, option.id), 0),
                here.get((field.id, option.id), 0) / people,
                everywhere.get((field.id, option.id), 0) / all_people,
            )
            for option in field.options
            if (field.id, option.id) in everywhere
        ]
        found.append(FieldShares(field, people, shares if people >= MIN_SHOWN else ()))
    return found


def _further_shares(
    session: Session, theme: Theme, fields: Sequence[FormField], here: Counts, everywhere: Counts
) -> dict[int, list[OptionShare]]:
    """The shares of ranges, from the smallest number on, and of places, the most frequent first, by field."""
    ranges = number_ranges(session, theme.campaign, fields)
    of_theme = {given: people for _, given, people in count_given(session, theme.campaign, fields, ranges, theme=theme)}
    of_all = {given: people for _, given, people in count_given(session, theme.campaign, fields, ranges)}
    found: dict[int, list[OptionShare]] = {}
    for given, people in sorted(of_theme.items(), key=lambda one: (_start(one[0]), -one[1], one[0].place.casefold())):
        share = people / here[given.field_id, None]
        share_of_all = of_all[given] / everywhere[given.field_id, None]
        found.setdefault(given.field_id, []).append(OptionShare(given.place, people, share, share_of_all, given.range))
    return found


def count_given(
    session: Session,
    campaign: Campaign,
    fields: Sequence[FormField],
    ranges: Sequence[NumberRange],
    *,
    theme: Theme | None = None,
    by_theme: bool = False,
) -> list[tuple[int, InField, int]]:
    """How many people gave a number of each range, and each place: (theme, what, people), five people or more alone.

    `theme`: among its ideas; `by_theme`: among those of each theme, by its id, which is 0 elsewhere. Places are the
    same where they are written the same. Two queries at most.
    """
    kinds = {field.kind for field in fields}
    themes: ColumnElement[Any] = literal(0)
    given = (
        select(somebody().label("who"), FieldValue.field_id, FieldValue.text, range_number(ranges).label("place"))
        .select_from(FieldValue)
        .join(Idea, Idea.id == FieldValue.idea_id)
        .outerjoin(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, is_submitted())
    )
    if theme is not None:
        given = given.where(Idea.id.in_(select(counted(theme_id=theme.id).subquery().c.idea_id)))
    elif by_theme:
        there = counted(campaign_id=campaign.id).subquery()
        given, themes = given.join(there, there.c.idea_id == Idea.id), there.c.theme_id
    each = given.add_columns(themes.label("theme_id")).subquery()
    people = func.count(each.c.who.distinct())
    found = []
    if ranges:
        numbers = select(each.c.theme_id, each.c.place, people).where(each.c.place.is_not(None))
        numbers = numbers.group_by(each.c.theme_id, each.c.place).having(people >= MIN_SHOWN)
        for theme_id, place, number in session.execute(numbers):
            found.append((theme_id, InField(ranges[place].field_id, range=ranges[place]), number))
    if FieldKind.PLACE in kinds:
        places = select(each.c.theme_id, each.c.field_id, each.c.text, people).where(each.c.text != "")
        places = places.group_by(each.c.theme_id, each.c.field_id, each.c.text).having(people >= MIN_SHOWN)
        for theme_id, field_id, text, number in session.execute(places):
            found.append((theme_id, InField(field_id, place=text), number))
    return found


def _start(given: InField) -> float:
    least = given.range.least if given.range is not None else None
    return least if least is not None else -math.inf


def somebody() -> Case[str]:
    """Who wrote an idea, as one text: an account, also of an anonymous idea; else a name from a file, else the idea.

    The query joins Idea, and AnonymousAuthor from outside.
    """
    return case(
        (Idea.author_id.is_not(None), "p" + cast(Idea.author_id, String)),
        (AnonymousAuthor.person_id.is_not(None), "p" + cast(AnonymousAuthor.person_id, String)),
        (Idea.author_name != "", "n" + Idea.author_name),
        else_="i" + cast(Idea.id, String),
    )


def _counts(session: Session, theme: Theme, *, in_theme: bool) -> Counts:
    """How many people chose each option, by field and option; with no option, gave anything in the field."""
    people = func.count(somebody().distinct())
    found = (
        select(FieldValue.field_id, people)
        .join(Idea, Idea.id == FieldValue.idea_id)
        .outerjoin(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(Idea.campaign_id == theme.campaign_id, is_submitted())
        .where(FieldValue.option_id.is_not(None) | FieldValue.number.is_not(None) | (FieldValue.text != ""))
    )
    if in_theme:
        there = counted(theme_id=theme.id).subquery()
        found = found.where(Idea.id.in_(select(there.c.idea_id)))
    counts: Counts = {
        (field_id, None): count for field_id, count in session.execute(found.group_by(FieldValue.field_id))
    }
    chosen = found.where(FieldValue.option_id.is_not(None))
    each = chosen.add_columns(FieldValue.option_id).group_by(FieldValue.field_id, FieldValue.option_id)
    return counts | {(field_id, option_id): count for field_id, count, option_id in session.execute(each)}
