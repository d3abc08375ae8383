"""What the authors of a theme's ideas chose in the form: its segments, for whoever manages the campaign."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Case, String, case, cast, func, select
from sqlalchemy.orm import Session

from ideas.campaigns.form_field import FieldKind, FormField, fields_of
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea, is_submitted
from ideas.spaces.segment import MIN_SHOWN
from ideas.themes.passage import counted
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class OptionShare:
    """How many people chose this option, among the ideas of the theme and among all of the campaign."""

    label: str
    people: int
    share: float
    share_of_all: float


@dataclass(frozen=True, slots=True)
class FieldShares:
    """A choice of the form. `people`: how many chose something; no options where they are fewer than five."""

    field: FormField
    people: int
    options: Sequence[OptionShare]


def field_shares(session: Session, theme: Theme) -> list[FieldShares]:
    """What people chose who wrote ideas that count in the theme. Whoever manages the campaign may read it.

    Somebody counts once for an option, however many ideas they wrote, named or anonymous. An imported author is known
    by their name alone, and an idea without a name is somebody of its own. Fewer than five people are never shown. Six
    queries at most.
    """
    fields = [field for field in fields_of(session, theme.campaign) if field.kind is FieldKind.CHOICE]
    if not fields:
        return []
    here, everywhere = _counts(session, theme, in_theme=True), _counts(session, theme, in_theme=False)
    found = []
    for field in fields:
        people, all_people = here.get((field.id, None), 0), everywhere.get((field.id, None), 0)
        if not people:
            continue
        shares = [
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


def _counts(session: Session, theme: Theme, *, in_theme: bool) -> dict[tuple[int, int | None], int]:
    """How many people chose each option, by field and option; with no option, anything in the field."""
    people = func.count(somebody().distinct())
    found = (
        select(FieldValue.field_id, people)
        .join(Idea, Idea.id == FieldValue.idea_id)
        .outerjoin(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(Idea.campaign_id == theme.campaign_id, is_submitted(), FieldValue.option_id.is_not(None))
    )
    if in_theme:
        there = counted(theme_id=theme.id).subquery()
        found = found.where(Idea.id.in_(select(there.c.idea_id)))
    counts: dict[tuple[int, int | None], int] = {
        (field_id, None): count for field_id, count in session.execute(found.group_by(FieldValue.field_id))
    }
    each = found.add_columns(FieldValue.option_id).group_by(FieldValue.field_id, FieldValue.option_id)
    return counts | {(field_id, option_id): count for field_id, count, option_id in session.execute(each)}
