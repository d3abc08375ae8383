"""Who asks for a theme: groups of its authors, by what they gave in the form and by the profile that they gave.

No group of fewer than five people is ever shown, and numbers are rounded down: see `shown_counts`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import fields_of
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.fields.ranges import NumberRange, number_ranges
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea, is_submitted
from ideas.spaces.segment import PersonValue, attributes, rounded, shown_counts
from ideas.themes.field_shares import SEGMENTING, InField, count_given, somebody
from ideas.themes.passage import counted
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class Group:
    """People who have something in common. `key`: for an address; `of`: the field or the attribute; `label`: the
    option, the place or the value, empty for a `range` of numbers.
    """

    key: str
    of: str
    label: str
    range: NumberRange | None = None

    @property
    def order(self) -> tuple[str, float, str, str]:
        """By the field or the attribute, then from the smallest number on, then by name."""
        least = self.range.least if self.range is not None else None
        start = least if least is not None else -math.inf
        return self.of.casefold(), start, self.label.casefold(), self.key


@dataclass(frozen=True, slots=True)
class ThemeGroup:
    """A group among the authors of a theme. `people`: rounded down, at least five."""

    group: Group
    people: int


def groups_by_theme(session: Session, campaign: Campaign, *, before: datetime) -> dict[int, list[ThemeGroup]]:
    """The groups of each theme of the campaign, the largest first. Those who manage the campaign may read them.

    Of the form: whoever chose an option, gave a number of a range or a place, named or not, as in `field_shares`. Of
    profiles: the named authors of ideas
    that were sent before `before`, which is today's midnight: who saw a number move when somebody writes would know
    their profile. For the same reason, none of a theme that people moved ideas into or out of: who moves the ideas of
    one member would see it, too. Ten queries at most.
    """
    found: dict[int, list[ThemeGroup]] = {}
    for theme_id, group, people in [*_by_field(session, campaign), *_by_profile(session, campaign, before)]:
        found.setdefault(theme_id, []).append(ThemeGroup(group, people))
    for groups in found.values():
        groups.sort(key=lambda one: (-one.people, one.group.order))
    return found


def groups_in(found: Mapping[int, Sequence[ThemeGroup]]) -> list[Group]:
    """The groups that some theme has, by their names."""
    groups = {one.group for several in found.values() for one in several}
    return sorted(groups, key=lambda group: group.order)


def _by_field(session: Session, campaign: Campaign) -> Iterable[tuple[int, Group, int]]:
    fields = [field for field in fields_of(session, campaign) if field.kind in SEGMENTING]
    if not fields:
        return
    names = {field.id: field.label for field in fields}
    ranges = number_ranges(session, campaign, fields)
    for theme_id, given, people in count_given(session, campaign, fields, ranges, by_theme=True):
        if (shown := rounded(people)) is not None:
            yield theme_id, _group(given, names[given.field_id]), shown
    groups = {
        option.id: Group(f"f{option.id}", field.label, option.label) for field in fields for option in field.options
    }
    if not groups:
        return
    here = counted(campaign_id=campaign.id).subquery()
    counts = (
        select(here.c.theme_id, FieldValue.option_id, func.count(somebody().distinct()))
        .select_from(FieldValue)
        .join(Idea, Idea.id == FieldValue.idea_id)
        .join(here, here.c.idea_id == Idea.id)
        .outerjoin(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(Idea.campaign_id == campaign.id, is_submitted(), FieldValue.option_id.in_(groups))
        .group_by(here.c.theme_id, FieldValue.option_id)
    )
    for theme_id, option_id, people in session.execute(counts):
        if (shown := rounded(people)) is not None and option_id is not None:
            yield theme_id, groups[option_id], shown


def _group(given: InField, name: str) -> Group:
    if given.range is not None:
        return Group(given.range.key, name, "", given.range)
    return Group(f"p{given.field_id}:{given.place}", name, given.place)


def _by_profile(session: Session, campaign: Campaign, before: datetime) -> Iterable[tuple[int, Group, int]]:
    known = attributes(session)
    if not known:
        return
    here = counted(campaign_id=campaign.id).subquery()
    people = func.count(Idea.author_id.distinct())
    is_earlier = is_submitted() & Idea.author_id.is_not(None) & (Idea.submitted_at < before)
    as_found = here.c.theme_id.in_(select(Theme.id).where(Theme.campaign_id == campaign.id, ~Theme.reshaped_by_people))
    authors = select(here.c.theme_id, people).join(Idea, Idea.id == here.c.idea_id).where(is_earlier, as_found)
    by_value = (
        select(here.c.theme_id, PersonValue.value_id, people)
        .join(Idea, Idea.id == here.c.idea_id)
        .join(PersonValue, PersonValue.person_id == Idea.author_id)
        .where(is_earlier, as_found)
        .group_by(here.c.theme_id, PersonValue.value_id)
    )
    totals = {theme_id: count for theme_id, count in session.execute(authors.group_by(here.c.theme_id))}  # noqa: C416 -- a row is no pair for mypy
    counts = {(theme_id, value_id): count for theme_id, value_id, count in session.execute(by_value)}
    for attribute in known:
        groups = {value.id: Group(f"v{value.id}", attribute.name, value.name) for value in attribute.values}
        for theme_id, total in totals.items():
            in_theme: dict[int | None, int] = {value: counts.get((theme_id, value), 0) for value in groups}
            in_theme[None] = total - sum(in_theme.values())  # who has none is a group too
            for value_id, shown in shown_counts(in_theme).items():
                if shown is not None and value_id is not None:
                    yield theme_id, groups[value_id], shown
